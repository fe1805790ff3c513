"""The customer report: who somebody is, as long as the key is there."""

from datetime import datetime
from typing import Any, ClassVar, Literal, cast

from pydantic import Field

from stocktrail.ledger.customer import PERSONAL, Customer
from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.side_tables.customer_keys import CustomerKeys
from stocktrail.projections.answers.shapes.shape import Position, Shape
from stocktrail.projections.questions.fields import CustomerId
from stocktrail.projections.questions.question import Example, Question, Report, Scope
from stocktrail.projections.read_models import ReadModels


class CustomerReport(Shape):
    """Who a customer is, as long as that may be known."""

    customer: str
    status: Literal["registered", "erased"]
    readable: bool
    name: str | None
    email: str | None
    address: str | None
    version: int
    changed_at: datetime
    position: Position


class CustomerDetails(Question[CustomerReport]):
    """Who a customer is, or that nobody knows any more."""

    question: ClassVar[str] = "customer"
    address: ClassVar[str | None] = "/customers/{customer}"
    tag: ClassVar[str] = "customers"
    scope: ClassVar[Scope] = "admin"
    is_personal: ClassVar[bool] = True
    example: ClassVar[Example] = {"customer": "ANNA"}

    customer: CustomerId = Field(description="The customer.")

    @property
    def needs_caught_up(self) -> bool:
        """It is read from the log."""
        return False

    def answer(self, models: ReadModels) -> Report:
        """Return who it is; refuses a customer that was never registered."""
        return customer(models.ledger, self.customer)


ERASED = "erased"
"""What stands in place of a name that nobody can read any more."""


def customer(ledger: Ledger, customer_id: str) -> dict[str, Any]:
    """Return who a customer is: name, e-mail and address as they were registered last.

    ``status`` is ``registered`` or ``erased``. Of an erased customer the name reads ``erased`` and
    the rest is ``None``; so it is where the keys were lost (``readable`` is then false, as after an
    erasure). Refuses with ``unknown_customer`` an id that was never registered.
    """
    stream = Customer.stream_of(customer_id)
    known = cast(Customer, ledger.aggregate(stream))
    if not known.version:
        raise Refusal(
            "unknown_customer",
            f"There is no customer {customer_id}: nobody was registered under this id.",
            customer=customer_id,
        )
    last = ledger.read_stream(stream, after_version=known.version - 1)[-1]
    opened = None
    if known.is_registered:
        opened = CustomerKeys(ledger).decrypt(customer_id, known.sealed)
    shown: dict[str, str | None] = dict.fromkeys(PERSONAL)
    if opened is None:
        shown["name"] = ERASED
    else:
        shown.update(opened)
    return {
        "customer": customer_id, "status": known.standing, "readable": opened is not None, **shown,
        "version": known.version, "changed_at": to_iso(last.recorded_at),
        "position": last.position,
    }


def who_is(ledger: Ledger, customer_id: str) -> dict[str, Any] | None:
    """Return who a customer is, ``None`` for one that was never registered."""
    if not ledger.version_at(Customer.stream_of(customer_id), ledger.head().position):
        return None
    return customer(ledger, customer_id)
