"""What receipts will do to the lines that wait, one receipt after the other.

Units that come to a source may free units at another one, for a pool that the first does not even
serve. So each receipt is tried out as it will be served when it comes: by the one rule of
:func:`stocktrail.ledger.allocation.serve`, on claims that stand as the receipts before it left
them.

Rule 5.2 is the source.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heapreplace
from typing import NamedTuple

from stocktrail.ledger.allocation import Change, Claims, WaitingLine, serve


class Arrival(NamedTuple):
    """Units that will come to a source; ``spoken_for`` counts, by pool, those that others get."""

    source: str
    quantity: int
    spoken_for: Mapping[str, int]


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


def serve_arrivals(
    lines: Sequence[WaitingLine], arrivals: Iterable[Arrival], claims: Claims
) -> Iterator[list[Change]]:
    """Return for each receipt which lines get how much of it, until nobody waits any more.

    ``lines`` wait in queue order; ``claims`` are those on what is there now, and are moved on.
    """
    waiting = _InTurn(lines)
    for arrival in arrivals if waiting else ():
        claims.receive(arrival.source, arrival.quantity)
        for pool, quantity in arrival.spoken_for.items():
            claims.add(pool, quantity)
        given = []
        for change in serve(waiting.turn(), claims):
            waiting.give(change)
            given.append(change)
        yield given
        if not waiting:
            return
