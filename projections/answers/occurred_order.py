"""The history of an item in the order in which things happened, a page at a time.

What came before a page is added up by the database: a page of an item with 75,000 rows took 0.6 s
of processor and 110 MiB when all of them were put in order here (2026-11-30).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from stocktrail.ledger.store.tables import Row
from stocktrail.projections.exact_sums import exact_sum, read_exact_sum
from stocktrail.projections.models.stock_history import STOCK_HISTORY
from stocktrail.projections.read_models import Reading

Where = tuple[str | None, str | None]
"""A source, or a pool."""


def rows_as_they_occurred(
    reading: Reading, condition: str, parameters: Mapping[str, Any], last: Sequence[int] | None,
    limit: int | None,
) -> tuple[list[Row], int]:
    """Return the rows of a page, and one more if another follows, and how many all pages have.

    ``condition`` says of which rows the list is. ``quantity_after`` adds up in this order, from the
    first row of the list on; ``last`` is the place of the row that the page before ended with.
    """
    table = reading.place.table(STOCK_HISTORY)
    total = table.count(reading.cursor, f"WHERE {condition}", **parameters)
    sums: dict[Where, int] = {}
    beyond, most = "", "" if limit is None else "LIMIT :most"
    asked = {**parameters, **({} if limit is None else {"most": limit + 1})}
    if last is not None:
        place = dict(zip(("last_occurred", "last_position", "last_number"), last, strict=True))
        sums = _sums_before(reading, condition, {**parameters, **place})
        beyond = f"AND {_PLACE} > {_LAST}"
        asked |= place
    rows = table.rows(
        reading.cursor,
        f"WHERE {condition} {beyond} ORDER BY occurred_at, position, number {most}", **asked,
    )
    return added_up(rows, sums), total


_PLACE = "(occurred_at, position, number)"
_LAST = "(:last_occurred, :last_position, :last_number)"


def _sums_before(
    reading: Reading, condition: str, parameters: Mapping[str, Any]
) -> dict[Where, int]:
    reading.cursor.execute(
        f"SELECT source, pool, {exact_sum('delta', 'change')} "
        f"FROM {reading.place.table(STOCK_HISTORY).name} WHERE {condition} "
        f"AND {_PLACE} <= {_LAST} GROUP BY source, pool",
        dict(parameters),
    )
    return {
        (row["source"], row["pool"]): read_exact_sum(row, "change")
        for row in reading.cursor.fetchall()
    }


def added_up(rows: Iterable[Row], sums: Mapping[Where, int]) -> list[Row]:
    """Return rows with what there was after each, from the sums before them on.

    >>> early = {"source": "s", "pool": None, "delta": 3, "quantity_after": 8}
    >>> late = {"source": "s", "pool": None, "delta": 5, "quantity_after": 5}
    >>> [row["quantity_after"] for row in added_up([early, late], {("s", None): 1})]
    [4, 9]
    """
    found = dict(sums)
    ordered: list[Row] = []
    for row in rows:
        where = (row["source"], row["pool"])
        found[where] = found.get(where, 0) + row["delta"]
        ordered.append({**row, "quantity_after": found[where]})
    return ordered
