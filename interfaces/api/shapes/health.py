"""The shapes of answers about the service itself."""

from datetime import datetime
from typing import Literal

from stocktrail.projections.answers.shapes.shape import Position, Shape


class Alive(Shape):
    """The process is alive."""

    status: Literal["ok"]


class Ready(Shape):
    """The service can answer; the lag is in events."""

    status: Literal["ok"]
    head: Position
    position: Position
    lag: int


class ReadModelStatus(Shape):
    """How far a read model has come, and how long the first event it lacks has been waiting."""

    name: str
    version: int
    position: Position
    lag: int
    lag_seconds: float


class ParkedItem(Shape):
    """An item whose numbers no database can hold, and the event from which on that is so."""

    sku: str
    position: Position
    recorded_at: datetime
    reason: str


class LedgerStatus(Shape):
    """How long the log is, and how far each read model has come."""

    head: Position
    recorded_at: datetime | None
    parked: list[ParkedItem]
    read_models: list[ReadModelStatus]
