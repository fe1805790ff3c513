"""The figures of all items that may lack something, now or as of a position.

Whoever proposes what to order has to look at every item once: also one of which nothing is open may
be below its level. So their figures are read by a few statements for all of them, from rows, and no
item is loaded whole.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from stocktrail.ledger.allocation import free_quantity
from stocktrail.ledger.configuration import resolve_source_notice
from stocktrail.ledger.pegging import Peg
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.open_lines import LineKey
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.projections.answers.moment_view import MomentView
from stocktrail.projections.answers.replenishment.needs import (
    ALL_COVERED,
    NOTHING_ON_ORDER,
    ItemFigures,
    OnOrder,
    Shelves,
    Uncovered,
)
from stocktrail.projections.as_of.all_items import AllItems
from stocktrail.projections.as_of.by_recorded_time import LedgerAsRecorded
from stocktrail.projections.as_of.every_line import LineThen, ReceiptThen
from stocktrail.projections.as_of.every_promise import EveryPromise
from stocktrail.projections.models.item import own_level
from stocktrail.projections.models.open_lines import OPEN_LINE, PEGGED_ITEM, Queue
from stocktrail.projections.models.parked_items import PARKED_ITEM
from stocktrail.projections.models.purchase_orders import OPEN_RECEIPT
from stocktrail.projections.models.setting_levels import SETTING_LEVEL, put_level
from stocktrail.projections.models.stock_levels import SOURCE_ITEM, STOCK_LEVEL
from stocktrail.projections.read_models import Reading

Items = Mapping[str, ItemFigures]
OwnLevels = Mapping[str, ProductStock]
"""Items with settings of their own, by SKU."""

_OF_ITEMS = "WHERE sku <> '' AND setting IN ('notify_below', 'manage_stock')"


def every_figure(moment: MomentView, shelves: Shelves) -> Items:
    """Return the figures of every item that may lack something, at a moment.

    Parked items, and those not managed, lack nothing. As of an earlier position what lines waited
    for is found for all of them at once.
    """
    live = moment.live
    promises = None if moment.past is None else EveryPromise.of(moment.past)
    if promises is None or live.position == moment.position:
        # Also where all lines have to be pegged again: what is there does not change with that.
        found = _now(live, moment.settings, shelves)
        _add_receipts(live, moment.settings, found)
    else:
        found = _then(promises.past, moment.settings)
        _add_receipts_then(promises.receipts, moment.settings, found)
    if promises is None:
        _add_uncovered(moment, found)
        _add_receipts_elsewhere(moment, found, shelves)
    else:
        _add_uncovered_then(promises.lines, found)
        _add_receipts_elsewhere_then(promises, found, shelves)
    return found


def _own_levels(now: Reading) -> OwnLevels:
    """Read the items that have levels of their own, with nothing but those."""
    found: dict[str, ProductStock] = {}
    for row in now.place.table(SETTING_LEVEL).rows(now.cursor, _OF_ITEMS):
        sku = row["sku"]
        stock = found.setdefault(sku, ProductStock(ProductStock.stream_of(sku)))
        put_level(own_level(stock, row["pool"] or None, row["source"] or None), row)
    return found


def _most_wanted(
    settings: Settings, own: Iterable[ProductStock], shelves: Shelves
) -> int:
    """Return the most units that pools which share sources, or a source, are to have left."""
    several = max(len(group) for group in shelves.groups)
    levels: list[int] = [settings.policy(pool).notify_below.value for pool in settings.pools]
    levels += [level.get("notify_below", 0) for level in settings.in_source.values()]
    for stock in own:
        for level in (stock.everywhere, *stock.in_pool.values(), *stock.in_source.values()):
            levels.append(level.get("notify_below", 0))
    return max(0, *levels) * several


# ------------------------------------------------------------------ what is there


class _FoundItems(dict[str, ItemFigures]):
    """Items by their SKUs; one that is named for the first time begins without any figure."""

    def __missing__(self, sku: str) -> ItemFigures:
        found = self[sku] = ItemFigures(sku)
        return found


def _now(now: Reading, settings: Settings, shelves: Shelves) -> dict[str, ItemFigures]:
    """Read the items of which a place may have too few units left, or anything is open."""
    own = _own_levels(now)
    below, cursor = _most_wanted(settings, own.values(), shelves), now.cursor
    names = {
        name: now.place.table(table).name for name, table in (
            ("level", STOCK_LEVEL), ("pegged", PEGGED_ITEM), ("item", SOURCE_ITEM),
            ("parked", PARKED_ITEM),
        )
    }
    few = (
        "SELECT sku FROM {level} WHERE supply - demand < :below UNION SELECT sku FROM {pegged} "
        "UNION SELECT sku FROM {item} WHERE on_hand < :below EXCEPT SELECT sku FROM {parked}"
    ).format(**names)
    found = _FoundItems()
    cursor.execute(
        f"SELECT sku, pool, supply, demand FROM {names['level']} WHERE sku IN ({few})",
        {"below": below},
    )
    for sku, pool, supply, demand in map(tuple, cursor.fetchall()):
        item = found[sku]
        item.demand[pool] = demand
        item.available[pool] = supply - demand
    cursor.execute(
        f"SELECT sku, source, on_hand, status FROM {names['item']} WHERE sku IN ({few})",
        {"below": below},
    )
    for sku, source, on_hand, status in map(tuple, cursor.fetchall()):
        item = found[sku]
        item.on_hand[source] = on_hand
        if status == "out_of_stock":
            item.out_of_stock = {*item.out_of_stock, source}
    _add_levels(found, own, settings)
    return dict(found)


def _then(past: LedgerAsRecorded, settings: Settings) -> dict[str, ItemFigures]:
    """Put together what was there of every item, whatever it was."""
    every = AllItems(past)
    own = past.described(every.described_again())
    found = {
        sku: ItemFigures(sku, on_hand=on_hand)
        for sku, on_hand in every.on_hand_by_source().items()
    }
    for sku, stock in own.items():
        if sku in found:
            found[sku].out_of_stock = stock.out_of_stock
    _add_levels(found, own, settings)
    _add_demand_then(every, settings, found)
    return found


def _add_demand_then(every: AllItems, settings: Settings, found: Items) -> None:
    """Add what lines wanted from pools, and what was available there.

    What is available is what can be sold less what lines want; only of an item of which lines hold
    units it takes more to find out what can be sold in each pool.
    """
    held: dict[str, dict[str, int]] = {}
    for pool in settings.pools:
        for sku, units in every.demand(pool).items():
            if sku in found:
                found[sku].demand[pool] = units
        for sku, units in every.allocated(pool).items():
            held.setdefault(sku, {})[pool] = units
    for sku, item in found.items():
        sellable = settings.sellable(item.on_hand, item.out_of_stock)
        allocated = held.get(sku)
        for pool, sources in settings.pools.items():
            if allocated:
                free = free_quantity(pool, allocated, sellable, settings.pools)
                supply = free + allocated.get(pool, 0)
            else:
                supply = sum([sellable.get(source, 0) for source in sources])
            item.available[pool] = supply - item.demand.get(pool, 0)


def _add_levels(found: dict[str, ItemFigures], own: OwnLevels, settings: Settings) -> None:
    """Add the levels that every item is to keep, and take out those that are not managed."""
    usual = {pool: settings.policy(pool).notify_below.value for pool in settings.pools}
    usually_managed = settings.manages(None)
    for sku, item in list(found.items()):
        stock = own.get(sku)
        item.levels = usual
        if not (usually_managed if stock is None else stock.is_managed(settings)):
            del found[sku]
        elif stock is not None:
            item.levels = {
                pool: stock.policy(settings, pool).notify_below.value for pool in settings.pools
            }
        if settings.in_source or (stock is not None and stock.in_source):
            item.source_levels = _source_levels(item, stock, settings)


def _source_levels(
    item: ItemFigures, stock: ProductStock | None, settings: Settings
) -> dict[str, int]:
    own, everywhere = ({}, None) if stock is None else (stock.in_source, stock.everywhere)
    resolved = {
        source: resolve_source_notice(
            own.get(source), everywhere, settings.in_source.get(source), settings.everywhere
        ) for source in item.on_hand
    }
    return {source: each.value for source, each in resolved.items() if each is not None}


# ------------------------------------------------------------------ what is open


def _add_receipts(now: Reading, settings: Settings, found: Items) -> None:
    """Add what is to come to each source, of what its items may be sold from there."""
    now.cursor.execute(
        "SELECT sku, destination, SUM(remaining) AS units, "
        "SUM(CASE WHEN expected_date IS NULL THEN remaining ELSE 0 END) AS undated "
        f"FROM {now.place.table(OPEN_RECEIPT).name} GROUP BY sku, destination"
    )
    for row in now.cursor.fetchall():
        item, source = found.get(row["sku"]), row["destination"]
        if item is None or source in settings.disabled or source in item.out_of_stock:
            continue
        item.coming[source] = OnOrder(int(row["units"]), int(row["undated"]))


def _add_receipts_then(
    receipts: Iterable[ReceiptThen], settings: Settings, found: Items
) -> None:
    """Add what was to come to each source, of what its items might be sold from there."""
    for each in receipts:
        item, receipt = found.get(each.sku), each.receipt
        source = receipt.source
        if item is None or source in settings.disabled or source in item.out_of_stock:
            continue
        units, undated = item.coming.get(source, NOTHING_ON_ORDER)
        more = receipt.quantity
        item.coming[source] = OnOrder(
            units + more, undated + (more if receipt.expected_date is None else 0)
        )


def _add_uncovered_then(lines: Iterable[LineThen], found: Items) -> None:
    """Add what nothing covered, of all lines that were open."""
    without: dict[tuple[str, str], list[LineThen]] = {}
    for line in lines:
        if line.uncovered:
            without.setdefault((line.sku, line.pool), []).append(line)
    for (sku, pool), waiting in without.items():
        if sku in found:
            found[sku].uncovered[pool] = Uncovered(
                sum(line.uncovered for line in waiting),
                date.fromordinal(min(line.requested for line in waiting)).isoformat(),
                len({line.order for line in waiting}),
            )


def _add_uncovered(moment: MomentView, found: Items) -> None:
    """Add what nothing covers; of items that must be pegged again, as it is today."""
    stale = set(moment.promises.stale)
    moment.cursor.execute(
        "SELECT sku, pool, SUM(uncovered) AS units, MIN(requested_date) AS needed_by, "
        f"COUNT(DISTINCT order_id) AS orders FROM {moment.place.table(OPEN_LINE).name} "
        "WHERE uncovered > 0 GROUP BY sku, pool"
    )
    for row in moment.cursor.fetchall():
        if row["sku"] in found and row["sku"] not in stale:
            found[row["sku"]].uncovered[row["pool"]] = Uncovered(
                int(row["units"]), row["needed_by"], int(row["orders"])
            )
    for sku, queue in moment.promises.queues(sorted(stale & found.keys())).items():
        found[sku].uncovered = _uncovered_in(queue)


def _uncovered_in(queue: Queue) -> dict[str, Uncovered]:
    orders: dict[str, set[str]] = {}
    found: dict[str, Uncovered] = {}
    for line in queue.lines.values():
        if line.uncovered:
            so_far = found.get(line.pool, ALL_COVERED)
            orders.setdefault(line.pool, set()).add(line.order)
            wanted = line.requested_date.isoformat()
            found[line.pool] = Uncovered(
                so_far.units + line.uncovered, min(so_far.needed_by or wanted, wanted),
                len(orders[line.pool]),
            )
    return found


def _add_receipts_elsewhere(moment: MomentView, found: Items, shelves: Shelves) -> None:
    """Add the receipts at sources that do not serve a pool, but free units for its lines."""
    skus = [
        sku for sku, item in found.items()
        if any(
            not shelves.served_by(source) >= set(group)
            for source in item.coming for group in shelves.groups
            if len(group) > 1 and not shelves.served_by(source).isdisjoint(group)
        )
    ]
    for sku, queue in moment.promises.fronts(skus).items():
        sources = {key: receipt.source for key, receipt in queue.receipts.items()}
        pegs = ((line.pool, peg) for line in queue.lines.values() for peg in line.pegs)
        found[sku].elsewhere = _units_elsewhere(pegs, sources, shelves)


def _add_receipts_elsewhere_then(
    promises: EveryPromise, found: Items, shelves: Shelves
) -> None:
    """Add the receipts elsewhere: only lines in pools that share sources can wait for them."""
    sources = {each.key: each.receipt.source for each in promises.receipts}
    pegs: dict[str, list[tuple[str, Peg]]] = {
        sku: [] for sku in promises.sharing if sku in found
    }
    for line in promises.lines:
        if line.sku in pegs:
            for peg in line.pegged_to:
                assert isinstance(peg, Peg)
                pegs[line.sku].append((line.pool, peg))
    for sku, of_item in pegs.items():
        found[sku].elsewhere = _units_elsewhere(of_item, sources, shelves)


def _units_elsewhere(
    pegs: Iterable[tuple[str, Peg]], sources: Mapping[LineKey, str], shelves: Shelves
) -> dict[str, int]:
    """Count by pool the units that its lines wait for and that come where it is not served."""
    found: dict[str, int] = {}
    for pool, peg in pegs:
        if pool not in shelves.served_by(sources[peg.purchase_order, peg.purchase_line]):
            found[pool] = found.get(pool, 0) + peg.quantity
    return found
