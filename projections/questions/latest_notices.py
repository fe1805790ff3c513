"""The latest notices, the last one first; see :mod:`~stocktrail.projections.questions.notices`."""

from typing import Any

from stocktrail.projections.models.low_stock import NOTICE
from stocktrail.projections.models.promise_changes import PROMISE_CHANGE
from stocktrail.projections.questions.cursor import write_cursor
from stocktrail.projections.questions.notices import notices
from stocktrail.projections.read_models import ReadModels

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
