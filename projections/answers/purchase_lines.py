"""Every line that was ever ordered from vendors: when it was due, when it came, and how much of it.

A line is judged by what the vendor said first. It is *due* once units of it have come and none are
to come any more, or once the day on which it was first expected is over. Due, it is *on time* when
the last unit came on that day or before it, else late by the days since; one that is still to come
is late so far. It is *in full* when no less came than was first ordered. A line without a first
expected date, or of which nothing came before it was cancelled, is not judged: nobody knows whose
wish that was.

Days are those of the shop's time zone. As of an earlier position, lines that changed later are
folded from their purchase orders; those that did not stand in the read model as they stood then.

Rule 6.5 is the source.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, NamedTuple

from stocktrail.ledger.time_zone import day_in, end_of_day_in
from stocktrail.projections.answers.shapes.shape import Number, Shape
from stocktrail.projections.as_of import LedgerAsOf
from stocktrail.projections.as_of.moment import today_at
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.dates import iso
from stocktrail.projections.models.purchase_orders import (
    PURCHASE_LINE,
    PURCHASE_ORDER,
    PurchaseOrderView,
)
from stocktrail.projections.models.setting_levels import load_settings
from stocktrail.projections.read_models import Reading, ReadModels


class PurchaseLineAt(NamedTuple):
    """A purchase line at a moment: quantities in ten-thousandths, days in ISO 8601."""

    vendor: str
    source: str
    purchase_order: str
    line: int
    sku: str
    first_ordered: int
    ordered: int
    received: int
    cancelled: int
    original_expected_date: str | None
    expected_date: str | None
    slips: int
    last_received_at: int | None
    changed: int

    @property
    def remaining(self) -> int:
        """Units that are still to come."""
        return max(self.ordered - self.received - self.cancelled, 0)


class Kept(NamedTuple):
    """How the vendor kept what was said of a line.

    ``days_late`` are 0 of a line that is on time, or not due.
    """

    is_due: bool
    days_late: int
    in_full: bool


_NOT_JUDGED = Kept(False, 0, False)


class PurchaseLineRow(Shape):
    """A line of a purchase order: when it was due, when it came, and how much of it."""

    vendor: str
    purchase_order: str
    line: int
    sku: str
    source: str
    first_ordered: Number
    ordered: Number
    received: Number
    cancelled: Number
    remaining: Number
    original_expected_date: date | None
    expected_date: date | None
    received_date: date | None
    days_late: int
    slips: int
    due: bool
    on_time: bool
    late: bool
    in_full: bool
    short: bool
    on_time_in_full: bool
    open: bool
    overdue: bool
    undated: bool
    is_cancelled: bool


class PerformanceReport(Shape):
    """How lines were kept; percent are of those that are due, ``None`` where none is."""

    due: int
    on_time: int
    late: int
    in_full: int
    short: int
    on_time_in_full: int
    on_time_percent: float | None
    in_full_percent: float | None
    on_time_in_full_percent: float | None
    average_days_late: float | None
    worst_days_late: int


class Performance:
    """Adds up how lines were kept, of those that are due."""

    def __init__(self) -> None:
        self.due: int = 0
        self.on_time: int = 0
        self.in_full: int = 0
        self.on_time_in_full: int = 0
        self.days_late: int = 0
        self.worst_days_late: int = 0

    def add(self, kept: Kept) -> None:
        """Count a line, if it is due."""
        if not kept.is_due:
            return
        late = kept.days_late
        self.due += 1
        self.on_time += not late
        self.in_full += kept.in_full
        self.on_time_in_full += kept.in_full and not late
        self.days_late += late
        self.worst_days_late = max(self.worst_days_late, late)

    def as_json(self) -> dict[str, Any]:
        """Return the figures as :class:`PerformanceReport` has them."""
        return {
            "due": self.due, "on_time": self.on_time, "late": self.due - self.on_time,
            "in_full": self.in_full, "short": self.due - self.in_full,
            "on_time_in_full": self.on_time_in_full,
            "on_time_percent": self._percent(self.on_time),
            "in_full_percent": self._percent(self.in_full),
            "on_time_in_full_percent": self._percent(self.on_time_in_full),
            "average_days_late": round(self.days_late / self.due, 1) if self.due else None,
            "worst_days_late": self.worst_days_late,
        }

    def _percent(self, lines: int) -> float | None:
        return round(100 * lines / self.due, 1) if self.due else None


class PurchaseLinesAt:
    """The purchase lines of a vendor, or of every vendor, now or as of a moment.

    ``today`` is the shop's day there, and ``zone`` its time zone.
    """

    def __init__(
        self, reading: Reading, past: LedgerAsOf | None, today: date, zone: str
    ) -> None:
        self._reading, self._past = reading, past
        self.today: date = today
        self.zone: str = zone
        self._written_today = today.isoformat()
        self._ends: dict[str, int] = {}
        self.position: int = reading.position if past is None else past.position

    def lines(self, vendor: str | None = None) -> Iterator[PurchaseLineAt]:
        """Yield the lines, each as it stood."""
        changed: dict[str, set[int]] = {}
        for line in self._stored(vendor):
            if line.changed > self.position:
                changed.setdefault(line.purchase_order, set()).add(line.line)
            else:
                yield line
        if self._past is not None:
            for order in self._past.purchase_orders(changed).values():
                yield from _lines_of(order, changed[order.purchase_order])

    def _stored(self, vendor: str | None) -> Iterator[PurchaseLineAt]:
        tables, cursor, _ = self._reading
        headers, lines = (tables.table(each).name for each in (PURCHASE_ORDER, PURCHASE_LINE))
        of_vendor = "" if vendor is None else "placed.vendor = :vendor AND "
        named = {} if vendor is None else {"vendor": vendor}
        columns = ", ".join(
            f"{'placed' if name in PURCHASE_ORDER.columns else 'line'}.{name} AS {name}"
            for name in PurchaseLineAt._fields
        )
        cursor.execute(
            f"SELECT {columns} FROM {headers} AS placed "
            f"CROSS JOIN {lines} AS line WHERE {of_vendor}placed.position <= :position "
            "AND line.purchase_order = placed.purchase_order",
            {"position": self.position, **named},
        )
        return map(PurchaseLineAt._make, map(tuple, cursor.fetchall()))

    def kept(self, line: PurchaseLineAt) -> Kept:
        """Return how a line was kept: by its first day and by what was first ordered."""
        first, came_at = line.original_expected_date, line.last_received_at
        if first is None:
            return _NOT_JUDGED
        if line.remaining:
            if first >= self._written_today:
                return _NOT_JUDGED
            return Kept(True, (self.today - date.fromisoformat(first)).days, False)
        if came_at is None:
            return _NOT_JUDGED
        days = 0
        if came_at > self._end_of(first):
            days = (day_in(came_at, self.zone) - date.fromisoformat(first)).days
        return Kept(True, days, line.received >= line.first_ordered)

    def _end_of(self, day: str) -> int:
        """Return the last instant of a day, which few days are asked for many times."""
        if day not in self._ends:
            self._ends[day] = end_of_day_in(date.fromisoformat(day), self.zone)
        return self._ends[day]

    def row_of(self, line: PurchaseLineAt) -> dict[str, Any]:
        """Return a line as a row of a list, with quantities in ten-thousandths."""
        due, late, full = self.kept(line)
        is_open, expected, came_at = line.remaining > 0, line.expected_date, line.last_received_at
        return {
            "vendor": line.vendor, "purchase_order": line.purchase_order, "line": line.line,
            "sku": line.sku, "source": line.source, "first_ordered": line.first_ordered,
            "ordered": line.ordered, "received": line.received, "cancelled": line.cancelled,
            "remaining": line.remaining,
            "original_expected_date": line.original_expected_date, "expected_date": expected,
            "received_date": None if came_at is None else day_in(came_at, self.zone).isoformat(),
            "days_late": late, "slips": line.slips, "due": due,
            "on_time": due and not late, "late": late > 0, "in_full": full,
            "short": due and not full, "on_time_in_full": full and not late, "open": is_open,
            "overdue": self.is_overdue(line), "undated": is_open and expected is None,
            "is_cancelled": not is_open and not line.received,
        }

    def is_overdue(self, line: PurchaseLineAt) -> bool:
        """Return whether units are still to come that were expected before today."""
        expected = line.expected_date
        return line.remaining > 0 and expected is not None and expected < self._written_today

    def performance(self, lines: Iterable[PurchaseLineAt]) -> Performance:
        """Judge lines together."""
        found = Performance()
        for line in lines:
            found.add(self.kept(line))
        return found


@contextmanager
def purchase_lines_at(
    models: ReadModels, as_of: int | None, today: date | None
) -> Iterator[PurchaseLinesAt]:
    """Look at purchase lines as of a moment, or now, under a today.

    Without one it is the day of the moment, or the clock's. Refuses a position that the log has
    not reached (``unknown_position``).
    """
    with open_as_of(models, as_of) as (reading, past):
        settings = load_settings(reading.place, reading.cursor) if past is None else past.settings
        zone = settings.time_zone
        day = today_at(models.ledger, as_of, zone=zone) if today is None else today
        yield PurchaseLinesAt(reading, past, day, zone)


def _lines_of(order: PurchaseOrderView, numbers: Iterable[int]) -> Iterator[PurchaseLineAt]:
    for number in sorted(numbers):
        line = order.lines[number]
        yield PurchaseLineAt(
            order.vendor, order.source, order.purchase_order, number, line.sku,
            line.first_ordered, line.ordered, line.received, line.cancelled,
            iso(line.original_expected_date), iso(line.expected_date), line.slips,
            line.last_received_at, line.changed,
        )
