"""Pegging: which open receipt each waiting line is waiting for, and when it can ship.

Open receipts of an item, in date order, are pegged to the waiting lines whose pool their source
serves, in queue order. What no receipt covers is uncovered: more must be ordered. Earlier in the
queue takes the earliest units it can reach, so nobody is ever later because of someone behind.

A receipt that is overdue is counted on at today plus an offset; it never just disappears.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from ledger.instant import days_after


class OpenReceipt(NamedTuple):
    """Units of a purchase line that are still to come to a source. ``placed`` breaks ties.

    Without an expected date they are undated: open supply that nobody can be promised.
    """

    purchase_order: str
    line: int
    source: str
    quantity: int
    expected_date: date | None
    placed: int


class QueuedLine(NamedTuple):
    """An open order line as pegging sees it, with the units it has and those it waits for."""

    order: str
    line: int
    pool: str
    allocated: int
    backordered: int
    requested_date: date


class PromisePart(NamedTuple):
    """Units of a line that become ready together.

    ``ready`` is when they can be picked and ``promised`` when they ship: never before the
    requested date. Allocated units are ready today and have no purchase order; uncovered units
    have neither a purchase order nor a date.
    """

    quantity: int
    ready: date | None
    promised: date | None
    purchase_order: str | None = None
    purchase_line: int | None = None


class Promise(NamedTuple):
    """What one line is promised, part by part in order of readiness."""

    order: str
    line: int
    parts: tuple[PromisePart, ...]

    @property
    def uncovered(self) -> int:
        """Units that no open receipt covers."""
        return sum(part.quantity for part in self.parts if part.ready is None)

    @property
    def promise_date(self) -> date | None:
        """The date of the last part; ``None`` while some units are uncovered."""
        return latest(part.promised for part in self.parts)

    @property
    def ready_date(self) -> date | None:
        """When the last part can be picked; ``None`` while some units are uncovered."""
        return latest(part.ready for part in self.parts)


def latest(days: Iterable[date | None]) -> date | None:
    """Give the latest of some days; ``None`` when one of them is not known, or there is none.

    >>> latest([date(2026, 3, 1), None]) is None
    True
    """
    last = None
    for day in days:
        if day is None:
            return None
        last = day if last is None else max(last, day)
    return last


def is_overdue(expected: date | None, today: date) -> bool:
    """Say whether a receipt should have come before today; an undated one never should.

    >>> is_overdue(date(2026, 3, 1), today=date(2026, 3, 1))
    False
    """
    return expected is not None and expected < today


def counted_on(expected: date, today: date, overdue_offset_days: int) -> date:
    """Give the date at which a receipt is counted on: its own, or today plus the offset.

    >>> counted_on(date(2026, 2, 1), date(2026, 3, 1), 1)
    datetime.date(2026, 3, 2)
    """
    if is_overdue(expected, today):
        return days_after(today, overdue_offset_days)
    return expected


def peg(
    lines: Iterable[QueuedLine],
    receipts: Sequence[OpenReceipt],
    sources_of: Mapping[str, Sequence[str]],
    today: date,
    overdue_offset_days: int,
) -> list[Promise]:
    """Peg open receipts to open lines, which stand in queue order, and promise each line its dates.

    Receipts that are counted on the same day are used up in the order in which they were placed;
    undated ones are pegged to nobody.
    Lines that are wholly allocated are promised too: they can ship today, or when requested.
    """
    dated = sorted(
        (counted_on(receipt.expected_date, today, overdue_offset_days), receipt.placed,
         receipt.line, receipt)
        for receipt in receipts if receipt.expected_date is not None
    )
    left = [receipt.quantity for *_, receipt in dated]
    first_open: dict[str, int] = {}
    promises = []
    for line in lines:
        parts = []
        if line.allocated:
            parts.append(PromisePart(line.allocated, today, max(today, line.requested_date)))
        wanted = line.backordered
        reach = sources_of[line.pool]
        at = first_open.get(line.pool, 0)
        while wanted and at < len(dated):
            day, _, _, receipt = dated[at]
            if left[at] and receipt.source in reach:
                taken = min(wanted, left[at])
                left[at] -= taken
                wanted -= taken
                parts.append(PromisePart(
                    taken, day, max(day, line.requested_date), receipt.purchase_order, receipt.line
                ))
            if not left[at] or receipt.source not in reach:
                at += 1
        first_open[line.pool] = at
        if wanted:
            parts.append(PromisePart(wanted, None, None))
        promises.append(Promise(line.order, line.line, tuple(parts)))
    return promises


def ship_together(promises: Sequence[Promise]) -> list[Promise]:
    """Move all lines of an order that ships complete to its latest date.

    While any unit of the order is uncovered, none of its lines has a date.
    """
    together = latest(promise.promise_date for promise in promises if promise.parts)
    return [
        promise._replace(parts=tuple(part._replace(promised=together) for part in promise.parts))
        for promise in promises
    ]
