"""The shapes of promises: their parts, what they rest on, what moved them and who waits."""

from datetime import date

from stocktrail.projections.answers.shapes.shape import Number, Shape


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
