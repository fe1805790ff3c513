"""Read model of open spans: from where to where in the log each line was open.

A line is one of an order or of a purchase order; one that was accepted while stock of its item was
not managed waits for nothing, and is not in it. This leads a question about an earlier moment to
the lines that were open then, without looking at those that were closed before or came later. Spans
are kept by class of length: a class can only hold what began within its length before the moment,
so that however long the log is, one look-up a class finds them, and there are no more classes than
bits in a position.

The span of an order line keeps how the line began; what became of it while it stayed open is in
:mod:`stocktrail.projections.models.line_states`.
"""

from collections.abc import Iterator, Mapping, Sequence

from stocktrail.ledger.store.tables import Cursor, ReadModel, Row, Table, TableSet, Values, one_of
from stocktrail.projections.models.version import versioned

SALE, PURCHASE = "sale", "purchase"
"""The kinds of lines."""

OPEN_SPAN = Table(
    versioned("open_span"),
    {
        "kind": "TEXT NOT NULL", "reference": "TEXT NOT NULL", "line": "BIGINT NOT NULL",
        "sku": "TEXT NOT NULL", "party": "TEXT NOT NULL", "ship_policy": "TEXT NOT NULL",
        "placed_day": "BIGINT NOT NULL", "since": "BIGINT NOT NULL", "until": "BIGINT",
        "span_class": "BIGINT NOT NULL", "pool": "TEXT NOT NULL", "remaining": "BIGINT NOT NULL",
        "allocated": "BIGINT NOT NULL", "priority": "BIGINT NOT NULL",
        "requested_day": "BIGINT NOT NULL", "placed": "BIGINT NOT NULL", "first_wait": "BIGINT",
    },
    ("kind", "reference", "line"),
    ("kind, span_class, since", "sku, kind, span_class, since", "party, kind, span_class, since"),
)
MODEL = ReadModel("open_spans", (OPEN_SPAN,))

_UNTIL = list(OPEN_SPAN.columns).index("until")

STILL_OPEN = -1
"""The class of spans that have not ended."""


def span_class(since: int, until: int | None) -> int:
    """Return the class of a span: two to its power is more than the length, and no more than twice.

    >>> [span_class(10, until) for until in (11, 12, 13, 14, None)]
    [1, 2, 2, 3, -1]
    """
    return STILL_OPEN if until is None else (until - since).bit_length()


NOTHING: Mapping[str, str | int] = {}

NO_LINE = ("", 0, 0, 0, 0, 0, None)
"""How a purchase line began: what only an order line has is left empty."""


def span_row(
    kind: str, reference: str, line: int, sku: str, party: str, ship_policy: str, placed_day: int,
    since: int, until: int | None, began: Values = NO_LINE,
) -> Values:
    """Write a span as its row; ``party`` is the customer or the vendor.

    ``began`` are pool, remaining and allocated units, priority, requested day and place of an order
    line when it was placed, and by how many days its first promise was later than requested,
    ``None`` where it had none.
    """
    return (
        kind, reference, line, sku, party, ship_policy, placed_day, since, until,
        span_class(since, until), *began,
    )


def open_at(
    tables: TableSet, cursor: Cursor, kind: str, position: int, *,
    skus: Sequence[str] | None = None, party: str | None = None, end: str = "",
    after: Mapping[str, str | int] = NOTHING,
) -> list[Row]:
    """Read the lines that were open at a position, of some items or of one ``party`` if named.

    ``end`` may order and cut the rows (``WHERE ... ORDER BY ... LIMIT ...``), with ``after`` as its
    parameters; then no items are named.
    """
    table = tables.table(OPEN_SPAN)
    columns = ", ".join(table.columns)
    found: list[Row] = []
    for same, named in _conditions(skus, party):
        parts = [
            f"SELECT {columns} FROM {table.name} WHERE {same}kind = :kind AND {each}"
            for each in open_then(position)
        ]
        cursor.execute(
            f"SELECT {columns} FROM ({' UNION ALL '.join(parts)}) AS open {end}",
            {"kind": kind, "position": position, **named, **after},
        )
        found += map(dict, cursor.fetchall())
    return found


def _conditions(
    skus: Sequence[str] | None, party: str | None
) -> Iterator[tuple[str, dict[str, str]]]:
    """Write on which lines a query is about, with parameters: one for so many items at once."""
    same, named = ("", {}) if party is None else ("party = :party AND ", {"party": party})
    if skus is None:
        yield same, named
        return
    for of_items, keys in one_of("sku", skus):
        yield f"{same}{of_items} AND ", named | keys


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
    table = tables.table(OPEN_SPAN)
    return list(table.rows_of(cursor, "reference", references, "kind = :kind", kind=kind))


SpanKey = tuple[str, str, int]
"""The key of a span: its kind, the order or purchase order, and the number of the line."""


class OpenSpans:
    """Collects spans as they begin and end, and writes them."""

    def __init__(self) -> None:
        self._rows: dict[SpanKey, Values] = {}
        self._ended: dict[SpanKey, Values] = {}

    def record(self, row: Values) -> None:
        """Keep a span that began, or that of a purchase line as it is now."""
        self._rows[row[0], row[1], row[2]] = row

    def end(self, row: Values) -> None:
        """Keep where a span ended; how its line began stays as it was written."""
        key = (row[0], row[1], row[2])
        begun = self._rows.get(key)
        if begun is None:
            self._ended[key] = row
        else:
            self._rows[key] = (*begun[:_UNTIL], *row[_UNTIL : _UNTIL + 2], *begun[_UNTIL + 2 :])

    def first_promised(self, reference: str, line: int, days: int | None) -> None:
        """Keep by how many days the first promise of an order line that began was too late.

        ``None`` where it was promised nothing, though it has its units: others of its order wait.
        """
        key = (SALE, reference, line)
        self._rows[key] = (*self._rows[key][:-1], days)

    def save(self, tables: TableSet, cursor: Cursor) -> None:
        """Write what began and ended since the last time."""
        table = tables.table(OPEN_SPAN)
        table.put(cursor, self._rows.values())
        table.put_columns(cursor, self._ended.values(), ("until", "span_class"))
        self._rows.clear()
        self._ended.clear()
