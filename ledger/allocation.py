"""Allocation: which units may be bound to which pool when pools share sources.

A pool's claim is met from its sources; a source's units meet one claim each. Whether all claims fit
is a flow from pools to sources, and so is the question how much more a pool could claim:

    free(pool) = the most that can be added to the pool's claim while every claim still fits

:class:`Claims` answers by augmenting paths (Ford and Fulkerson): a claim that finds its sources
taken moves another pool's claim to a source that pool can also reach. Because the feasible claims
form a polymatroid, taking them greedily in queue order leaves no unit free that a line could take.

Rule 2.1 is the source.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple


class Claims:
    """The claims of pools on the units at their sources, moved about until they fit.

    ``on_hand`` counts the sellable units by source; ``sources_of`` names the sources of each pool.
    """

    __slots__ = ("_held", "_left", "_pools_at", "_sources_of", "total_left")

    def __init__(
        self, on_hand: Mapping[str, int], sources_of: Mapping[str, Sequence[str]]
    ) -> None:
        self._left = dict(on_hand)
        self._sources_of = sources_of
        self._held: dict[tuple[str, str], int] = {}
        self._pools_at: dict[str, set[str]] = {}
        self.total_left: int = sum(on_hand.values())

    def add(self, pool: str, quantity: int) -> int:
        """Claim up to ``quantity`` for a pool, and return how much of it fitted.

        >>> claims = Claims({"shared": 5, "own": 5}, {"A": ["shared", "own"], "B": ["shared"]})
        >>> claims.add("A", 5), claims.add("B", 9), claims.add("A", 9)
        (5, 5, 0)
        """
        added = 0
        while added < quantity and self.total_left:
            step = self._augment(pool, quantity - added)
            if not step:
                break
            added += step
        return added

    def give_up(self, pool: str, quantity: int) -> None:
        """Leave units that a pool has claimed, at whichever of its sources they are.

        >>> claims = Claims({"shared": 5}, {"A": ["shared"], "B": ["shared"]})
        >>> claims.add("A", 5), claims.give_up("A", 2), claims.add("B", 9)
        (5, None, 2)
        """
        for source in self._sources_of[pool]:
            left = min(quantity, self._held.get((pool, source), 0))
            if left:
                self._unclaim(pool, source, left)
                self._left[source] += left
                self.total_left += left
                quantity -= left

    def receive(self, source: str, quantity: int) -> None:
        """Put units at a source, where claims may then be moved to.

        >>> claims = Claims({"own": 0, "shared": 5}, {"A": ["shared", "own"], "B": ["shared"]})
        >>> claims.add("A", 5), claims.receive("own", 3), claims.add("B", 9)
        (5, None, 3)
        """
        self._left[source] = self._left.get(source, 0) + quantity
        self.total_left += quantity

    def in_pieces(self, number: int) -> "Claims":
        """Copy the claims with every unit cut into so many pieces, to try what would fit.

        >>> Claims({"shared": 5}, {"A": ["shared"]}).in_pieces(3).add("A", 99)
        15
        """
        copy = Claims({}, self._sources_of)
        copy._left = {source: left * number for source, left in self._left.items()}
        copy._held = {held: quantity * number for held, quantity in self._held.items()}
        copy._pools_at = {source: set(pools) for source, pools in self._pools_at.items()}
        copy.total_left = self.total_left * number
        return copy

    def _augment(self, pool: str, wanted: int) -> int:
        """Find one path from the pool to a source with units left, and move claims along it."""
        came_to: dict[str, str] = {}
        came_from: dict[str, str | None] = {pool: None}
        frontier = [pool]
        while frontier:
            reached = []
            for at in frontier:
                for source in self._sources_of[at]:
                    if source in came_to or source not in self._left:
                        continue
                    came_to[source] = at
                    if self._left[source]:
                        return self._move(source, came_to, came_from, wanted)
                    for other in self._pools_at.get(source, ()):
                        if other not in came_from:
                            came_from[other] = source
                            reached.append(other)
            frontier = reached
        return 0

    def _move(
        self, end: str, came_to: dict[str, str], came_from: dict[str, str | None], wanted: int
    ) -> int:
        steps = []
        source: str | None = end
        amount = min(wanted, self._left[end])
        while source is not None:
            pool = came_to[source]
            before = came_from[pool]
            steps.append((pool, source, before))
            if before is not None:
                amount = min(amount, self._held[pool, before])
            source = before
        for pool, gained, lost in steps:
            self._held[pool, gained] = self._held.get((pool, gained), 0) + amount
            self._pools_at.setdefault(gained, set()).add(pool)
            if lost is not None:
                self._unclaim(pool, lost, amount)
        self._left[end] -= amount
        self.total_left -= amount
        return amount

    def _unclaim(self, pool: str, source: str, amount: int) -> None:
        self._held[pool, source] -= amount
        if not self._held[pool, source]:
            self._pools_at[source].discard(pool)


class WaitingLine(NamedTuple):
    """An open line as allocation sees it: whose it is, its pool, and what it has and lacks."""

    order: str
    line: int
    pool: str
    allocated: int
    backordered: int


class Change(NamedTuple):
    """Units given to a line (positive) or taken back from it (negative)."""

    order: str
    line: int
    pool: str
    quantity: int


def free_quantity(
    pool: str,
    allocated: Mapping[str, int],
    on_hand: Mapping[str, int],
    sources_of: Mapping[str, Sequence[str]],
) -> int:
    """Count what can still be allocated in a pool without making any allocation infeasible.

    >>> free_quantity("A", {"A": 2, "B": 4}, {"shared": 5, "own": 5},
    ...               {"A": ["shared", "own"], "B": ["shared"]})
    4
    """
    reach = set(sources_of[pool])
    rivals = [
        other for other, quantity in allocated.items()
        if quantity and other != pool and not reach.isdisjoint(sources_of[other])
    ]
    if not rivals:
        return sum(on_hand.get(source, 0) for source in reach) - allocated.get(pool, 0)
    claims = Claims(on_hand, sources_of)
    for other, quantity in allocated.items():
        claims.add(other, quantity)
    return claims.add(pool, claims.total_left)


def allocations_to_revoke(
    holding: Iterable[WaitingLine],
    allocated: Mapping[str, int],
    on_hand: Mapping[str, int],
    sources_of: Mapping[str, Sequence[str]],
    keeping: set[str],
) -> list[Change]:
    """Find what must be taken back when supply no longer carries the allocations.

    ``holding`` are the lines that have units, the last in the queue first, and the last lose first;
    the changes stand in queue order. What lines hold in all is as much as fits, so from the end on
    each loses what can be taken from it without making that less. ``keeping`` collects the pools
    that lose no more: a line that keeps anything shows that those before it, of its pool, lose
    nothing. ``holding`` may look there as it goes and leave out their lines.
    """
    claims = Claims(on_hand, sources_of)
    lacking = {pool: units - claims.add(pool, units) for pool, units in allocated.items()}
    still_lacking = sum(lacking.values())
    revoked = []
    for line in holding if still_lacking else ():
        pool = line.pool
        if pool in keeping:
            continue
        lost = min(line.allocated, lacking[pool])
        lacking[pool] -= lost
        if lost < line.allocated:
            lost += _taken_over(claims, pool, line.allocated - lost, lacking)
        if lost < line.allocated:
            keeping.add(pool)
        if lost:
            revoked.append(Change(line.order, line.line, pool, -lost))
            still_lacking -= lost
            if not still_lacking:
                break
    revoked.reverse()
    return revoked


def _taken_over(claims: Claims, pool: str, most: int, lacking: dict[str, int]) -> int:
    """Take units from a pool as far as pools that lack some can claim as many instead."""
    if not any(units for other, units in lacking.items() if other != pool):
        return 0
    claims.give_up(pool, most)
    taken = 0
    for other, units in lacking.items():
        if units:
            added = claims.add(other, min(units, most - taken))
            lacking[other] -= added
            taken += added
    claims.add(pool, most - taken)
    return taken


def allocations_to_make(
    waiting: Iterable[WaitingLine],
    allocated: Mapping[str, int],
    on_hand: Mapping[str, int],
    sources_of: Mapping[str, Sequence[str]],
    exhausted: set[str],
) -> list[Change]:
    """Return free units to the waiting lines, in queue order, as far as their pools reach them.

    ``exhausted`` is that of :func:`serve`.
    """
    claims = Claims(on_hand, sources_of)
    for pool, quantity in allocated.items():
        claims.add(pool, quantity)
    return list(serve(waiting, claims, exhausted))


def serve(
    waiting: Iterable[WaitingLine], claims: Claims, exhausted: set[str] | None = None
) -> Iterator[Change]:
    """Serve lines in queue order with the units that are left, each as far as its pool reaches.

    This is the one rule by which waiting lines get units, when supply has grown and when pegging
    asks what a receipt will do. Once a line of a pool got less than it waits for, no other line of
    that pool can get any: ``exhausted`` collects these pools. ``waiting`` may look there as it goes
    and leave out their lines, so that units which a pool cannot reach cost one look at that pool,
    however many of its lines wait.
    """
    exhausted = set() if exhausted is None else exhausted
    for line in waiting:
        if not claims.total_left:
            return
        if line.pool in exhausted:
            continue
        quantity = claims.add(line.pool, line.backordered)
        if quantity < line.backordered:
            exhausted.add(line.pool)
        if quantity:
            yield Change(line.order, line.line, line.pool, quantity)


def pools_that_share(
    pools: Iterable[str], sources_of: Mapping[str, Sequence[str]]
) -> set[str]:
    """Return those of some pools that share a source with another of them.

    >>> sources_of = {"A": ["east", "west"], "B": ["west"], "C": ["north"]}
    >>> sorted(pools_that_share(["A", "B", "C"], sources_of)), pools_that_share("A", sources_of)
    (['A', 'B'], set())
    """
    served: dict[str, str] = {}
    found: set[str] = set()
    for pool in pools:
        for source in sources_of[pool]:
            other = served.setdefault(source, pool)
            if other != pool:
                found |= {pool, other}
    return found


def picks(
    pool: str,
    quantity: int,
    candidates: Sequence[str],
    allocated: Mapping[str, int],
    on_hand: Mapping[str, int],
    sources_of: Mapping[str, Sequence[str]],
) -> list[tuple[str, int]]:
    """Choose the sources that a shipment is picked from, in the pool's order of priority.

    Each candidate gives as much as it has, short of units that other pools' allocations need. The
    sum may stay below ``quantity`` when the candidates cannot give it all.

    >>> picks("A", 6, ["shared", "own"], {"A": 6, "B": 3}, {"shared": 5, "own": 5},
    ...       {"A": ["shared", "own"], "B": ["shared"]})
    [('shared', 2), ('own', 4)]
    """
    left = dict(on_hand)
    others = {other: claim for other, claim in allocated.items() if other != pool and claim}
    taken = []
    for source in candidates:
        most = min(quantity, left.get(source, 0))
        if most and any(source in sources_of[other] for other in others):
            most = _most_that_fits(source, most, others, left, sources_of)
        if most:
            taken.append((source, most))
            left[source] -= most
            quantity -= most
    return taken


def _most_that_fits(
    source: str,
    most: int,
    others: Mapping[str, int],
    on_hand: Mapping[str, int],
    sources_of: Mapping[str, Sequence[str]],
) -> int:
    """Find how many units may leave a source while every remaining claim still fits.

    Only other pools can come short: of its own claim a pool gives up as much as it takes.
    """
    elsewhere = {**on_hand, source: on_hand[source] - most}
    claims = Claims(elsewhere, sources_of)
    lacking = sum(claim - claims.add(other, claim) for other, claim in others.items())
    return most - lacking
