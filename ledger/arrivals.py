"""What receipts will do to the lines that wait where pools share sources, one after the other.

Units that come to a source may free units at another one, for a pool that the first does not even
serve. So each receipt is tried out as it will be served when it comes: on claims that stand as the
receipts before it left them, by the rule of :func:`stocktrail.ledger.allocation.serve`.

That rule serves the lines of a pool in queue order, and none behind one that got too little. So how
many units each pool gets says which lines get them, and lines need not be served one by one: as
many as fit are found by doubling and halving.

Rule 5.2 is the source.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from stocktrail.ledger.allocation import Claims
from stocktrail.ledger.waiting_units import END, Place, WaitingUnits


class Arrival(NamedTuple):
    """Units that will come to a source."""

    source: str
    quantity: int


def serve_arrivals(
    waiting: Mapping[str, WaitingUnits], in_order: WaitingUnits, arrivals: Iterable[Arrival],
    claims: Claims,
) -> Iterator[dict[str, int]]:
    """Yield for each receipt how many units of it, or that it frees, each pool gets.

    ``waiting`` are the lines of each pool, and among those of all pools in ``in_order``, where
    others may stand too. ``claims`` are those on what is there now.
    """
    serving = _Serving(waiting, in_order, claims)
    for arrival in arrivals:
        before = dict(serving.got)
        serving.serve(arrival)
        yield {
            pool: units - before[pool] for pool, units in serving.got.items()
            if units > before[pool]
        }


class _Serving:
    """The claims as they stand, and the units that each pool got so far."""

    def __init__(
        self, waiting: Mapping[str, WaitingUnits], in_order: WaitingUnits, claims: Claims
    ) -> None:
        self._waiting = waiting
        self._in_order = in_order
        self._claims = claims
        self.got = dict.fromkeys(waiting, 0)

    def serve(self, arrival: Arrival) -> None:
        """Serve the lines with what has come."""
        self._claims.receive(*arrival)
        heads = {
            pool: head for pool, units in self._waiting.items()
            if (head := units.at(self.got[pool])) is not None
        }
        pools = set(heads)
        at = min((head.place for head in heads.values()), default=END)
        while pools and self._claims.total_left and at < END:
            at = self._serve_whole(at, pools)
            behind = self._in_order.further(at, 1)
            # The line at this place, which cannot be served whole: its pool can get no more.
            for pool, units in self._wanted(behind, pools):
                self.got[pool] += self._claims.add(pool, units)
                pools.discard(pool)
            at = behind

    def _serve_whole(self, at: Place, pools: Iterable[str]) -> Place:
        """Serve as many lines from a place on as can all be served whole; return the next place."""
        lines, is_too_far = 1, False
        while lines and at < END:
            stop = self._in_order.further(at, lines)
            if self._fits(self._wanted(stop, pools)):
                at = stop
                lines = lines // 2 if is_too_far else lines * 2
            else:
                is_too_far = True
                lines //= 2
        return at

    def _wanted(self, stop: Place, pools: Iterable[str]) -> list[tuple[str, int]]:
        """Return what the lines of each pool up to a place still wait for, where they do."""
        found = []
        for pool in pools:
            wanted = self._waiting[pool].before(stop) - self.got[pool]
            if wanted > 0:
                found.append((pool, wanted))
        return found

    def _fits(self, wanted: Sequence[tuple[str, int]]) -> bool:
        """Claim all that is wanted, or nothing; return whether it fitted."""
        if not wanted:
            return True
        if sum(units for _, units in wanted) > self._claims.total_left:
            return False
        trial = self._claims.in_pieces(1)
        if any(trial.add(pool, units) < units for pool, units in wanted):
            return False
        self._claims = trial
        for pool, units in wanted:
            self.got[pool] += units
        return True
