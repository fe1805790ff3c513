"""What was sent to a webhook, attempt by attempt."""
from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from stocktrail.feeds.webhooks.questions import MOST_ROWS, deliveries
from stocktrail.projections.answers.shapes.shape import Position, Shape
from stocktrail.projections.questions.fields import WebhookId
from stocktrail.projections.questions.question import Example, LatestFirst, Question, Report, Scope
from stocktrail.projections.read_models import ReadModels


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


class DeliveriesReport(Shape):
    """What was sent to a webhook, the latest first."""

    webhook: str
    rows: list[Attempt]
    next: int | None


class DeliveryList(LatestFirst, Question[DeliveriesReport]):
    """What was sent to a webhook, attempt by attempt, the latest first."""

    question: ClassVar[str] = "deliveries"
    address: ClassVar[str | None] = "/webhooks/{webhook}/deliveries"
    tag: ClassVar[str] = "webhooks"
    scope: ClassVar[Scope] = "admin"
    example: ClassVar[Example] = {"webhook": "erp", "limit": 2}

    webhook: WebhookId
    outcome: Literal["delivered", "failed", "parked"] | None = Field(
        default=None, description="Only attempts that ended so: delivered, failed or parked."
    )
    limit: int = Field(default=100, ge=1, le=MOST_ROWS, description="At most so many attempts.")

    @property
    def needs_caught_up(self) -> bool:
        """It is read from what the deliveries keep."""
        return False

    def answer(self, models: ReadModels) -> Report:
        """List the attempts; refuses an unknown webhook."""
        return deliveries(
            models.ledger, self.webhook, limit=self.limit, before=self.before, outcome=self.outcome
        )
