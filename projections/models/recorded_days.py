"""Read model of the day that is today for what the log leads to: promises, slips and notices.

It is the latest day on which anything occurred so far, but never one after the day on which what is
being folded was recorded: promises follow from the log alone, and a date in the future, as older
ledgers may hold, neither makes receipts overdue nor silences a slip. Days are those of the shop's
time zone, which holds from the position on at which it was set; a day that is over stays so.

Rule 5.4 is the source.
"""

from datetime import date
from typing import Self

from stocktrail.ledger.settings import TimeZoneChanged
from stocktrail.ledger.store.tables import Cursor, Table, TableSet
from stocktrail.ledger.time_zone import DEFAULT_ZONE, day_in, end_of_day_in, start_of_day
from stocktrail.projections.models.version import versioned
from stocktrail.projections.recorded_together import RecordedTogether, first_of_each

RECORDED_DAY = Table(
    versioned("recorded_day"), {"name": "TEXT NOT NULL", "value": "TEXT NOT NULL"}, ("name",)
)

FIRST_DAY = date(1970, 1, 1)
"""Today while nothing has occurred."""


class RecordedDays:
    """The latest day on which anything occurred so far, the day that is today, and the zone."""

    __slots__ = (
        "_after_latest", "_from_today", "_has_moved", "_tomorrow", "latest", "time_zone", "today",
    )

    def __init__(
        self, latest: date = FIRST_DAY, today: date = FIRST_DAY, time_zone: str = DEFAULT_ZONE
    ) -> None:
        self.latest: date = latest
        self.today: date = today
        self.time_zone: str = time_zone
        self._has_moved = False
        self._find_ends()

    @classmethod
    def load(cls, tables: TableSet, cursor: Cursor) -> Self:
        """Read the days as what was folded last left them."""
        found = {row["name"]: row["value"] for row in tables.table(RECORDED_DAY).rows(cursor)}
        if not found:
            return cls()
        latest, today = (date.fromisoformat(found[name]) for name in ("latest", "today"))
        return cls(latest, today, found["time_zone"])

    def begin(self, together: RecordedTogether) -> None:
        """Begin a command, or a group: today is the latest day so far, or that of its recording."""
        for first in first_of_each(together):
            if type(first.payload) is TimeZoneChanged:
                self.time_zone, self._has_moved = first.payload.zone, True
                self._find_ends()
            if first.occurred_at >= self._after_latest:
                self.latest, self._has_moved = day_in(first.occurred_at, self.time_zone), True
                self._find_ends()
            if self.today < self.latest:
                today = min(self.latest, day_in(first.recorded_at, self.time_zone))
                if today > self.today:
                    self.today, self._has_moved = today, True
                    self._find_ends()

    def day_of(self, instant: int) -> date:
        """Return the day of an instant, at once when that is today."""
        is_today = self._from_today <= instant < self._tomorrow
        return self.today if is_today else day_in(instant, self.time_zone)

    def save(self, tables: TableSet, cursor: Cursor) -> None:
        """Write the days if they have moved since the last time."""
        if self._has_moved:
            tables.table(RECORDED_DAY).put(cursor, [
                ("latest", self.latest.isoformat()), ("today", self.today.isoformat()),
                ("time_zone", self.time_zone),
            ])
            self._has_moved = False

    def _find_ends(self) -> None:
        """Work out where the days begin and end, once for all the instants within them."""
        zone = self.time_zone
        self._after_latest = end_of_day_in(self.latest, zone) + 1
        self._from_today = start_of_day(self.today, zone)
        self._tomorrow = end_of_day_in(self.today, zone) + 1
