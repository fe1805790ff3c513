"""Read model of line states: what became of open order lines, each time that one changed.

The span of a line keeps how it began, and a row of this table how it stood after a change by which
it did not end: units were allocated or taken away, some were shipped or cancelled, its date or its
priority was changed. So a question about an earlier moment reads how lines stood there, and folds
nothing: one of a thousand items takes a thirtieth of folding their streams (1 million events,
2026-11-30).
"""

from collections.abc import Sequence
from datetime import date

from stocktrail.ledger.stock.open_lines import LineKey, OpenLine
from stocktrail.ledger.store.tables import Cursor, Row, Table, TableSet, Values
from stocktrail.projections.models.version import versioned

LINE_STATE = Table(
    versioned("line_state"),
    {
        "order_id": "TEXT NOT NULL", "line": "BIGINT NOT NULL", "position": "BIGINT NOT NULL",
        "remaining": "BIGINT NOT NULL", "allocated": "BIGINT NOT NULL",
        "priority": "BIGINT NOT NULL", "requested_day": "BIGINT NOT NULL",
    },
    ("order_id", "line", "position"),
    only_grows=True,
)


def began(line: OpenLine) -> Values:
    """Return how an order line begins, as the last columns of its span."""
    return (
        line.pool, line.remaining, line.allocated, line.priority,
        line.requested_date.toordinal(), line.placed,
    )


def lines_at(
    tables: TableSet, cursor: Cursor, spans: Sequence[Row], position: int
) -> dict[LineKey, OpenLine]:
    """Return order lines as they stood at a position, from the spans of those open there."""
    latest: dict[LineKey, Row] = {}
    orders = list(dict.fromkeys(span["reference"] for span in spans))
    for row in tables.table(LINE_STATE).rows_of(cursor, "order_id", orders):
        key = (row["order_id"], row["line"])
        if row["position"] <= position and (
            key not in latest or row["position"] > latest[key]["position"]
        ):
            latest[key] = row
    found = {}
    for span in spans:
        key = (span["reference"], span["line"])
        state = latest.get(key, span)
        found[key] = OpenLine(
            *key, span["pool"], state["remaining"], state["allocated"], state["priority"],
            date.fromordinal(state["requested_day"]), span["placed"],
        )
    return found


class LineStates:
    """Collects what lines became, and writes it."""

    def __init__(self) -> None:
        self._rows: dict[tuple[LineKey, int], Values] = {}

    def record(self, line: OpenLine, position: int) -> None:
        """Keep how a line stood after the event at a position."""
        key = line.key
        self._rows[key, position] = (
            *key, position, line.remaining, line.allocated, line.priority,
            line.requested_date.toordinal(),
        )

    def save(self, tables: TableSet, cursor: Cursor) -> None:
        """Write what lines became since the last time."""
        tables.table(LINE_STATE).put(cursor, self._rows.values())
        self._rows.clear()
