"""The shapes of answers about orders and purchase orders."""

from datetime import date, datetime
from typing import Literal

from stocktrail.interfaces.api.shapes.shape import Money, Number, Position, Shape
from stocktrail.interfaces.api.shapes.stock import OverdueReceiptReport, SettingReport
from stocktrail.ledger.pegging import Blocked


class PromisePart(Shape):
    """A part of what a line is promised: allocated, pegged to a purchase line, or uncovered."""

    quantity: Number
    ready_date: date | None
    promise_date: date | None
    uncertain: bool
    purchase_order: str | None
    purchase_line: int | None


class LinePolicy(Shape):
    """The policy that a line was accepted under."""

    backorders: SettingReport


class OrderLineReport(Shape):
    """A line of an order."""

    line: int
    sku: str
    ordered: Number
    shipped: Number
    cancelled: Number
    released: Number
    remaining: Number
    allocated: Number
    backordered: Number
    requested_date: date
    unit_price: Money | None
    returned: Number
    written_off: Number
    managed: bool
    policy: LinePolicy
    promises: list[PromisePart]
    promise_date: date | None
    ready_date: date | None
    uncovered: Number
    lost: bool
    uncertain: bool
    overdue_receipts: list[OverdueReceiptReport]
    slips: int
    days_slipped: int


class OrderReport(Shape):
    """An order with its lines."""

    order: str
    customer: str
    pool: str
    priority: int
    ship_policy: Literal["partial", "complete"]
    currency: str | None
    captured_amount: Money | None
    refunded_amount: Money | None
    status: str
    placed_at: datetime
    position: Position
    lines: list[OrderLineReport]
    version: int
    as_of: Position
    today: date


class WaitingReport(Shape):
    """Who waits for a purchase line."""

    customer: str
    order: str
    line: int
    quantity: Number
    requested_date: date
    promise_date: date | None
    uncertain: bool
    overdue_receipts: list[OverdueReceiptReport]


class PurchaseOrderLineReport(Shape):
    """A line of a purchase order."""

    line: int
    sku: str
    ordered: Number
    received: Number
    over_received: Number
    cancelled: Number
    remaining: Number
    original_expected_date: date | None
    expected_date: date | None
    overdue: bool
    undated: bool
    blocked: Blocked | None
    days_late: int
    slips: int
    waiting: list[WaitingReport]


class PurchaseOrderReport(Shape):
    """A purchase order with its lines."""

    purchase_order: str
    vendor: str
    source: str
    status: str
    confirmed: bool
    placed_at: datetime
    position: Position
    lines: list[PurchaseOrderLineReport]
    version: int
    as_of: Position
    today: date
