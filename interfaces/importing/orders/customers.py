"""Customers of imported orders: under an id that tells nobody who they are.

Ids stay in the log for ever, names and addresses do not. An order whose file names its customer by
an e-mail address, or not at all, gets an id made of that address, the same for all orders of one
customer; who it is is registered beside it, sealed, and can be erased.
"""

from hashlib import blake2b
from typing import NamedTuple

from pydantic import ValidationError

from stocktrail.commands.customers import RegisterCustomer
from stocktrail.interfaces.importing.orders.documents import FiledOrder

_NOBODY = frozenset(("0", "guest", "n/a", "-"))


class OrderingCustomer(NamedTuple):
    """Who ordered: an id, and what the file says of who it is."""

    customer: str
    name: str = ""
    email: str = ""

    def registration(self) -> RegisterCustomer | None:
        """Return the command that makes the customer known, ``None`` where nothing is said.

        An address that is none is left out: an order is not kept back for it.
        """
        if not self.name and not self.email:
            return None
        name = self.name[:1000] or None
        try:
            return RegisterCustomer(customer=self.customer, name=name, email=self.email or None)
        except ValidationError:
            return RegisterCustomer(customer=self.customer, name=name) if name else None


def buyer_of(document: FiledOrder) -> OrderingCustomer:
    """Return who ordered: by the file's id, else by the e-mail address, else by the order."""
    given, email = document.text("customer"), document.text("email").lower()
    first_and_last = f"{document.text('first_name')} {document.text('last_name')}".strip()
    name = document.text("name") or first_and_last
    if "@" in given:
        given, email = "", email or given.lower()
    if given.lower() in _NOBODY:
        given = ""
    if not given:
        given = pseudonym(email) if email else f"guest-{document.key}"
    return OrderingCustomer(given, name, email)


def pseudonym(email: str) -> str:
    """Return the id of a customer who is known by an e-mail address alone.

    It cannot be turned back into the address; whoever has the address can make it again.

    >>> pseudonym("Ada@analytical.example") == pseudonym("ada@analytical.example ")
    True
    """
    return f"C-{blake2b(email.strip().lower().encode(), digest_size=6).hexdigest()}"
