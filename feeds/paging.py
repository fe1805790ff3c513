"""Pages of whole events: what is kept of one event comes on one page, the latest event first.

A page ends between two events, so that the following one, which begins before a position, begins
with a whole one.
"""

from collections.abc import Mapping, Sequence
from typing import Any


def page_by_event(
    rows: Sequence[Mapping[str, Any]], limit: int, event: str
) -> tuple[Sequence[Mapping[str, Any]], int | None]:
    """Cut rows into a page of at most ``limit``; give it, and before which event the next begins.

    ``rows`` stand in falling order of the column ``event`` and are one more than ``limit`` where
    there are more. An event that fills a page alone is cut. The second is ``None`` on the last
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
