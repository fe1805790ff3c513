"""The shapes of explanations."""

from datetime import date, datetime
from typing import Any, Literal

from stocktrail.interfaces.api.shapes.orders import OrderReport, PromisePart
from stocktrail.interfaces.api.shapes.shape import Number, Position, Shape
from stocktrail.interfaces.api.shapes.stock import (
    CauseReport,
    OverdueReceiptReport,
    PolicyReport,
    StockReport,
)


class ToldEvent(Shape):
    """An event, and what it means in a sentence."""

    position: Position
    recorded_at: datetime
    occurred_at: datetime
    type: str
    stream: str
    command_id: str | None
    actor: str | None
    data: dict[str, Any]
    sentence: str


class StockArithmetic(Shape):
    """The numbers that lead to the salable quantity."""

    allocated: Number
    free: Number
    supply: Number
    demand: Number
    stored_threshold: Number
    effective_threshold: Number
    threshold_ignored: bool
    salable_quantity: Number


class StockExplanation(Shape):
    """Why an item's salable quantity is what it is."""

    sku: str
    pool: str
    as_of: Position
    sentences: list[str]
    arithmetic: StockArithmetic
    settings: PolicyReport
    stock: StockReport
    earlier_events: int
    events: list[ToldEvent]


class LineArithmetic(Shape):
    """The numbers of a line of an order."""

    line: int
    ordered: Number
    shipped: Number
    cancelled: Number
    released: Number
    remaining: Number
    allocated: Number
    backordered: Number


class OrderExplanation(Shape):
    """Why an order stands as it does."""

    order: str
    as_of: Position
    sentences: list[str]
    arithmetic: list[LineArithmetic]
    report: OrderReport
    events: list[ToldEvent]


class Before(Shape):
    """Who stands before a line in the queue."""

    lines: int
    backordered: Number


class PromiseChange(Shape):
    """A change that a promise went through."""

    position: Position
    recorded_at: datetime
    command_id: str | None
    quantity: Number
    old_date: date | None
    new_date: date | None
    told_date: date | None
    slip: bool
    notice: Literal["slip", "promise_found"] | None
    days: int | None
    uncertain: bool
    overdue_receipts: list[OverdueReceiptReport]
    cause: CauseReport


class PromiseExplanation(Shape):
    """Why a line of an order is promised for its day."""

    order: str
    line: int
    sku: str
    customer: str
    as_of: Position
    today: date
    requested_date: date
    promise_date: date | None
    ready_date: date | None
    uncertain: bool
    overdue_receipts: list[OverdueReceiptReport]
    promises: list[PromisePart]
    before: Before
    changes: list[PromiseChange]
    sentences: list[str]
