"""The shapes of answers about webhooks."""


from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from stocktrail.interfaces.api.shapes.results import ResultReport
from stocktrail.projections.answers.shapes.shape import Position, Shape

MOST_POSITION = 10**15
"""The highest position that can be asked for."""


class RangeAsked(BaseModel):
    """Which part of the log is to be sent again."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    after: int = Field(ge=0, le=MOST_POSITION, description="Events above this position.")
    until: int | None = Field(
        None, ge=0, le=MOST_POSITION, description="Up to this one; default: the last."
    )


class CreatedWebhook(ResultReport):
    """A webhook that was created, with the secret that signs what it is sent."""

    webhook: str
    secret: str


class Secret(Shape):
    """The secret that signs what a webhook is sent."""

    webhook: str
    secret: str


class Trial(Shape):
    """What came of a message that stands for no event."""

    webhook: str
    delivered: bool
    status: int | None
    milliseconds: int
    error: str | None
    message_id: str


class Replay(Shape):
    """Which part of the log is sent once more."""

    webhook: str
    after: Position
    until: Position
