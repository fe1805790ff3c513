"""Read model of open spans: from where to where in the log each line was open.

A line is one of an order or of a purchase order; one that was accepted while stock of its item was
not managed waits for nothing, and is not in it. This leads a question about an earlier moment to
the lines that were open then, without looking at those that were closed before or came later. Spans
are kept by class of length: a class can only hold what began within its length before the moment,
so that however long the log is, one look-up a class finds them, and there are no more classes than
bits in a position.
"""

from collections.abc import Sequence
from typing import Any

from stocktrail.ledger.store.tables import (
    LOOK_UP_AT_ONCE,
    Cursor,
    ReadModel,
    Row,
    Table,
    TableSet,
    Values,
)
from stocktrail.projections.models.version import versioned

SALE, PURCHASE = "sale", "purchase"
"""The kinds of lines."""

OPEN_SPAN = Table(
    versioned("open_span"),
    {
        "kind": "TEXT NOT NULL", "reference": "TEXT NOT NULL", "line": "BIGINT NOT NULL",
        "sku": "TEXT NOT NULL", "party": "TEXT NOT NULL", "ship_policy": "TEXT NOT NULL",
        "placed_day": "BIGINT NOT NULL", "since": "BIGINT NOT NULL", "until": "BIGINT",
        "span_class": "BIGINT NOT NULL",
    },
    ("kind", "reference", "line"),
    ("kind, span_class, since", "sku, kind, span_class, since", "party, kind, span_class, since"),
)
MODEL = ReadModel("open_spans", (OPEN_SPAN,))

STILL_OPEN = -1
"""The class of spans that have not ended."""


def span_class(since: int, until: int | None) -> int:
    """Return the class of a span: two to its power is more than the length, and no more than twice.

    >>> [span_class(10, until) for until in (11, 12, 13, 14, None)]
    [1, 2, 2, 3, -1]
    """
    return STILL_OPEN if until is None else (until - since).bit_length()


def span_row(
    kind: str, reference: str, line: int, sku: str, party: str, ship_policy: str, placed_day: int,
    since: int, until: int | None,
) -> Values:
    """Write a span as its row; ``party`` is the customer or the vendor."""
    return (
        kind, reference, line, sku, party, ship_policy, placed_day, since, until,
        span_class(since, until),
    )


def open_at(
    tables: TableSet, cursor: Cursor, kind: str, position: int, *, end: str = "",
    **wanted: str | int,
) -> list[Row]:
    """Read the lines that were open at a position, of one ``sku`` or ``party`` if one is named.

    ``end`` may order and cut the rows (``WHERE ... ORDER BY ... LIMIT ...``), with parameters that
    are named beside.
    """
    table = tables.table(OPEN_SPAN)
    columns = ", ".join(table.columns)
    same = "".join(f"{name} = :{name} AND " for name in ("sku", "party") if name in wanted)
    parts = [
        f"SELECT {columns} FROM {table.name} WHERE {same}kind = :kind AND {each}"
        for each in open_then(position)
    ]
    cursor.execute(
        f"SELECT {columns} FROM ({' UNION ALL '.join(parts)}) AS open {end}",
        {"kind": kind, "position": position, **wanted},
    )
    return list(map(dict, cursor.fetchall()))


def open_then(position: int, since: str = "since", until: str = "until") -> list[str]:
    """Write the conditions, one for each class, that spans meet which were open at a ``:position``.

    Each is answered by one look-up in an index of the class and of where spans began.

    >>> open_then(1)[1]
    'span_class = 1 AND since > -1 AND since <= :position AND until > :position'
    """
    begun, not_ended = f"{since} <= :position", f"{until} > :position"
    longer = position.bit_length() + 1
    return [
        f"span_class = {STILL_OPEN} AND {begun}",
        *(
            f"span_class = {each} AND {since} > {position - (1 << each)} AND {begun} "
            f"AND {not_ended}" for each in range(1, longer + 1)
        ),
        f"span_class > {longer} AND {begun} AND {not_ended}",
    ]


def spans_of(
    tables: TableSet, cursor: Cursor, kind: str, references: Sequence[str]
) -> list[Row]:
    """Read the lines that some orders, or purchase orders, ever had."""
    table, found = tables.table(OPEN_SPAN), []
    for start in range(0, len(references), LOOK_UP_AT_ONCE):
        asked: dict[str, Any] = {
            f"k{n}": each for n, each in enumerate(references[start : start + LOOK_UP_AT_ONCE])
        }
        names = ", ".join(f":{name}" for name in asked)
        found += table.rows(
            cursor, f"WHERE kind = :kind AND reference IN ({names})", kind=kind, **asked
        )
    return found


class OpenSpans:
    """Collects spans as they begin and end, and writes them."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, int], Values] = {}

    def record(self, row: Values) -> None:
        """Keep a span that began or ended."""
        self._rows[row[0], row[1], row[2]] = row

    def save(self, tables: TableSet, cursor: Cursor) -> None:
        """Write what began and ended since the last time."""
        tables.table(OPEN_SPAN).put(cursor, self._rows.values())
        self._rows.clear()
