"""The shapes of promises: their parts, what they rest on, what moved them and who waits."""

from datetime import date, datetime

from stocktrail.ledger.orders.events import How
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.models.promised_lines import PromiseState as PromiseState


class OverdueReceiptReport(Shape):
    """A receipt that should have come before today, and that a promise rests on."""

    purchase_order: str
    purchase_line: int
    expected_date: date
    days_overdue: int


class CauseReport(Shape):
    """What moved a promise."""

    kind: str
    purchase_order: str | None = None
    purchase_line: int | None = None
    order: str | None = None
    line: int | None = None
    sentence: str


class TellingReport(Shape):
    """That somebody told a customer when a line comes; without a date, that nobody knows yet."""

    position: Position
    recorded_at: datetime
    how: How
    note: str | None
    actor: str | None
    told_date: date | None


class PromisePart(Shape):
    """A part of what a line is promised: allocated, pegged to a purchase line, or uncovered."""

    quantity: Number
    ready_date: date | None
    promise_date: date | None
    uncertain: bool
    purchase_order: str | None
    purchase_line: int | None


class PegReport(Shape):
    """Units that wait for a purchase line."""

    purchase_order: str
    purchase_line: int
    quantity: Number
    ready_date: date
    uncertain: bool


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
