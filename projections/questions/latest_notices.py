"""The latest notices, the last one first; see :mod:`~stocktrail.projections.questions.notices`."""

from typing import Any, ClassVar

from pydantic import Field

from stocktrail.projections.answers.cursor import write_cursor
from stocktrail.projections.answers.shapes.shape import Position, Shape
from stocktrail.projections.models.low_stock import NOTICE
from stocktrail.projections.models.promise_changes import PROMISE_CHANGE
from stocktrail.projections.questions.notices import LowStockNotice, PromiseNotice, notices
from stocktrail.projections.questions.question import AsOf, LatestFirst, Question, Report
from stocktrail.projections.read_models import ReadModels


class LatestNoticesReport(Shape):
    """A page of notices, the last one first; ``total`` counts all pages."""

    as_of: Position
    total: int
    next: int | None
    rows: list[LowStockNotice | PromiseNotice]


class LatestNotices(AsOf, LatestFirst, Question[LatestNoticesReport]):
    """The notices that were raised last, those of one position together."""

    question: ClassVar[str] = "latest-notices"
    address: ClassVar[str | None] = None
    is_listed: ClassVar[bool] = False

    limit: int = Field(default=100, ge=1, le=10_000, description="At least so many, if there are.")

    def answer(self, models: ReadModels) -> Report:
        """Find a page, which ends between two positions; refuses an unknown position."""
        return latest_notices(
            models, limit=self.limit, before=self.before, as_of=self.position(models)
        )


_RAISED = (
    "SELECT position FROM ("
    "SELECT position FROM {notice} WHERE position <= :until "
    "UNION ALL SELECT position FROM {change} WHERE notice IS NOT NULL AND position <= :until"
    ") AS raised ORDER BY position DESC LIMIT :most"
)
_COUNT = (
    "SELECT (SELECT COUNT(*) FROM {notice} WHERE position BETWEEN :first AND :until) + "
    "(SELECT COUNT(*) FROM {change} WHERE notice IS NOT NULL "
    "AND position BETWEEN :first AND :until) AS found"
)


def latest_notices(
    models: ReadModels, *, limit: int, before: int | None = None, as_of: int | None = None
) -> dict[str, Any]:
    """List the notices that were raised last, those of one position together.

    A page ends between two positions, so it may be longer than ``limit``; ``next`` is what to give
    as ``before`` for the following page, ``total`` counts all pages. Refuses a position that the
    log has not reached.
    """
    if as_of is not None:
        models.reach(as_of)
    with models.reading() as reading:
        at = reading.position if as_of is None else as_of
        until = at if before is None else min(at, before - 1)
        tables = {
            "notice": reading.place.table(NOTICE).name,
            "change": reading.place.table(PROMISE_CHANGE).name,
        }
        reading.cursor.execute(_RAISED.format(**tables), {"until": until, "most": limit})
        raised = [int(row["position"]) for row in reading.cursor.fetchall()]
        reading.cursor.execute(_COUNT.format(**tables), {"first": 0, "until": at})
        total = int(reading.cursor.fetchall()[0]["found"])
        if not raised:
            return {"as_of": at, "total": total, "next": None, "rows": []}
        first = raised[-1]
        reading.cursor.execute(_RAISED.format(**tables), {"until": first - 1, "most": 1})
        goes_on = bool(reading.cursor.fetchall())
        reading.cursor.execute(_COUNT.format(**tables), {"first": first, "until": until})
        found = int(reading.cursor.fetchall()[0]["found"])
    page = notices(
        models, limit=found, after=write_cursor(["notices"], (first, 0, "", "", "", 0)), as_of=as_of
    )
    return {
        "as_of": at, "total": total, "next": first if goes_on else None, "rows": page["rows"][::-1],
    }
