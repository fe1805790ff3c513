"""Customers: who they are, sealed with a key of their own, and that they were erased.

A name, an e-mail address and a postal address come in sealed: as ciphertext of which the ledger
knows only the key's id. Keys are kept outside the log, so a customer is erased by destroying one
key, and no event, number or position changes.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from stocktrail.ledger.base.aggregate import Aggregate
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.wording import because

PERSONAL = ("name", "email", "address")
"""The fields that say who a customer is; they are never kept readable."""

Sealed = Mapping[str, str]
"""Personal fields by name, as ciphertext."""

# ------------------------------------------------------------------ events


class CustomerRegistered(Event):
    """A customer was made known, or described again; personal fields are sealed with ``key``."""

    customer: str
    key: str | None = None
    name: str | None = None
    email: str | None = None
    address: str | None = None

    @property
    def sentence(self) -> str:
        return "The customer was registered."


class CustomerErased(Event, kw_only=True):
    """Who a customer is was forgotten: ``key`` is destroyed, and what it sealed is unreadable."""

    customer: str
    key: str | None = None
    reason: str

    @property
    def sentence(self) -> str:
        return (
            f"Who the customer is was erased{because(self.reason)}; nobody can read it any more."
        )


# ------------------------------------------------------------------ state


class Customer(Aggregate):
    """One customer: sealed fields, the key that opens them, and the keys that were destroyed."""

    __slots__ = ("destroyed", "is_registered", "key_id", "sealed")

    category = "customer"

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.is_registered: bool = False
        self.key_id: str | None = None
        self.sealed: dict[str, str] = {}
        self.destroyed: set[str] = set()

    def _registered(self, event: CustomerRegistered) -> None:
        self.is_registered = True
        self.key_id = event.key
        fields = {"name": event.name, "email": event.email, "address": event.address}
        self.sealed = {name: text for name, text in fields.items() if text is not None}

    def _erased(self, event: CustomerErased) -> None:
        self.is_registered = False
        self.sealed = {}
        self.key_id = None
        if event.key is not None:
            self.destroyed.add(event.key)

    appliers: ClassVar[Mapping[type[Event], Any]] = {
        CustomerRegistered: _registered,
        CustomerErased: _erased,
    }

    def to_state(self) -> dict[str, Any]:
        """Return what is known, still sealed, as JSON values."""
        return {
            "is_registered": self.is_registered, "key_id": self.key_id, "sealed": self.sealed,
            "destroyed": sorted(self.destroyed),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Replace the state by one that :meth:`to_state` returned."""
        self.is_registered = state["is_registered"]
        self.key_id = state["key_id"]
        self.sealed = state["sealed"]
        self.destroyed = set(state["destroyed"])

    def clone(self) -> Self:
        """Copy the customer with all that is sealed."""
        copy = self.blank_copy()
        copy.is_registered, copy.key_id = self.is_registered, self.key_id
        copy.sealed, copy.destroyed = dict(self.sealed), set(self.destroyed)
        return copy

    @property
    def standing(self) -> str:
        """Whether the customer is ``registered``, ``erased`` or ``unknown``."""
        if self.is_registered:
            return "registered"
        return "erased" if self.version else "unknown"

    # -------------------------------------------------------------- decisions

    def register(self, key: str | None, sealed: Sealed) -> list[Event]:
        """Make the customer known; what is left out stays, and the same again changes nothing.

        ``key`` names what ``sealed`` was sealed with. Refuses with ``key_destroyed`` when the
        customer was erased between sealing and deciding: the fields could never be read.
        """
        if key in self.destroyed:
            raise Refusal(
                "key_destroyed",
                f"Customer {self.key} was erased while this was on its way, so nobody could ever "
                "read it. Register the customer with a new id if that is still wanted.",
                customer=self.key,
            )
        kept = self.sealed if key in (None, self.key_id) else {}
        fields = {**kept, **{name: str(text) for name, text in sealed.items()}}
        key = self.key_id if key is None else key
        if self.is_registered and (self.key_id, self.sealed) == (key, fields):
            return []
        return [CustomerRegistered(customer=self.key, key=key, **fields)]

    def erase(self, reason: str) -> list[Event]:
        """Forget who the customer is; twice changes nothing.

        Refuses with ``unknown_customer`` a customer who was never registered: there is nothing to
        erase, and nobody should think that something was.
        """
        if self.is_registered:
            return [CustomerErased(customer=self.key, key=self.key_id, reason=reason)]
        if self.version:
            return []
        raise Refusal(
            "unknown_customer",
            f"There is no customer {self.key}: nobody was registered under this id.",
            customer=self.key,
        )
