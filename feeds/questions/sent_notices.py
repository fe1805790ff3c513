"""What became of notices by e-mail."""
from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from stocktrail.feeds.notices.store import sent_notices
from stocktrail.projections.answers.shapes.shape import Position, Shape
from stocktrail.projections.questions.question import Example, LatestFirst, Question, Report
from stocktrail.projections.read_models import ReadModels

NoticeState = Literal["waiting", "sending", "sent", "refused", "skipped", "uncertain"]


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


class SentNotices(LatestFirst, Question[SentNoticesReport]):
    """What became of notices by e-mail, the latest first."""

    question: ClassVar[str] = "sent-notices"
    example: ClassVar[Example] = {"limit": 2}

    state: NoticeState | None = Field(
        default=None, description="Only notices that stand so: waiting, sent, refused, skipped or "
        "uncertain."
    )
    limit: int = Field(default=100, ge=1, le=1000, description="At most so many rows.")

    @property
    def needs_caught_up(self) -> bool:
        """It is read from the record of notices."""
        return False

    def answer(self, models: ReadModels) -> Report:
        """List them, to whom and when; never what was written."""
        return sent_notices(
            models.ledger, limit=self.limit, before=self.before, state=self.state
        )
