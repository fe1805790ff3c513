"""The shapes of answers about webhooks."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from stocktrail.interfaces.api.shapes.results import ResultReport
from stocktrail.interfaces.api.shapes.shape import Position, Shape

MOST_POSITION = 10**15
"""The highest position that can be asked for."""


class RangeAsked(BaseModel):
    """Which part of the log is to be sent again."""

    model_config = ConfigDict(extra="forbid", strict=True)

    after: int = Field(ge=0, le=MOST_POSITION, description="Events above this position.")
    until: int | None = Field(
        None, ge=0, le=MOST_POSITION, description="Up to this one; default: the last."
    )


class Attempt(Shape):
    """One attempt to deliver an event."""

    sent_at: datetime
    number: int
    attempt: int
    position: Position
    kind: str
    outcome: Literal["delivered", "failed", "parked"]
    status: int | None
    milliseconds: int
    error: str | None


class WebhookReport(Shape):
    """A webhook, and how far it has come; ``failing`` is an attempt that is to be made again."""

    webhook: str
    status: str
    disabled_because: str | None
    url: str
    types: list[str]
    subject: str | None
    after: Position
    whole_log: bool
    position: Position
    lag: int
    is_beyond_log: bool
    waiting: int
    parked: int
    failing: Attempt | None


class WebhooksReport(Shape):
    """The webhooks there are."""

    head: Position
    rows: list[WebhookReport]


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


class DeliveriesReport(Shape):
    """What was sent to a webhook, the latest first."""

    webhook: str
    rows: list[Attempt]
    next: int | None


class Replay(Shape):
    """Which part of the log is sent once more."""

    webhook: str
    after: Position
    until: Position
