"""How many units pools that share sources can claim, by looking at every set of pools.

Claims fit exactly when no set of pools claims more than lies at all the sources that the set
reaches together (the theorem of Hall and Gale). With a handful of pools every set can be tried.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations, product

Units = Mapping[str, Decimal]
PoolGroups = Mapping[str, Sequence[str]]


def sets_of(pools: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Return every set of pools that is not empty."""
    for size in range(1, len(pools) + 1):
        yield from combinations(pools, size)


def spare(pools: Sequence[str], claims: Units, at_source: Units, reach: PoolGroups) -> Decimal:
    """Count the units at all sources of some pools beyond what these pools claim."""
    sources = {source for pool in pools for source in reach[pool]}
    there = sum((at_source.get(source, Decimal(0)) for source in sources), Decimal(0))
    return there - sum((claims.get(pool, Decimal(0)) for pool in pools), Decimal(0))


def fits(claims: Units, at_source: Units, reach: PoolGroups) -> bool:
    """Return whether all claims can be met at once."""
    return all(spare(pools, claims, at_source, reach) >= 0 for pools in sets_of(list(reach)))


def free(pool: str, claims: Units, at_source: Units, reach: PoolGroups) -> Decimal:
    """Count how much more one pool can claim while all claims can still be met."""
    return min(
        spare(pools, claims, at_source, reach) for pools in sets_of(list(reach)) if pool in pools
    )


def may_leave(
    source: str, pool: str, claims: Units, at_source: Units, reach: PoolGroups
) -> Decimal:
    """Count the units that may leave a source for one pool's claim, the others' still being met."""
    others = [
        spare(pools, claims, at_source, reach) for pools in sets_of(list(reach))
        if pool not in pools and any(source in reach[other] for other in pools)
    ]
    return min([*others, claims.get(pool, Decimal(0)), at_source.get(source, Decimal(0))])


def most_by_trying(pool: str, claims: Mapping[str, int], at_source: Mapping[str, int],
                   reach: PoolGroups) -> int:
    """Find by trying every assignment of whole units to pools how much more a pool can claim.

    -1 when the claims do not fit as they are. Only for a very few units.
    """
    takers = {
        source: [None, *(name for name in reach if source in reach[name])] for source in at_source
    }
    ways = [takers[source] for source, units in at_source.items() for _ in range(units)]
    best = -1
    for assignment in product(*ways):
        if all(assignment.count(name) >= claim for name, claim in claims.items() if name != pool):
            best = max(best, assignment.count(pool) - claims.get(pool, 0))
    return max(best, -1)
