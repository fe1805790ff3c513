"""The webhooks there are, and how far each has come."""
from datetime import datetime
from typing import ClassVar, Literal

from stocktrail.feeds.questions.deliveries import Attempt
from stocktrail.feeds.webhooks.questions import webhooks
from stocktrail.projections.answers.shapes.shape import Position, Shape
from stocktrail.projections.questions.question import Question, Report, Scope
from stocktrail.projections.read_models import ReadModels


class WebhookReport(Shape):
    """A webhook, how it is, and how far it has come.

    ``failing`` is an attempt that is to be made again, ``last_failure`` the last one that failed.
    """

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
    last_failure: Attempt | None
    last_delivered_at: datetime | None
    health: Literal["keeps_up", "behind", "failing", "gave_up", "disabled"]


class WebhooksReport(Shape):
    """The webhooks there are."""

    head: Position
    rows: list[WebhookReport]


class WebhookList(Question[WebhooksReport]):
    """The webhooks there are, and how far each has come."""

    question: ClassVar[str] = "webhooks"
    tag: ClassVar[str] = "webhooks"
    scope: ClassVar[Scope] = "admin"

    @property
    def needs_caught_up(self) -> bool:
        """It is read from the log, and from what the deliveries keep."""
        return False

    def answer(self, models: ReadModels) -> Report:
        """List the webhooks that were not deleted."""
        return webhooks(models.ledger)
