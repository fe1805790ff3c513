"""Allocation over shared sources, compared with a brute-force search over all assignments."""

from collections.abc import Mapping
from typing import NamedTuple

from hypothesis import assume, example
from hypothesis import given as for_all
from hypothesis import strategies as st

from stocktrail.ledger.allocation import (
    Claims,
    WaitingLine,
    allocations_to_make,
    allocations_to_revoke,
    free_quantity,
    picks,
)
from tests.ledger.every_assignment import EveryAssignment

SHARED = {"A": ("shared", "of-a"), "B": ("shared", "of-b")}
"""Two pools over one shared source and one each of their own."""


class SmallShop(NamedTuple):
    """Sources with their units, pools with their sources, and what the pools have allocated."""

    on_hand: dict[str, int]
    sources_of: Mapping[str, tuple[str, ...]]
    allocated: dict[str, int]

    def every_assignment(self) -> EveryAssignment:
        """Try everything."""
        return EveryAssignment(self.on_hand, self.sources_of)


@st.composite
def graphs(draw: st.DrawFn) -> Mapping[str, tuple[str, ...]]:
    """Draw two to four pools, each over some of four sources; some sources serve nobody."""
    if draw(st.booleans()):
        return SHARED
    sources = st.lists(st.sampled_from("wxyz"), unique=True, min_size=1, max_size=3)
    return draw(
        st.dictionaries(st.sampled_from("ABCD"), sources.map(tuple), min_size=2, max_size=4)
    )


@st.composite
def shops(draw: st.DrawFn, *, feasible: bool = True) -> SmallShop:
    """Draw a shop whose allocations can be met, or might not be."""
    sources_of = draw(graphs())
    # A source that is disabled or does not carry the item has no entry at all.
    carrying = st.sampled_from(sorted({s for names in sources_of.values() for s in names} | {"v"}))
    on_hand = draw(st.dictionaries(carrying, st.integers(0, 3)))
    if not feasible:
        pools = st.sampled_from(sorted(sources_of))
        return SmallShop(on_hand, sources_of, draw(st.dictionaries(pools, st.integers(0, 4))))
    fitting = sorted(EveryAssignment(on_hand, sources_of).fitting)
    claim = draw(st.sampled_from(fitting))
    return SmallShop(on_hand, sources_of, dict(zip(sources_of, claim, strict=True)))


@for_all(shops())
@example(SmallShop({"shared": 3, "of-a": 2, "of-b": 2}, SHARED, {"A": 2, "B": 4}))
def test_free_is_exact(shop: SmallShop) -> None:
    truth = shop.every_assignment()
    for pool in shop.sources_of:
        free = free_quantity(pool, shop.allocated, shop.on_hand, shop.sources_of)
        assert free == truth.free(pool, shop.allocated)


@for_all(shops(feasible=False))
def test_claims_fit_when_some_assignment_meets_them(shop: SmallShop) -> None:
    claims = Claims(shop.on_hand, shop.sources_of)
    fitted = [claims.add(pool, quantity) == quantity for pool, quantity in shop.allocated.items()]
    assert all(fitted) == shop.every_assignment().fits(shop.allocated)


@for_all(shops(), st.data())
def test_free_units_go_to_the_queue_in_order_and_none_is_left_that_a_line_could_take(
    shop: SmallShop, data: st.DataObject
) -> None:
    lines = data.draw(
        st.lists(st.tuples(st.sampled_from(sorted(shop.sources_of)), st.integers(0, 3)), max_size=4)
    )
    waiting = [WaitingLine(f"SO-{n}", 1, pool, 0, wanted) for n, (pool, wanted) in enumerate(lines)]
    changes = allocations_to_make(
        waiting, shop.allocated, shop.on_hand, shop.sources_of, set()
    )

    truth = shop.every_assignment()
    given = {change.order: change.quantity for change in changes}
    assert tuple(given.get(line.order, 0) for line in waiting) == truth.best_for(
        lines, shop.allocated
    )
    assert all(change.quantity > 0 for change in changes)
    after = dict(shop.allocated)
    for change in changes:
        after[change.pool] += change.quantity
    for line in waiting:
        if given.get(line.order, 0) < line.backordered:
            assert truth.free(line.pool, after) == 0


@for_all(shops(feasible=False), st.data())
def test_allocations_are_revoked_from_the_end_of_the_queue_and_no_more_than_necessary(
    shop: SmallShop, data: st.DataObject
) -> None:
    lines = [
        WaitingLine(f"SO-{pool}{n}", 1, pool, part, data.draw(st.integers(0, 2)))
        for pool, quantity in shop.allocated.items()
        for n, part in enumerate((quantity // 2, quantity - quantity // 2))
    ]
    queue = data.draw(st.permutations(lines))
    changes = allocations_to_revoke(
        reversed(queue), shop.allocated, shop.on_hand, shop.sources_of, set()
    )

    truth = shop.every_assignment()
    lost = {change.order: -change.quantity for change in changes}
    kept = tuple(line.allocated - lost.get(line.order, 0) for line in queue)
    assert kept == truth.best_for([(line.pool, line.allocated) for line in queue], {})
    assert all(change.quantity < 0 for change in changes)
    most_kept = max(
        sum(claim)
        for claim in truth.fitting
        if all(n <= shop.allocated.get(pool, 0) for pool, n in zip(truth.pools, claim, strict=True))
    )
    assert sum(kept) == most_kept


def left_after(on_hand: Mapping[str, int], picked: list[tuple[str, int]]) -> dict[str, int]:
    """Count what is at the sources once these units are picked."""
    return {
        source: units - sum(quantity for at, quantity in picked if at == source)
        for source, units in on_hand.items()
    }


@for_all(shops(), st.data())
def test_after_picking_the_remaining_claims_still_fit(shop: SmallShop, data: st.DataObject) -> None:
    pool = data.draw(st.sampled_from(sorted(shop.sources_of)))
    allocated = shop.allocated[pool]
    assume(allocated)
    quantity = data.draw(st.integers(1, allocated))
    sources = shop.sources_of[pool]
    chosen = data.draw(st.sampled_from([sources, *((source,) for source in sources)]))

    picked = picks(pool, quantity, chosen, shop.allocated, shop.on_hand, shop.sources_of)
    total = sum(taken for _, taken in picked)
    assert total <= quantity
    if chosen == sources:
        assert total == quantity, "what is allocated can always ship from the whole pool"

    # Every source gave the most it could, in the order of priority, and all claims still fit.
    so_far: list[tuple[str, int]] = []
    wanted, claims = quantity, dict(shop.allocated)
    for source in chosen:
        for most in range(min(wanted, shop.on_hand.get(source, 0)), -1, -1):
            left = EveryAssignment(
                left_after(shop.on_hand, [*so_far, (source, most)]), shop.sources_of
            )
            if left.fits({**claims, pool: claims[pool] - most}):
                break
        if most:
            so_far.append((source, most))
            wanted -= most
            claims[pool] -= most
    assert picked == so_far
