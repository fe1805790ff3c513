"""The shapes of answers about customers, and about what they were told."""

from datetime import datetime
from typing import Literal

from stocktrail.interfaces.api.shapes.shape import Position, Shape


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


class SentNotice(Shape):
    """What became of one notice by e-mail."""

    kind: str
    position: Position
    customer: str | None
    state: str
    attempts: int
    reason: str | None
    order: str | None
    settled_at: datetime | None


class SentNoticesReport(Shape):
    """What became of notices by e-mail, the latest first."""

    rows: list[SentNotice]
    next: int | None
