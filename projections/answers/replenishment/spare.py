"""What other sources can spare: units to transfer before any are ordered.

A source spares what no pool that it serves needs: neither its open lines nor its notify-below
level. Pools that the destination serves too lose nothing by a transfer, so they keep nothing back.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from stocktrail.ledger.quantity import SCALE
from stocktrail.projections.answers.replenishment.needs import ItemFigures, Need, Shelves


class Transfer(NamedTuple):
    """Units that one source can give to another."""

    from_source: str
    to_source: str
    quantity: int


def transfers_for(
    item: ItemFigures, needs: Sequence[Need], shelves: Shelves, *, whole: bool
) -> list[Transfer]:
    """Return the transfers that meet needs of an item, as far as other sources can spare it.

    Only ``whole`` units go where the item has no fractions. The source with most to spare gives
    first, so that transfers are few. What a group of pools lacks together its own sources cannot
    give; a source that gets units gives none.
    """
    given: dict[tuple[str, str], int] = {}
    receiving = {need.destination for need in needs}
    for need in needs:
        if need.destination is None:
            continue
        left, movable = rounded_up(need.missing, whole=whole), need.movable
        group = shelves.group_of(need.pools)
        for source in _most_first(item, need.destination, receiving, given, shelves):
            is_inside = not group.isdisjoint(shelves.served_by(source))
            most = min(left, rounded_down(movable, whole=whole)) if is_inside else left
            spare = _spare(item, source, need.destination, given, shelves)
            units = rounded_down(min(spare, most), whole=whole)
            if units > 0:
                key = (source, need.destination)
                given[key] = given.get(key, 0) + units
                left -= units
                movable -= units if is_inside else 0
    return [Transfer(*key, units) for key, units in given.items()]


def _most_first(
    item: ItemFigures, destination: str, receiving: Collection[str | None],
    given: Mapping[tuple[str, str], int], shelves: Shelves,
) -> list[str]:
    spares = {
        source: _spare(item, source, destination, given, shelves)
        for source in item.on_hand if source not in receiving
    }
    return sorted(spares, key=lambda source: (-spares[source], source))


def _spare(
    item: ItemFigures, source: str, destination: str, given: Mapping[tuple[str, str], int],
    shelves: Shelves,
) -> int:
    if not shelves.sells(item, source):
        return 0
    left = item.on_hand[source] - sum(
        units for (giver, _), units in given.items() if giver == source
    )
    spare = [left - max(item.source_levels.get(source, 0), 0)]
    losing = shelves.served_by(source) - shelves.served_by(destination)
    for pool in losing:
        already = sum(
            units for (giver, taker), units in given.items()
            if pool in shelves.served_by(giver) and pool not in shelves.served_by(taker)
        )
        spare.append(item.available.get(pool, 0) - max(item.levels[pool], 0) - already)
    for group in shelves.groups:
        if losing.intersection(group) and not shelves.served_by(destination).intersection(group):
            spare.append(_spare_together(item, group, given, shelves))
    return max(min(spare), 0)


def _spare_together(
    item: ItemFigures, group: Sequence[str], given: Mapping[tuple[str, str], int], shelves: Shelves
) -> int:
    pools = shelves.pools_of(item, group)
    sources = shelves.sources_of(pools)
    there = sum(
        item.on_hand.get(source, 0) for source in sources if shelves.sells(item, source)
    )
    gone = sum(
        units for (giver, taker), units in given.items()
        if giver in sources and taker not in sources
    )
    kept = sum(item.demand.get(pool, 0) + max(item.levels[pool], 0) for pool in pools)
    return there - gone - kept


def rounded_up(units: int, *, whole: bool) -> int:
    """Return a quantity that can be ordered: of whole units, the next number of them.

    Least orders and multiples of a vendor will have their place here.

    >>> rounded_up(25_000, whole=True), rounded_up(25_000, whole=False)
    (30000, 25000)
    """
    return -(-units // SCALE) * SCALE if whole else units


def rounded_down(units: int, *, whole: bool) -> int:
    """Return a quantity that can be taken away: of whole units, the number that is there.

    >>> rounded_down(25_000, whole=True)
    20000
    """
    return units // SCALE * SCALE if whole else units
