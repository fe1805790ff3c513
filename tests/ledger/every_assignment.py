"""All ways to assign units to pools, tried one after the other: slow, and plainly right.

Every unit at a source goes to one of the pools that the source serves, or to none. The claims that
can be met are those that some assignment meets.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

RebuildLease = tuple[int, ...]


def claims_that_fit(
    on_hand: Mapping[str, int], sources_of: Mapping[str, Sequence[str]]
) -> set[RebuildLease]:
    """List what the pools can have together, in the order in which they are named."""
    pools = list(sources_of)
    fitting: set[RebuildLease] = {(0,) * len(pools)}
    for source, units in on_hand.items():
        served = [index for index, pool in enumerate(pools) if source in sources_of[pool]]
        for _ in range(units):
            fitting |= {
                (*claim[:index], claim[index] + 1, *claim[index + 1 :])
                for claim in fitting
                for index in served
            }
    return fitting


class EveryAssignment:
    """What fits, what is free and who gets or keeps what, found by trying everything."""

    def __init__(self, on_hand: Mapping[str, int], sources_of: Mapping[str, Sequence[str]]) -> None:
        self.pools = list(sources_of)
        self.most = sum(on_hand.values())
        self.fitting = claims_that_fit(on_hand, sources_of)

    def fits(self, claims: Mapping[str, int]) -> bool:
        """Return whether some assignment meets all these claims."""
        return tuple(claims.get(pool, 0) for pool in self.pools) in self.fitting

    def free(self, pool: str, claims: Mapping[str, int]) -> int:
        """Find the most that fits on top of these claims."""
        return max(
            more
            for more in range(self.most + 1)
            if self.fits({**claims, pool: claims.get(pool, 0) + more})
        )

    def best_for(
        self, wants: Sequence[tuple[str, int]], claims: Mapping[str, int]
    ) -> tuple[int, ...]:
        """Find who of a queue gets how much: the first as much as fits, then the next."""

        def fits(given: Iterable[int]) -> bool:
            total = dict(claims)
            for (pool, _), quantity in zip(wants, given, strict=True):
                total[pool] = total.get(pool, 0) + quantity
            return self.fits(total)

        ways = product(*(range(wanted + 1) for _, wanted in wants))
        return max(given for given in ways if fits(given))
