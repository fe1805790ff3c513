"""Recipients of notices, looked up when a notice is sent and not stored."""

from email.headerregistry import Address
from typing import NamedTuple, cast

from stocktrail.feeds.notices.due import DueNotice
from stocktrail.feeds.notices.writing import addresses
from stocktrail.ledger.customer import Customer
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.side_tables.customer_keys import CustomerKeys


class Recipients(NamedTuple):
    """The recipients of a notice and their name, or why there is nobody."""

    to: list[Address]
    name: str | None = None
    nobody_because: str | None = None


class AddressBook:
    """Finds the recipients of notices: the shop, and customers who are not erased."""

    def __init__(self, ledger: Ledger, shop: str | None, *, customers: bool) -> None:
        self._ledger = ledger
        self._shop = addresses(shop) if shop else []
        self._customers = customers

    def of(self, notice: DueNotice) -> Recipients:
        """Return the recipients of a notice."""
        if notice.customer is None:
            nobody = None if self._shop else "Nobody is to be told of low stock."
            return Recipients(self._shop, None, nobody)
        if not self._customers:
            return Recipients([], None, "Customers are not told.")
        found = cast(Customer, self._ledger.aggregate(Customer.stream_of(notice.customer)))
        if not found.is_registered:
            return Recipients([], None, f"The customer is {found.standing}.")
        opened = CustomerKeys(self._ledger).decrypt(notice.customer, found.sealed) or {}
        if "email" not in opened:
            return Recipients([], None, "The customer has no e-mail address.")
        try:
            return Recipients(addresses(opened["email"])[:1], opened.get("name"))
        except ValueError:
            return Recipients([], None, "The customer's e-mail address is none.")
