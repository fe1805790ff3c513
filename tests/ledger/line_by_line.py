"""Pegging as its rule says it, line by line: what pegging by sums must come to.

Every line takes the earliest units that it can reach; where pools share sources, every receipt is
served to the lines one by one, as it will be when it comes.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from heapq import heapify, heappop, heapreplace
from typing import NamedTuple

from stocktrail.ledger.allocation import Change, Claims, WaitingLine, pools_that_share, serve
from stocktrail.ledger.arrivals import Arrival
from stocktrail.ledger.pegging import (
    NOTHING_THERE,
    OpenReceipt,
    Peg,
    StockBefore,
    counted_on,
    is_overdue,
)


class QueuedLine(NamedTuple):
    """An open order line as pegging sees it, with the units it has and those it waits for."""

    order: str
    line: int
    pool: str
    allocated: int
    backordered: int
    requested_date: date


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
    pools = {line.pool for line in lines}.union(standing.allocated)
    shared = pools_that_share(pools, sources_of) if len(pools) > 1 else set()
    alone = _OneByOne(dated, sources_of, today)
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
        self, dated: Sequence[_Dated], sources_of: Mapping[str, Sequence[str]], today: date
    ) -> None:
        self._dated = dated
        self._today = today
        self._sources_of = sources_of
        self._first_open: dict[str, int] = {}
        self._left = [receipt.quantity for *_, receipt in dated]

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
    arrivals = [Arrival(receipt.source, receipt.quantity) for *_, receipt in coming]
    taken: dict[tuple[str, int], list[Peg]] = {}
    for each, changes in zip(coming, _serve_one_by_one(waiting, arrivals, claims), strict=False):
        for change in changes:
            own = taken.setdefault((change.order, change.line), [])
            own.append(_peg(change.quantity, each, today))
    return taken


class _InTurn:
    """Lines that wait, by pool, so that those behind a line that got too little are passed over."""

    def __init__(self, lines: Sequence[WaitingLine]) -> None:
        self._lines = [*lines]
        self._wanted = [line.backordered for line in lines]
        self._place = {(line.order, line.line): at for at, line in enumerate(lines)}
        self._of_pool: dict[str, deque[int]] = {}
        for at, line in enumerate(lines):
            self._of_pool.setdefault(line.pool, deque()).append(at)

    def turn(self) -> Iterator[WaitingLine]:
        """Return the first line of each pool in queue order, then the next one."""
        first = [(places[0], pool) for pool, places in self._of_pool.items()]
        heapify(first)
        while first:
            at, pool = first[0]
            yield self._lines[at]
            places = self._of_pool[pool]
            if self._wanted[at]:
                heappop(first)
                continue
            places.popleft()
            if places:
                heapreplace(first, (places[0], pool))
            else:
                heappop(first)
                del self._of_pool[pool]

    def __bool__(self) -> bool:
        """Whether anybody still waits."""
        return bool(self._of_pool)

    def give(self, change: Change) -> None:
        """Reduce what a line waits for by the units it was given."""
        at = self._place[change.order, change.line]
        self._wanted[at] -= change.quantity
        if self._wanted[at]:
            self._lines[at] = self._lines[at]._replace(backordered=self._wanted[at])


def _serve_one_by_one(
    lines: Sequence[WaitingLine], arrivals: Iterable[Arrival], claims: Claims
) -> Iterator[list[Change]]:
    """Return for each receipt which lines get how much of it, until nobody waits any more.

    ``lines`` wait in queue order; ``claims`` are those on what is there now, and are moved on.
    """
    waiting = _InTurn(lines)
    for arrival in arrivals if waiting else ():
        claims.receive(arrival.source, arrival.quantity)
        given = []
        for change in serve(waiting.turn(), claims):
            waiting.give(change)
            given.append(change)
        yield given
        if not waiting:
            return
