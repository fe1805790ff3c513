"""Pegging: which open receipt each waiting line is waiting for, and when it can ship.

Pegging says what receipts will do. In date order each open receipt is pegged, in queue order, to
the lines that would be allocated if it arrived whole on its day and nothing else happened. Where a
pool shares its sources with no other that wants the item, those are simply its own lines; where
pools share sources, a receipt may free units for a pool that its source does not serve, so there
it is tried out (:mod:`stocktrail.ledger.arrivals`). What no receipt covers is uncovered: more must
be ordered. Nobody is ever later because of someone behind.

A receipt that is overdue is counted on at today plus an offset; it never just disappears. One that
cannot be sold when it comes is blocked, and pegged to nobody.

Rules 5.2 and 5.3 are the source.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple

from stocktrail.ledger.allocation import Claims, WaitingLine, pools_that_share
from stocktrail.ledger.arrivals import Arrival, serve_arrivals
from stocktrail.ledger.instant import days_after

Blocked = Literal["source_disabled", "item_out_of_stock", "serves_no_pool"]
"""Why a receipt helps nobody when it comes."""

ReceiptKey = tuple[str, int]
"""A purchase order and the number of its line."""


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


class StockBefore(NamedTuple):
    """What there is of an item before any receipt comes.

    ``on_hand`` counts the units that may be sold by source, ``allocated`` those that lines have by
    pool; ``given`` says what each receipt gives, by pool, to lines that come before those that are
    asked about.
    """

    on_hand: Mapping[str, int] = {}
    allocated: Mapping[str, int] = {}
    given: Mapping[ReceiptKey, Mapping[str, int]] = {}


NOTHING_THERE = StockBefore()


class Peg(NamedTuple):
    """Units of a line that wait for a purchase line, and when they can be picked.

    ``overdue_since`` is the day on which the purchase line was expected, where that is past.
    """

    purchase_order: str
    purchase_line: int
    quantity: int
    ready: date
    overdue_since: date | None = None


def latest(days: Iterable[date | None]) -> date | None:
    """Return the latest of some days; ``None`` when one of them is not known, or there is none.

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
    """Return whether a receipt should have come before today; an undated one never should.

    >>> is_overdue(date(2026, 3, 1), today=date(2026, 3, 1))
    False
    """
    return expected is not None and expected < today


def counted_on(expected: date, today: date, overdue_offset_days: int) -> date:
    """Return the date at which a receipt is counted on: its own, or today plus the offset.

    >>> counted_on(date(2026, 2, 1), date(2026, 3, 1), 1)
    datetime.date(2026, 3, 2)
    """
    if is_overdue(expected, today):
        return days_after(today, overdue_offset_days)
    return expected


def why_blocked(
    source: str, *, disabled: Collection[str], out_of_stock: Collection[str],
    sources_of: Mapping[str, Sequence[str]],
) -> Blocked | None:
    """Return why units that come to a source cannot be sold, or ``None``.

    ``disabled`` are the sources that do not sell, ``out_of_stock`` those at which the item is set
    out of stock.

    >>> why_blocked("E", disabled={"E"}, out_of_stock=(), sources_of={"P": ["E"]})
    'source_disabled'
    """
    if source in disabled:
        return "source_disabled"
    if source in out_of_stock:
        return "item_out_of_stock"
    if any(source in sources for sources in sources_of.values()):
        return None
    return "serves_no_pool"


_Dated = tuple[date, int, int, OpenReceipt]
"""The day on which a receipt is counted, what breaks ties, and the receipt: so they sort."""


def pegs_of(
    lines: Sequence[QueuedLine],
    receipts: Sequence[OpenReceipt],
    sources_of: Mapping[str, Sequence[str]],
    today: date,
    overdue_offset_days: int,
    standing: StockBefore = NOTHING_THERE,
) -> list[tuple[Peg, ...]]:
    """Peg open receipts to lines, which are in queue order, and return the pegs of each line.

    Receipts that are counted on the same day are used up in the order in which they were placed;
    undated ones are pegged to nobody, and none of them is blocked.
    """
    dated = sorted(
        (counted_on(receipt.expected_date, today, overdue_offset_days), receipt.placed,
         receipt.line, receipt)
        for receipt in receipts if receipt.expected_date is not None
    )
    pools = {line.pool for line in lines}.union(standing.allocated, *standing.given.values())
    shared = pools_that_share(pools, sources_of) if len(pools) > 1 else set()
    alone = _OneByOne(dated, standing.given, sources_of, today)
    if not shared:
        return [alone.take(line.pool, line.backordered) for line in lines]
    tried = _try_out(lines, dated, sources_of, standing, shared, today)
    return [
        tuple(tried.get((line.order, line.line), ())) if line.pool in shared
        else alone.take(line.pool, line.backordered)
        for line in lines
    ]


def _peg(quantity: int, dated: _Dated, today: date) -> Peg:
    day, _, line, receipt = dated
    expected = receipt.expected_date
    overdue_since = expected if is_overdue(expected, today) else None
    return Peg(receipt.purchase_order, line, quantity, day, overdue_since)


class _OneByOne:
    """Receipts of pools that share no source: each line takes the earliest units it can reach."""

    def __init__(
        self, dated: Sequence[_Dated], given: Mapping[ReceiptKey, Mapping[str, int]],
        sources_of: Mapping[str, Sequence[str]], today: date,
    ) -> None:
        self._dated = dated
        self._today = today
        self._sources_of = sources_of
        self._first_open: dict[str, int] = {}
        self._left = [receipt.quantity for *_, receipt in dated]
        if given:
            for at, (*_, receipt) in enumerate(dated):
                before = given.get((receipt.purchase_order, receipt.line))
                if before:
                    self._left[at] -= sum(before.values())

    def take(self, pool: str, wanted: int) -> tuple[Peg, ...]:
        """Take what a line of a pool waits for, as far as there is."""
        taken = []
        dated, left, reach = self._dated, self._left, self._sources_of[pool]
        at = self._first_open.get(pool, 0)
        while wanted and at < len(dated):
            can_reach = dated[at][3].source in reach
            if can_reach and left[at]:
                quantity = min(wanted, left[at])
                left[at] -= quantity
                wanted -= quantity
                taken.append(_peg(quantity, dated[at], self._today))
            if not can_reach or not left[at]:
                at += 1
        self._first_open[pool] = at
        return tuple(taken)


def _try_out(
    lines: Sequence[QueuedLine], dated: Sequence[_Dated], sources_of: Mapping[str, Sequence[str]],
    standing: StockBefore, shared: Collection[str], today: date,
) -> Mapping[tuple[str, int], Sequence[Peg]]:
    """Let receipts come one by one; return what each line of pools that share sources takes."""
    reach = {source for pool in shared for source in sources_of[pool]}
    claims = Claims(
        {source: units for source, units in standing.on_hand.items() if source in reach},
        sources_of,
    )
    for pool, quantity in standing.allocated.items():
        if pool in shared:
            claims.add(pool, quantity)
    waiting = [
        WaitingLine(line.order, line.line, line.pool, line.allocated, line.backordered)
        for line in lines if line.backordered and line.pool in shared
    ]
    coming = [each for each in dated if each[3].source in reach]
    arrivals = (
        Arrival(
            receipt.source, receipt.quantity,
            standing.given.get((receipt.purchase_order, receipt.line), {}),
        )
        for *_, receipt in coming
    )
    taken: dict[tuple[str, int], list[Peg]] = {}
    for each, changes in zip(coming, serve_arrivals(waiting, arrivals, claims), strict=False):
        for change in changes:
            own = taken.setdefault((change.order, change.line), [])
            own.append(_peg(change.quantity, each, today))
    return taken
