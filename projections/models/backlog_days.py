"""Read model of the backlog by day: how many units more, or fewer, waited in each pool.

A pool's backordered units are what its demand has above its supply, because nothing is left free
while a line that could take it waits. So they follow from the stock history; here they are added up
by the shop's day on which it occurred, so that a chart of years reads a row a day. To answer as of
any position the sums start over with every so many positions of the log (a chunk); within the last
one the few movements are looked up that changed the backlog.
"""

from datetime import date

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.store.tables import Cursor, ReadModel, Table, TableSet
from stocktrail.ledger.time_zone import DEFAULT_ZONE, day_in, end_of_day_in, start_of_day
from stocktrail.projections.exact_sums import read_exact_sum, split_sum
from stocktrail.projections.models.version import versioned

BACKLOG_DAY = Table(
    versioned("backlog_day"),
    {
        "chunk": "BIGINT NOT NULL", "day": "BIGINT NOT NULL", "pool": "TEXT NOT NULL",
        "since": "BIGINT NOT NULL", "change_millions": "BIGINT NOT NULL",
        "change_rest": "BIGINT NOT NULL",
    },
    ("chunk", "day", "pool"),
)
"""``since`` is the first position of the chunk at which anything moved in the pool on that day."""

MODEL = ReadModel("backlog_days", (BACKLOG_DAY,))

POSITIONS_PER_CHUNK = 65_536
"""How much of the log is added up in the same rows."""


def chunk_of(position: int) -> int:
    """Return the chunk of the log that a position belongs to."""
    return position // POSITIONS_PER_CHUNK


def chunk_begins(chunk: int) -> int:
    """Return the first position of a chunk."""
    return chunk * POSITIONS_PER_CHUNK


def short(available: int) -> int:
    """Return the units that wait where so many are available.

    >>> short(-5), short(5)
    (5, 0)
    """
    return -available if available < 0 else 0


class ShopDayCounter:
    """Counts instants by the shop's days, at once those of the day of the last one."""

    __slots__ = ("_day", "_first", "_last", "_zone")

    def __init__(self) -> None:
        self._day, self._first, self._last, self._zone = 0, 1, 0, DEFAULT_ZONE

    def day_of(self, instant: int, zone: str) -> int:
        """Return the day of a zone on which an instant falls, as its ordinal."""
        if not self._first <= instant <= self._last or zone != self._zone:
            day: date = day_in(instant, zone)
            self._day, self._zone = day.toordinal(), zone
            self._first, self._last = start_of_day(day, zone), end_of_day_in(day, zone)
        return self._day


Key = tuple[int, int, str]
"""A chunk of the log, a day and a pool."""


class BacklogDays:
    """Adds up what the backlog of pools gained by day, and writes the rows that changed."""

    def __init__(self) -> None:
        self._days = ShopDayCounter()
        self._changes: dict[Key, int] = {}
        self._since: dict[Key, int] = {}
        self._touched: set[Key] = set()
        self._known = -1

    def load(self, tables: TableSet, cursor: Cursor, begin: int, end: int) -> None:
        """Read the sums that events go on with, from one position to another, if not in memory."""
        first, last = max(chunk_of(begin), self._known + 1), chunk_of(end)
        if first > last:
            return
        for row in tables.table(BACKLOG_DAY).rows(
            cursor, "WHERE chunk BETWEEN :first AND :last", first=first, last=last
        ):
            key = (row["chunk"], row["day"], row["pool"])
            self._changes[key] = read_exact_sum(row, "change")
            self._since[key] = row["since"]
        self._known = last

    def record(
        self, recorded: RecordedEvent, pool: str, gained: int, after: int, zone: str
    ) -> None:
        """Add what a pool gained available by an event that left it with so much."""
        position = recorded[3]
        key = (position // POSITIONS_PER_CHUNK, self._days.day_of(recorded[4], zone), pool)
        change = short(after) - short(after - gained)
        if key not in self._since:
            self._since[key] = position
        elif not change:
            return
        self._changes[key] = self._changes.get(key, 0) + change
        self._touched.add(key)

    def save(self, tables: TableSet, cursor: Cursor) -> None:
        """Write the sums that changed since the last time, and keep those of the last chunk."""
        tables.table(BACKLOG_DAY).put(cursor, (
            (*key, self._since[key], *split_sum(self._changes[key])) for key in self._touched
        ))
        self._touched.clear()
        for key in [key for key in self._since if key[0] < self._known]:
            del self._since[key], self._changes[key]
