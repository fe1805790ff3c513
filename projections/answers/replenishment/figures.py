"""The figures of all items that may lack something, now or as of a position.

Whoever proposes what to order has to look at every item once: also one of which nothing is open may
be below its level. So their figures are read by a few statements for all of them, from rows, and no
item is loaded whole.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from stocktrail.ledger.configuration import resolve_source_notice
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.projections.answers.moment_view import MomentView
from stocktrail.projections.answers.replenishment.needs import (
    ALL_COVERED,
    ItemFigures,
    OnOrder,
    Shelves,
    Uncovered,
)
from stocktrail.projections.as_of.all_items import AllItems
from stocktrail.projections.as_of.every_line import LineThen
from stocktrail.projections.as_of.every_promise import EveryPromise
from stocktrail.projections.models.item import own_level
from stocktrail.projections.models.open_lines import OPEN_LINE, PEGGED_ITEM, Queue
from stocktrail.projections.models.parked_items import PARKED_ITEM
from stocktrail.projections.models.purchase_orders import OPEN_RECEIPT
from stocktrail.projections.models.setting_levels import SETTING_LEVEL, put_level
from stocktrail.projections.models.stock_levels import SOURCE_ITEM, STOCK_LEVEL

Items = Mapping[str, ItemFigures]
OwnLevels = Mapping[str, ProductStock]
"""Items with settings of their own, by SKU."""

_OF_ITEMS = "WHERE sku <> '' AND setting IN ('notify_below', 'manage_stock')"


class EveryFigure:
    """The figures of every item that may lack something, at a moment.

    As of an earlier position what lines waited for is found for all of them at once; only items
    that pools want which share sources are pegged besides.
    """

    def __init__(self) -> None:
        self._promises: EveryPromise | None = None

    def look_at(self, promises: EveryPromise) -> Sequence[str]:
        """Look at an earlier moment; return the items that have to be pegged."""
        self._promises = promises
        return promises.sharing

    def figures(self, moment: MomentView, shelves: Shelves) -> Items:
        """Return the figures by item; parked items, and those not managed, lack nothing."""
        own: OwnLevels
        promises = self._promises
        if promises is None or moment.past is None:
            own = _own_levels(moment)
            found = _now(moment, _most_wanted(moment.settings, own.values(), shelves))
            _add_levels(found, own, moment.settings)
            _add_receipts(moment, found)
            _add_uncovered(moment, found)
        else:
            every = AllItems(promises.past)
            own = moment.past.stocks(every.described_again())
            found = _then(every, moment.settings, own)
            _add_levels(found, own, moment.settings)
            _add_receipts_then(moment, every, found)
            _add_uncovered_then(promises.lines, found)
        _add_receipts_elsewhere(moment, found, shelves)
        return found


def _own_levels(moment: MomentView) -> OwnLevels:
    """Read the items that have levels of their own, with nothing but those."""
    found: dict[str, ProductStock] = {}
    for row in moment.rows(SETTING_LEVEL, _OF_ITEMS):
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


def _now(moment: MomentView, below: int) -> dict[str, ItemFigures]:
    """Read the items of which a place has fewer than so many units left, or anything is open."""
    names = {
        name: moment.place.table(table).name for name, table in (
            ("level", STOCK_LEVEL), ("pegged", PEGGED_ITEM), ("item", SOURCE_ITEM),
            ("parked", PARKED_ITEM),
        )
    }
    few = (
        "SELECT sku FROM {level} WHERE supply - demand < :below UNION SELECT sku FROM {pegged} "
        "UNION SELECT sku FROM {item} WHERE on_hand < :below EXCEPT SELECT sku FROM {parked}"
    ).format(**names)
    found = _FoundItems()
    moment.cursor.execute(
        f"SELECT sku, pool, supply, demand FROM {names['level']} WHERE sku IN ({few})",
        {"below": below},
    )
    for sku, pool, supply, demand in map(tuple, moment.cursor.fetchall()):
        item = found[sku]
        item.demand[pool] = demand
        item.available[pool] = supply - demand
    moment.cursor.execute(
        f"SELECT sku, source, on_hand, status FROM {names['item']} WHERE sku IN ({few})",
        {"below": below},
    )
    for sku, source, on_hand, status in map(tuple, moment.cursor.fetchall()):
        item = found[sku]
        item.on_hand[source] = on_hand
        if status == "out_of_stock":
            item.out_of_stock = {*item.out_of_stock, source}
    return dict(found)


def _then(every: AllItems, settings: Settings, own: OwnLevels) -> dict[str, ItemFigures]:
    """Put together what was there of every item, whatever it was."""
    found = {
        sku: ItemFigures(sku, on_hand=dict(on_hand))
        for sku, on_hand in every.on_hand_by_source().items()
    }
    for pool in settings.pools:
        demand, available = every.demand(pool), every.available(pool)
        for sku in {**demand, **available}:
            if sku in found:
                found[sku].demand[pool] = demand.get(sku, 0)
                found[sku].available[pool] = available.get(sku, 0)
    for sku, stock in own.items():
        if sku in found:
            found[sku].out_of_stock = stock.out_of_stock
    return found


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


def _add_receipts(moment: MomentView, found: Items) -> None:
    """Add what is to come to each source, of what its items may be sold from there."""
    moment.cursor.execute(
        "SELECT sku, destination, SUM(remaining) AS units, "
        "SUM(CASE WHEN expected_date IS NULL THEN remaining ELSE 0 END) AS undated "
        f"FROM {moment.place.table(OPEN_RECEIPT).name} GROUP BY sku, destination"
    )
    for row in moment.cursor.fetchall():
        item, source = found.get(row["sku"]), row["destination"]
        if item is None or source in moment.settings.disabled or source in item.out_of_stock:
            continue
        item.coming[source] = OnOrder(int(row["units"]), int(row["undated"]))


def _add_receipts_then(moment: MomentView, every: AllItems, found: Items) -> None:
    """Add what was to come to each source, of what its items might be sold from there."""
    for sku, receipts in every.receipts.items():
        item = found.get(sku)
        if item is None:
            continue
        units, undated = defaultdict[str, int](int), defaultdict[str, int](int)
        for receipt in receipts:
            units[receipt.source] += receipt.quantity
            if receipt.expected_date is None:
                undated[receipt.source] += receipt.quantity
        for source, coming in units.items():
            if source not in moment.settings.disabled and source not in item.out_of_stock:
                item.coming[source] = OnOrder(coming, undated[source])


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
        elsewhere: dict[str, int] = {}
        for line in queue.lines.values():
            for peg in line.pegs:
                source = queue.receipts[peg.purchase_order, peg.purchase_line].source
                if line.pool not in shelves.served_by(source):
                    elsewhere[line.pool] = elsewhere.get(line.pool, 0) + peg.quantity
        found[sku].elsewhere = elsewhere
