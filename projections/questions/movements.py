"""The movements of an item: its history with the latest change first, in a pool or in all."""

from typing import ClassVar

from pydantic import Field

from stocktrail.projections.questions.fields import PoolId, Sku
from stocktrail.projections.questions.history import HistoryReport, history
from stocktrail.projections.questions.question import Example, OccurredAsOf, Paged, Question, Report
from stocktrail.projections.read_models import ReadModels


class MovementsReport(HistoryReport):
    """The changes of an item, those of one pool if one was asked for."""

    pool: str | None = None


class Movements(Paged, OccurredAsOf, Question[MovementsReport]):
    """Every change of an item's units, the latest one first.

    Of what had happened by a moment the first one comes first.
    """

    question: ClassVar[str] = "movements"
    address: ClassVar[str | None] = None
    is_listed: ClassVar[bool] = False
    example: ClassVar[Example] = {"sku": "LAMP", "pool": "web", "limit": 2}

    sku: Sku
    pool: PoolId | None = Field(
        default=None, description="Only changes in this pool and at its sources."
    )

    def answer(self, models: ReadModels) -> Report:
        """List the changes; refuses an unknown item, pool or position."""
        until = self.until(models)
        return history(
            models, self.sku, self.position(models), occurred_until=until, pool=self.pool,
            limit=self.limit, after=self.after, newest_first=until is None,
        )
