"""Read model of tellings: of which line somebody told its customer what, how and when (rule 5.10).

What was told is what the command says, else what the line was promised once it had been carried
out, or the group of it: its date; or no date, where there was none or an uncertain one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.orders.events import CustomerTold
from stocktrail.ledger.stock.open_lines import LineKey
from stocktrail.ledger.store.tables import Cursor, Row, Table, TableSet, Values
from stocktrail.projections.dates import iso, read_day
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.models.tellings import Told
from stocktrail.projections.models.version import versioned

TELLING = Table(
    versioned("telling"),
    {
        "order_id": "TEXT NOT NULL", "line": "BIGINT NOT NULL", "position": "BIGINT NOT NULL",
        "recorded_at": "BIGINT NOT NULL", "occurred_at": "BIGINT NOT NULL", "actor": "TEXT",
        "how": "TEXT NOT NULL", "note": "TEXT", "told_date": "TEXT", "reached": "BIGINT NOT NULL",
    },
    ("order_id", "line", "position"),
    only_grows=True,
)
"""``reached`` is the last position of what it was recorded with: promises are judged there."""


class Tellings:
    """Collects who was told, until it is known what they were promised, and writes it."""

    def __init__(self) -> None:
        self._begun: list[tuple[CustomerTold, RecordedEvent]] = []
        self._rows: list[Values] = []

    def add(self, event: CustomerTold, recorded: RecordedEvent) -> None:
        """Keep that a customer was told."""
        self._begun.append((event, recorded))

    def judge(
        self, line_of: Callable[[str, LineKey], PromisedLine | None], today: date, reached: int
    ) -> Iterator[tuple[str, PromisedLine]]:
        """Yield the open lines that customers were told of, with what they know now.

        A line that was accepted while stock was not managed is none of those: it waits for nothing.
        """
        for event, recorded in self._begun:
            for part in event.lines:
                line, told_date = line_of(part.sku, (event.order, part.line)), None
                if part.told_date is not None:
                    told_date = part.told_date
                elif line is not None and not (part.nobody_knows or line.uncertain):
                    promised = line.promise_date
                    told_date = None if promised is None else max(promised, today)
                if line is not None:
                    told = line.told.once_marked(recorded.position, told_date)
                    yield part.sku, line._replace(told=told)
                self._rows.append((
                    event.order, part.line, recorded.position, recorded.recorded_at,
                    recorded.occurred_at, recorded.actor, event.how, event.note, iso(told_date),
                    reached,
                ))
        self._begun.clear()

    def save(self, tables: TableSet, cursor: Cursor) -> None:
        """Write what was told since the last time."""
        tables.table(TELLING).put(cursor, self._rows)
        self._rows.clear()


def load_tellings(tables: TableSet, cursor: Cursor, orders: Sequence[str]) -> list[Row]:
    """Read what the customers of orders were told by somebody, the first telling first."""
    rows = tables.table(TELLING).rows_of(cursor, "order_id", orders)
    return sorted(rows, key=lambda row: (row["position"], row["order_id"], row["line"]))


def once_told(told: Told, part_slipped_at: int, telling: Row) -> Told:
    """Return what a customer knows, by the latest telling that somebody recorded.

    ``part_slipped_at`` is the position at which a part of the line slipped last.
    """
    marked = told.once_marked(telling["position"], read_day(telling["told_date"]))
    return marked._replace(part_slipped=part_slipped_at > telling["reached"])


def latest_tellings(rows: Iterable[Row]) -> Mapping[LineKey, Row]:
    """Return the latest telling of each line."""
    return {(row["order_id"], row["line"]): row for row in rows}


def telling_row(row: Row) -> dict[str, Any]:
    """Put together a telling: what was told, how, by whom and when."""
    return {
        "position": row["position"], "recorded_at": to_iso(row["recorded_at"]),
        "how": row["how"], "note": row["note"], "actor": row["actor"],
        "told_date": row["told_date"],
    }


