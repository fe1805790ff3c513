"""The shape of an event that an answer tells of."""

from datetime import datetime
from typing import Any

from stocktrail.projections.answers.shapes.shape import Position, Shape


class ToldEvent(Shape):
    """An event, and what it means in a sentence."""

    position: Position
    recorded_at: datetime
    occurred_at: datetime
    type: str
    stream: str
    command_id: str | None
    actor: str | None
    credential: str | None
    data: dict[str, Any]
    sentence: str
