"""Commands about purchase orders: place, confirm, delay, receive and cancel what vendors owe."""

from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from stocktrail.commands.fields import MAX_LINES, Day, Key, LineNumber, Quantity, Text, VendorName
from stocktrail.commands.model import Body, Command, Part
from stocktrail.commands.orders.lines import LineParts, each_line_once, units_of
from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.purchase_orders import cancelling, placing, receiving, terms
from stocktrail.ledger.purchase_orders.events import PurchaseLineTerms
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.purchase_orders.terms import Terms
from stocktrail.ledger.store.engine.unit_of_work import UnitOfWork

__all__ = [
    "CancelPurchaseOrder", "ConfirmPurchaseOrder", "DelayPurchaseOrder", "PlacePurchaseOrder",
    "PurchaseLine", "ReceiveGoods", "TermsPart",
]


class _PurchaseOrderCommand(Command):
    purchase_order: Key = Field(description="The purchase order.")

    def stream(self) -> str:
        return PurchaseOrder.stream_of(self.purchase_order)


class PurchaseLine(Part):
    """One line of a new purchase order."""

    line: LineNumber | None = Field(
        default=None, description="Its number; default: 1, 2, 3 in order."
    )
    sku: Key = Field(description="The item.")
    quantity: Quantity = Field(description="How many units are ordered.")
    expected_date: Day | None = Field(
        default=None,
        description="When they are expected; default: not known until it is confirmed.",
    )


class PlacePurchaseOrder(_PurchaseOrderCommand):
    """Order goods from a vendor."""

    command: ClassVar[str] = "place-purchase-order"
    example: ClassVar[Body] = {
        "purchase_order": "PO-1", "vendor": "Lumen",
        "lines": [{"sku": "LAMP", "quantity": 10, "expected_date": "2026-03-05"}],
    }

    vendor: VendorName = Field(description="The name of who delivers.")
    lines: Annotated[
        list[PurchaseLine], Field(min_length=1, max_length=MAX_LINES),
        AfterValidator(each_line_once),
    ] = Field(description="What is ordered.")
    source: Key = Field(default="default", description="Where it is delivered.")

    @model_validator(mode="after")
    def _numbers_do_not_collide(self) -> Self:
        numbers = self._numbers()
        if len(set(numbers)) < len(numbers):
            raise PydanticCustomError(
                "repeated", "lines: a given line number is also the place of a line without one"
            )
        return self

    def _numbers(self) -> list[int]:
        return [line.line or place for place, line in enumerate(self.lines, start=1)]

    def begins(self) -> str:
        """Return the stream that it begins."""
        return self.stream()

    def decide(self, work: UnitOfWork) -> Decision:
        """Order the goods."""
        lines = [
            PurchaseLineTerms(
                line=number, sku=line.sku, quantity=line.quantity, expected_date=line.expected_date
            )
            for number, line in zip(self._numbers(), self.lines, strict=True)
        ]
        order = work.purchase_order(self.purchase_order)
        return placing.place(order, work, self.vendor, self.source, lines, work.content)


class TermsPart(Part):
    """Other terms for one line."""

    line: LineNumber = Field(description="The line.")
    expected_date: Day | None = Field(default=None, description="When it is expected now.")
    quantity: Quantity | None = Field(default=None, description="How many units were confirmed.")


class _TermsCommand(_PurchaseOrderCommand):
    expected_date: Day | None = Field(default=None, description="For all lines that name none.")
    lines: Annotated[
        list[TermsPart], Field(min_length=1, max_length=MAX_LINES), AfterValidator(each_line_once)
    ] | None = Field(default=None, description="Which lines; default: all open ones.")
    reason: Text | None = Field(default=None, description="Why.")

    def _terms(self) -> list[Terms] | None:
        return None if self.lines is None else [
            Terms(part.line, part.quantity, part.expected_date) for part in self.lines
        ]


class ConfirmPurchaseOrder(_TermsCommand):
    """Take over what the vendor confirmed: as ordered, or with other dates or quantities."""

    command: ClassVar[str] = "confirm-purchase-order"
    example: ClassVar[Body] = {"purchase_order": "PO-1", "expected_date": "2026-03-06"}

    def decide(self, work: UnitOfWork) -> Decision:
        """Take over the confirmed terms."""
        order = work.purchase_order(self.purchase_order)
        return terms.confirm(order, work, self._terms(), self.expected_date, self.reason)


class DelayPurchaseOrder(_TermsCommand):
    """Move the expected date of a purchase order, or of some of its lines."""

    command: ClassVar[str] = "delay-purchase-order"
    example: ClassVar[Body] = {
        "purchase_order": "PO-1", "expected_date": "2026-03-12", "reason": "strike",
    }

    @model_validator(mode="after")
    def _some_date(self) -> Self:
        undated = self.lines is None or any(part.expected_date is None for part in self.lines)
        if self.expected_date is None and undated:
            raise PydanticCustomError(
                "no_date", "name an expected_date, for the purchase order or for every line"
            )
        return self

    def decide(self, work: UnitOfWork) -> Decision:
        """Take over the new dates."""
        order = work.purchase_order(self.purchase_order)
        return terms.delay(order, work, self._terms(), self.expected_date, self.reason)


class ReceiveGoods(_PurchaseOrderCommand):
    """Receive goods of a purchase order; they serve the waiting lines at once."""

    command: ClassVar[str] = "receive-goods"
    example: ClassVar[Body] = {
        "purchase_order": "PO-1", "receipt": "GR-1", "lines": [{"line": 1, "quantity": 1}],
    }

    receipt: Key = Field(description="The id of the receipt.")
    lines: LineParts | None = Field(
        default=None, description="Which lines; default: all that is open."
    )
    source: Key | None = Field(
        default=None, description="Where; default: the purchase order's source."
    )

    def decide(self, work: UnitOfWork) -> Decision:
        """Put the goods on hand and serve the queues."""
        return receiving.receive(
            work.purchase_order(self.purchase_order), work, self.receipt, self.source,
            units_of(self.lines), work.content,
        )


class CancelPurchaseOrder(_PurchaseOrderCommand):
    """Cancel what a vendor still owes, or part of it."""

    command: ClassVar[str] = "cancel-purchase-order"
    example: ClassVar[Body] = {
        "purchase_order": "PO-1", "lines": [{"line": 1, "quantity": 1}], "reason": "too late",
    }

    lines: LineParts | None = Field(
        default=None, description="Which lines; default: all that is open."
    )
    reason: Text | None = Field(default=None, description="Why.")

    def decide(self, work: UnitOfWork) -> Decision:
        """Cancel the open units."""
        order = work.purchase_order(self.purchase_order)
        return cancelling.cancel(order, work, units_of(self.lines), self.reason)
