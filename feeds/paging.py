"""Pages of rows grouped by event, the latest event first.

A page ends between two events, so that the next page, which is requested ``before`` a position,
begins with a complete event.
"""

from collections.abc import Mapping, Sequence
from typing import Any


def page_by_event(
    rows: Sequence[Mapping[str, Any]], limit: int, event: str
) -> tuple[Sequence[Mapping[str, Any]], int | None]:
    """Return a page of at most ``limit`` rows, and the event before which the next page begins.

    ``rows`` are in descending order of the column ``event``, and one more than ``limit`` if there
    are more. An event that fills a page alone is cut. The second value is ``None`` on the last
    page.

    >>> rows = [{"number": 9}, {"number": 8}, {"number": 8}]
    >>> page_by_event(rows, 2, "number")
    ([{'number': 9}], 9)
    >>> page_by_event(rows, 3, "number")[1]
    """
    page = rows[:limit]
    if len(rows) <= limit or not page:
        return page, None
    cut = rows[limit][event]
    page = [row for row in page if row[event] > cut] or page
    return page, page[-1][event]
