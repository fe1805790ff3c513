"""Read model of the day that is today for what the log leads to: promises, slips and notices.

It is the latest day on which anything occurred so far, but never one after the day on which what is
being folded was recorded: promises follow from the log alone, and a date in the future, as older
ledgers may hold, neither makes receipts overdue nor silences a slip.
"""

from datetime import date, datetime, time
from typing import Self

from ledger.base.aggregate import RecordedEvent
from ledger.instant import DAY, day_of, to_instant
from projections.tables import Cursor, Place, Table

RECORDED_DAY = Table(
    "recorded_day_v2", {"name": "TEXT NOT NULL", "day": "TEXT NOT NULL"}, ("name",)
)

FIRST_DAY = date(1970, 1, 1)
"""Today while nothing has occurred."""


class RecordedDays:
    """The latest day on which anything occurred so far, and the day that is today."""

    __slots__ = ("_after_latest", "_has_moved", "_tomorrow", "latest", "today")

    def __init__(self, latest: date = FIRST_DAY, today: date = FIRST_DAY) -> None:
        self.latest, self.today = latest, today
        self._after_latest, self._tomorrow = _midnight_after(latest), _midnight_after(today)
        self._has_moved = False

    @classmethod
    def load(cls, place: Place, cursor: Cursor) -> Self:
        """Read the days as the last command that was folded left them."""
        rows = place.table(RECORDED_DAY).rows(cursor)
        return cls(**{row["name"]: date.fromisoformat(row["day"]) for row in rows})

    def begin(self, first: RecordedEvent) -> None:
        """Begin a command: today is the latest day so far, or the day of its recording."""
        if first.occurred_at >= self._after_latest:
            self.latest, self._has_moved = day_of(first.occurred_at), True
            self._after_latest = (first.occurred_at // DAY + 1) * DAY
        if self.today < self.latest:
            today = min(self.latest, day_of(first.recorded_at))
            if today != self.today:
                self.today, self._has_moved = today, True
                self._tomorrow = _midnight_after(today)

    def day_of(self, instant: int) -> date:
        """Name the day of an instant, at once when that is today."""
        is_today = self._tomorrow - DAY <= instant < self._tomorrow
        return self.today if is_today else day_of(instant)

    def save(self, place: Place, cursor: Cursor) -> None:
        """Write the days if they have moved since the last time."""
        if self._has_moved:
            place.table(RECORDED_DAY).put(cursor, [
                ("latest", self.latest.isoformat()), ("today", self.today.isoformat()),
            ])
            self._has_moved = False


def _midnight_after(day: date) -> int:
    return to_instant(datetime.combine(day, time())) + DAY
