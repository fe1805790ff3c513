"""The conditions that open order lines are asked for by, as the database knows them.

``:today`` is a parameter of some. What a customer knows of a line follows from rule 5.10.
"""

from collections.abc import Mapping

from stocktrail.projections.answers.backorder_views.filters import WhetherTold

PROMISE = "CASE WHEN promise_date < :today THEN :today ELSE promise_date END"
"""The day for which a line is promised: never before today."""

WAITS = "remaining > allocated AND managed = 1"
"""The condition on an open order line that waits for units."""

UNCERTAIN = "rests_on <> '[]'"
"""The condition on an open order line whose promise rests on an overdue receipt."""

LATE = (
    f"({PROMISE} > requested_date OR lost = 1 "
    "OR (promise_date IS NULL AND requested_date < :today))"
)
"""The condition on an open order line that is promised too late, or for no day any more."""

_DATED = f"promise_date IS NOT NULL AND NOT {UNCERTAIN}"
PROMISED: Mapping[str, str] = {
    "none": "promise_date IS NULL",
    "uncertain": f"(promise_date IS NOT NULL AND {UNCERTAIN})",
    "dated": f"({_DATED} AND ({WAITS} OR promise_date > requested_date))",
    "ready": f"({_DATED} AND NOT ({WAITS} OR promise_date > requested_date))",
}
"""The conditions by how sure a promise is."""

TO_TELL = "to_tell = 1"
"""The condition on an open order line that is promised otherwise than its customer knows."""

TOLD: Mapping[WhetherTold, str] = {
    "no": TO_TELL, "yes": "(marked IS NOT NULL AND to_tell = 0)",
    "either": f"(marked IS NOT NULL OR {TO_TELL})",
}
"""The conditions by whether the customer was told."""

NEWS = "SELECT order_id, line FROM {changes} WHERE notice IS NOT NULL AND position > :since"
"""The lines of which there were news after a position, ``:since``."""

_LAST_EXPECTED = "substr(rests_on, length(rests_on) - 12, 10)"
"""The day for which the last of the overdue receipts was expected: they are written in that order.
"""

MOVED = f"(({UNCERTAIN} AND {_LAST_EXPECTED} >= :since_day) OR (order_id, line) IN ({NEWS}))"
"""The condition on an open line that moved after a position, which was recorded on ``:since_day``.

There were news of it, or a receipt that it rests on has become overdue since.
"""
