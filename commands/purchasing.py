"""Commands about purchase orders: place, confirm, delay, receive and cancel what vendors owe."""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from stocktrail.commands.fields import MAX_LINES, Day, Key, LineNumber, Quantity, Text, VendorName
from stocktrail.commands.model import Command, Part
from stocktrail.commands.orders.lines import LineParts, each_line_once
from stocktrail.ledger.purchase_orders.events import PurchaseLineTerms
from stocktrail.ledger.purchase_orders.state import PurchaseOrder, Terms
from stocktrail.ledger.quantity import to_text
from stocktrail.ledger.refusal import Refusal, refuse_all
from stocktrail.ledger.stock import movements
from stocktrail.ledger.stock.events import GoodsReceived
from stocktrail.ledger.stock.product import carry, require, require_quantity
from stocktrail.ledger.store.engine.unit_of_work import AlreadyRecorded, UnitOfWork

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

    def decide(self, work: UnitOfWork) -> None:
        """Record what was ordered, which its destination carries from now on.

        Refuses unknown items and sources.
        """
        order = work.purchase_order(self.purchase_order)
        content = work.content
        version = order.recorded_as("purchase_order", content)
        if version is not None:
            raise AlreadyRecorded(order.id, version)
        work.settings().require_source(self.source)
        refusals = []
        for line in self.lines:
            try:
                require(work.stock(line.sku))
                require_quantity(work.stock(line.sku), line.quantity)
            except Refusal as refusal:
                refusals.append(refusal)
        refuse_all(refusals)
        lines = [
            PurchaseLineTerms(
                line=number, sku=line.sku, quantity=line.quantity, expected_date=line.expected_date
            )
            for number, line in zip(self._numbers(), self.lines, strict=True)
        ]
        work.record(order, order.place(self.vendor, self.source, lines, content))
        _let_destination_carry(work, order, order.lines)


def _let_destination_carry(work: UnitOfWork, order: PurchaseOrder, numbers: Iterable[int]) -> None:
    """Let the destination carry what is still to come: goods on order make an item sellable.

    It does from the purchase order on; where an earlier version placed it, from when the vendor is
    next heard of.
    """
    lines = [order.lines[number] for number in numbers]
    for sku in dict.fromkeys(line.sku for line in lines if line.remaining):
        work.record(work.stock(sku), carry(work.stock(sku), work.settings(), order.source))


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

    def _terms(self, work: UnitOfWork, order: PurchaseOrder, doing: str) -> list[Terms]:
        order.require()
        if self.lines is None:
            return [
                Terms(number, None, self.expected_date) for number in order.open_lines(doing)
            ]
        for part in self.lines:
            line = order.require_line(part.line)
            if part.quantity is not None:
                require_quantity(work.stock(line.sku), part.quantity)
        return [
            Terms(part.line, part.quantity, part.expected_date or self.expected_date)
            for part in self.lines
        ]


class ConfirmPurchaseOrder(_TermsCommand):
    """Take over what the vendor confirmed: as ordered, or with other dates or quantities."""

    command: ClassVar[str] = "confirm-purchase-order"

    def decide(self, work: UnitOfWork) -> None:
        """Record the confirmed terms."""
        order = work.purchase_order(self.purchase_order)
        terms = self._terms(work, order, "confirmed")
        work.record(order, order.confirm(terms, self.reason))
        _let_destination_carry(work, order, [term.line for term in terms])


class DelayPurchaseOrder(_TermsCommand):
    """Move the expected date of a purchase order, or of some of its lines."""

    command: ClassVar[str] = "delay-purchase-order"

    @model_validator(mode="after")
    def _some_date(self) -> Self:
        undated = self.lines is None or any(part.expected_date is None for part in self.lines)
        if self.expected_date is None and undated:
            raise PydanticCustomError(
                "no_date", "name an expected_date, for the purchase order or for every line"
            )
        return self

    def decide(self, work: UnitOfWork) -> None:
        """Record the new dates."""
        order = work.purchase_order(self.purchase_order)
        terms = self._terms(work, order, "delayed")
        work.record(order, order.delay(terms, self.reason))
        _let_destination_carry(work, order, [term.line for term in terms])


class ReceiveGoods(_PurchaseOrderCommand):
    """Receive goods of a purchase order; they serve the waiting lines at once."""

    command: ClassVar[str] = "receive-goods"

    receipt: Key = Field(description="The id of the receipt.")
    lines: LineParts | None = Field(
        default=None, description="Which lines; default: all that is open."
    )
    source: Key | None = Field(
        default=None, description="Where; default: the purchase order's source."
    )

    def decide(self, work: UnitOfWork) -> None:
        """Put the goods on hand and serve the queues; more than was ordered is flagged."""
        order = work.purchase_order(self.purchase_order)
        order.require()
        content = work.content
        version = order.recorded_as(f"receipt/{self.receipt}", content)
        if version is not None:
            raise AlreadyRecorded(order.id, version)
        source = self.source or order.source
        arrived = order.arrivals(_wanted(order, self.lines, "received"))
        goods: dict[str, list[GoodsReceived]] = {}
        for each in arrived:
            goods.setdefault(each.sku, []).append(GoodsReceived(
                sku=each.sku, source=source, quantity=each.quantity, over=each.over,
                purchase_order=self.purchase_order, line=each.line, receipt=self.receipt,
            ))
        moved = {
            sku: movements.receive_goods(
                stock := work.stock(sku), work.settings(), source, events, work.when(stock)
            )
            for sku, events in goods.items()
        }
        work.record(order, order.receive(self.receipt, source, arrived, content))
        for sku, events in moved.items():
            work.record_moved(work.stock(sku), events)
        for each in arrived:
            if each.over:
                work.add_message(_over(self.purchase_order, each.line, each.sku, each.over))


class CancelPurchaseOrder(_PurchaseOrderCommand):
    """Cancel what a vendor still owes, or part of it."""

    command: ClassVar[str] = "cancel-purchase-order"

    lines: LineParts | None = Field(
        default=None, description="Which lines; default: all that is open."
    )
    reason: Text | None = Field(default=None, description="Why.")

    def decide(self, work: UnitOfWork) -> None:
        """Cancel the open units."""
        order = work.purchase_order(self.purchase_order)
        order.require()
        if self.lines is None and order.is_cancelled:
            return
        wanted = _wanted(order, self.lines, "cancelled")
        for number, quantity in wanted:
            if quantity is not None:
                require_quantity(work.stock(order.require_line(number).sku), quantity)
        work.record(order, order.cancel(wanted, self.reason))


def _wanted(
    order: PurchaseOrder, parts: LineParts | None, doing: str
) -> list[tuple[int, int | None]]:
    if parts is not None:
        return [(part.line, part.quantity) for part in parts]
    return [(number, None) for number in order.open_lines(doing)]


def _over(purchase_order: str, line: int, sku: str, over: int) -> str:
    return (
        f"{to_text(over)} of {sku} on line {line} of purchase order {purchase_order} are more "
        "than was ordered."
    )
