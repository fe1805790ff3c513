"""Read model of late events: what was recorded after something that had occurred later.

Most of the log stands in the order in which things happened. Whoever asks what had happened by an
instant therefore asks what was recorded up to a position (everything before it had happened by
then), and what was recorded after that and yet had happened: late events. A row is a run of late
events of one command, with the latest occurrence that they came after. As open spans are, runs are
kept by class of length, so that one look-up a class finds those that an instant falls into.

Sums do not depend on the order of what is added up. Where the order counts (who set a date, a
priority, a setting or a status last), a late event makes its stream *disordered*: that is folded as
a whole, in the order in which it happened.
"""

from collections.abc import Collection

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.purchase_orders.events import PurchaseOrderConfirmed, PurchaseOrderDelayed
from stocktrail.ledger.stock.events import (
    MOVING,
    BackorderPrioritised,
    BackorderRescheduled,
    SourceItemCreated,
    StockReserved,
)
from stocktrail.ledger.stock.open_lines import CHANGING_LINES
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store.tables import Cursor, ReadModel, Row, Table, TableSet, Values
from stocktrail.projections.models.version import versioned
from stocktrail.projections.recorded_together import RecordedTogether

LATE_RUN = Table(
    versioned("late_run"),
    {
        "first_position": "BIGINT NOT NULL", "last_position": "BIGINT NOT NULL",
        "occurred_at": "BIGINT NOT NULL", "reached": "BIGINT NOT NULL",
        "length_class": "BIGINT NOT NULL",
    },
    ("first_position",),
    ("length_class, occurred_at",),
    only_grows=True,
)
"""The positions of late events, when the first of them occurred, and after which occurrence."""

DISORDERED_STREAM = Table(
    versioned("disordered_stream"), {"stream": "TEXT NOT NULL", "position": "BIGINT NOT NULL"},
    ("stream", "position"), only_grows=True,
)
LATEST_OCCURRENCE = Table(
    versioned("latest_occurrence"), {"name": "TEXT NOT NULL", "reached": "BIGINT NOT NULL"},
    ("name",),
)
"""One row: the latest occurrence so far."""

MODEL = ReadModel("late_events", (LATE_RUN, DISORDERED_STREAM, LATEST_OCCURRENCE))

_NAME = "reached"
_STOCK = f"{ProductStock.category}/"
_LONGEST_CLASS = 62
"""More microseconds are not between any two instants."""

_ADDED_UP = (frozenset(MOVING) | CHANGING_LINES | {StockReserved, SourceItemCreated}) - {
    BackorderPrioritised, BackorderRescheduled
}
"""The events of an item that only add to sums and take from them."""

_TERMS = (PurchaseOrderConfirmed, PurchaseOrderDelayed)


def depends_on_order(stream: str, event: Event) -> bool:
    """Return whether it counts before or after which others an event of a stream occurred."""
    if stream.startswith(_STOCK):
        return type(event) not in _ADDED_UP
    return isinstance(event, _TERMS)


class LateEvents:
    """Collects late events, and writes where they are."""

    def __init__(self, reached: int = 0) -> None:
        self._reached = reached
        self._runs: list[Values] = []
        self._disordered: set[Values] = set()
        self._has_moved = False

    @classmethod
    def load(cls, tables: TableSet, cursor: Cursor) -> "LateEvents":
        """Read which occurrence is the latest of what was folded so far."""
        rows = tables.table(LATEST_OCCURRENCE).rows(cursor)
        return cls(rows[0]["reached"] if rows else 0)

    def fold(self, together: RecordedTogether) -> None:
        """Fold what was recorded together."""
        reached = self._reached
        late: list[RecordedEvent] = []
        for recorded in together:
            occurred_at = recorded[4]
            if occurred_at < reached:
                if late and late[-1].position != recorded.position - 1:
                    self._end_run(late)
                late.append(recorded)
            elif occurred_at > reached:
                if late:
                    self._end_run(late)
                self._reached = reached = occurred_at
        if late:
            self._end_run(late)
        self._has_moved = True

    def _end_run(self, late: list[RecordedEvent]) -> None:
        occurred_at, reached = min(each.occurred_at for each in late), self._reached
        self._runs.append((
            late[0].position, late[-1].position, occurred_at, reached,
            (reached - occurred_at).bit_length(),
        ))
        self._disordered |= {
            (each.originator_id, each.position) for each in late
            if depends_on_order(each.originator_id, each.payload)
        }
        late.clear()

    def save(self, tables: TableSet, cursor: Cursor) -> None:
        """Write what was collected since the last time."""
        tables.table(LATE_RUN).put(cursor, self._runs)
        tables.table(DISORDERED_STREAM).put(cursor, self._disordered)
        if self._has_moved:
            tables.table(LATEST_OCCURRENCE).put(cursor, [(_NAME, self._reached)])
        self._runs.clear()
        self._disordered.clear()
        self._has_moved = False


def reached_by(tables: TableSet, cursor: Cursor, position: int, occurred_at: int) -> int:
    """Return the latest occurrence up to a position, at which an event occurred at an instant."""
    rows = tables.table(LATE_RUN).rows(
        cursor, "WHERE first_position <= :position ORDER BY first_position DESC LIMIT 1",
        position=position,
    )
    if rows and rows[0]["last_position"] >= position:
        return int(rows[0]["reached"])
    return occurred_at


def runs_at(tables: TableSet, cursor: Cursor, instant: int, until: int) -> list[Row]:
    """Read the runs, up to a position, that had begun to happen at an instant and came after it."""
    table = tables.table(LATE_RUN)
    parts = [
        f"{table.select} WHERE length_class = {each} AND occurred_at > {instant - (1 << each)} "
        "AND occurred_at <= :instant AND reached > :instant AND first_position <= :until"
        for each in range(1, _LONGEST_CLASS + 1)
    ]
    cursor.execute(
        f"{' UNION ALL '.join(parts)} ORDER BY first_position", {"instant": instant, "until": until}
    )
    return list(map(dict, cursor.fetchall()))


def disordered_among(
    tables: TableSet, cursor: Cursor, streams: Collection[str], until: int
) -> set[str]:
    """Return the streams, of those that are named, which are disordered up to a position."""
    rows = tables.table(DISORDERED_STREAM).rows_of(cursor, "stream", list(streams))
    return {row["stream"] for row in rows if row["position"] <= until}


def disordered_of(tables: TableSet, cursor: Cursor, category: str, until: int) -> set[str]:
    """Return every stream of a category that is disordered up to a position."""
    rows = tables.table(DISORDERED_STREAM).rows(
        cursor, "WHERE stream > :first AND stream < :last AND position <= :until",
        first=f"{category}/", last=f"{category}0", until=until,
    )
    return {row["stream"] for row in rows}
