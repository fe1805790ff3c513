"""What is asked of a backorder view: sorted by what, and which page."""

from collections.abc import Collection, Sequence
from types import NoneType
from typing import NamedTuple

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.answers.cursor import read_cursor
from stocktrail.projections.answers.sorted_page import DEFAULT_LIMIT, Page

MOST_ROWS = 10_000
"""How many rows a page may have."""

_KEYS: dict[str, tuple[type, ...]] = {
    "item": (str,), "customer": (str, str, int), "vendor": (str, str, int),
}
"""What the key of a row consists of, view by view."""

_TEXTS = frozenset((
    "sku", "name", "pool", "customer", "order", "ship_policy", "pegged_to", "vendor",
    "purchase_order", "destination", "counted_on", "blocked", "next_receipt_purchase_order",
))


class Found(NamedTuple):
    """A page of a view: its rows, the cursor of the next page, and the number of rows in all."""

    rows: Sequence[Row]
    next: str | None
    total: int


def read_page(
    view: str, columns: Collection[str], default: str,
    sort: str | None, limit: int | None, after: str | None,
) -> Page:
    """Read how a view is to be sorted and paged; ``-`` before a column turns its order around.

    Refuses a column that the view cannot be sorted by (``unknown_column``), a limit that is no
    number of rows (``bad_limit``), and an ``after`` that no page of this order gave (``bad_page``).
    """
    written = sort or default
    column = written.removeprefix("-")
    if column not in columns:
        raise Refusal(
            "unknown_column",
            f"Backorders by {view} cannot be sorted by {column[:60]!r}, only by "
            f"{', '.join(sorted(columns))}.",
            column=column[:60], columns=sorted(columns),
        )
    limit = DEFAULT_LIMIT if limit is None else limit
    if not 1 <= limit <= MOST_ROWS:
        raise Refusal("bad_limit", f"A page has 1 to {MOST_ROWS} rows, not {limit}.", limit=limit)
    descending = written.startswith("-")
    last = read_cursor(
        [column, descending], after, [_value_kinds(column), *_KEYS[view]],
        advice="begin again without it, or keep the same sorting",
    )
    return Page(column, descending, limit, last)


def _value_kinds(column: str) -> tuple[type, ...]:
    """Return the types of the values of a column; rows without a value have ``None``."""
    if column in _TEXTS or column.endswith("_date"):
        return (NoneType, str)
    return (NoneType, bool, int) if column == "overdue" else (NoneType, int, float)
