"""Read model of stock levels: every item, its units by source, and what its pools want of them.

Salable quantity is never stored: it follows from these few rows and the settings as they are when
somebody asks, so a changed setting reaches every item at once and reading takes constant time.
"""

from collections.abc import Iterable, Sequence

import orjson

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.product import Product
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.events import StockStatusChanged
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store.tables import Cursor, ReadModel, Table, TableSet, Values
from stocktrail.projections.models.changes import Changes
from stocktrail.projections.models.item import Item, PoolGroups, new_item, own_level
from stocktrail.projections.models.parked_items import PARKED_ITEM, Parked, parked_of
from stocktrail.projections.models.recently_used import RecentlyUsed
from stocktrail.projections.models.setting_levels import SETTING_LEVEL, put_level
from stocktrail.projections.models.version import versioned

PRODUCT = Table(
    versioned("product"),
    {
        "sku": "TEXT NOT NULL", "version": "BIGINT NOT NULL", "name": "TEXT",
        "described": "TEXT NOT NULL",
    },
    ("sku",),
)
SOURCE_ITEM = Table(
    versioned("source_item"),
    {
        "sku": "TEXT NOT NULL", "source": "TEXT NOT NULL", "on_hand": "BIGINT NOT NULL",
        "status": "TEXT NOT NULL",
    },
    ("sku", "source"),
    ("source, sku",),
)
STOCK_LEVEL = Table(
    versioned("stock_level"),
    {
        "sku": "TEXT NOT NULL", "pool": "TEXT NOT NULL", "supply": "BIGINT NOT NULL",
        "demand": "BIGINT NOT NULL", "allocated": "BIGINT NOT NULL",
    },
    ("sku", "pool"),
    ("pool, sku WHERE supply > demand", "pool, demand, sku WHERE demand > 0"),
)
MODEL = ReadModel("stock_levels", (PRODUCT, SOURCE_ITEM, STOCK_LEVEL))

MOST_RESIDENT_ITEMS = 50_000
"""How many items stay in memory between batches."""

ITEMS_PER_PAGE = 1000


def load_items(tables: TableSet, cursor: Cursor, skus: Sequence[str]) -> dict[str, Item]:
    """Read items with their stock and their own levels of every setting."""
    items = {sku: new_item(sku) for sku in skus}
    for row in tables.table(PRODUCT).rows_of(cursor, "sku", skus):
        stock = items[row["sku"]].stock
        stock.version = row["version"]
        stock.product = Product.of_state(orjson.loads(row["described"]))
    for row in tables.table(SOURCE_ITEM).rows_of(cursor, "sku", skus):
        stock = items[row["sku"]].stock
        stock.on_hand[row["source"]] = row["on_hand"]
        if row["status"] == "out_of_stock":
            stock.out_of_stock.add(row["source"])
    for row in tables.table(STOCK_LEVEL).rows_of(cursor, "sku", skus):
        item = items[row["sku"]]
        item.stock.demand[row["pool"]] = row["demand"]
        item.stock.allocated[row["pool"]] = row["allocated"]
        item.available[row["pool"]] = row["supply"] - row["demand"]
    for row in tables.table(SETTING_LEVEL).rows_of(cursor, "sku", skus):
        stock = items[row["sku"]].stock
        put_level(own_level(stock, row["pool"] or None, row["source"] or None), row)
    for sku, parked in parked_of(tables, cursor, skus).items():
        items[sku].parked = parked
    return items


def load_stock(tables: TableSet, cursor: Cursor, sku: str) -> ProductStock:
    """Read the stock of one item; empty (version 0) when it was never registered.

    Refuses one that is parked (``item_parked``).
    """
    item = load_items(tables, cursor, [sku])[sku]
    if item.parked is not None:
        raise item.parked.refusal()
    return item.stock


class StockLevels:
    """Folds the events of items, keeps recent items in memory, and writes the rows they touched."""

    def __init__(self) -> None:
        self._items: RecentlyUsed[Item] = RecentlyUsed()
        self._touched: dict[str, Item] = {}
        self._sources: dict[tuple[str, str], Item] = {}
        self._pools: dict[tuple[str, str], Item] = {}
        self._parked: dict[str, Parked] = {}

    def begin(self) -> None:
        """Begin with empty tables."""
        self._items.is_whole = True

    def missing(self, skus: Iterable[str]) -> list[str]:
        """Return the items that have to be read, and keep the others in memory."""
        absent = self._items.missing(skus)
        if not self._items.is_whole:
            return absent
        for sku in absent:
            self._items[sku] = new_item(sku)
        return []

    def keep(self, item: Item) -> None:
        """Keep an item in memory."""
        self._items[item.sku] = item

    def item(self, sku: str) -> Item:
        """Return an item that is in memory."""
        return self._items[sku]

    def not_in_memory(self, skus: Iterable[str]) -> list[str]:
        """Return those of some items that are not in memory, without marking the others as used."""
        return [sku for sku in skus if sku not in self._items]

    def apply(self, item: Item, sku: str, event: Event) -> Changes:
        """Fold one event of an item, and return what it changed in units."""
        on_hand, pools, _ = changes = item.apply(event)
        self._touched[sku] = item
        for source, _ in on_hand:
            self._sources[sku, source] = item
        for pool, _, _ in pools:
            self._pools[sku, pool] = item
        if type(event) is StockStatusChanged:
            self._sources[sku, event.source] = item
        return changes

    def move_alone(
        self, item: Item, sku: str, pool: str, changes: Changes, settings: Settings
    ) -> list[tuple[str, int]]:
        """Add what a pool that shares no source gained by an event; return it if that is anything.

        It loses the units that are wanted of it and gains those that come to a source that sells
        in it; a transfer may have its other end where no pool sells.
        """
        on_hand, pools, _ = changes
        gained = 0
        for _, demand, _ in pools:
            gained -= demand
        for source, quantity in on_hand:
            if source in settings.pools[pool] and item.sells_from(source, settings):
                gained += quantity
        if not gained:
            return []
        item.available[pool] += gained
        self._pools[sku, pool] = item
        return [(pool, gained)]

    def recompute(
        self, item: Item, sku: str, pools: Iterable[str], settings: Settings, groups: PoolGroups
    ) -> list[tuple[str, int]]:
        """Compute what pools have available of an item; return each one that gained or lost."""
        changed = []
        for pool in pools:
            available = item.available_in(settings, pool, alone=groups.stands_alone(pool))
            before = item.available.get(pool)
            if available != before:
                item.available[pool] = available
                self._pools[sku, pool] = item
                self._items[sku] = item
            if available != (before or 0):
                changed.append((pool, available - (before or 0)))
        return changed

    def park(self, item: Item, parked: Parked) -> None:
        """Park an item: its numbers are not written any more."""
        item.parked = self._parked[item.sku] = parked
        self._touched[item.sku] = item
        for rows in (self._sources, self._pools):
            for key in [key for key in rows if key[0] == item.sku]:
                del rows[key]

    def save(self, tables: TableSet, cursor: Cursor) -> None:
        """Write what was touched since the last time, and drop the least recently used items."""
        for sku in self._parked:
            for table in (SOURCE_ITEM, STOCK_LEVEL):
                name = tables.table(table).name
                cursor.execute(f"DELETE FROM {name} WHERE sku = :sku", {"sku": sku})
        tables.table(PARKED_ITEM).put(cursor, map(tuple, self._parked.values()))
        self._parked.clear()
        tables.table(PRODUCT).put(cursor, (
            _product_row(sku, item) for sku, item in self._touched.items()
        ))
        tables.table(SOURCE_ITEM).put(cursor, (
            (
                sku, source, item.stock.on_hand[source],
                "out_of_stock" if source in item.stock.out_of_stock else "in_stock",
            )
            for (sku, source), item in self._sources.items()
        ))
        tables.table(STOCK_LEVEL).put(cursor, (
            _level_row(sku, pool, item) for (sku, pool), item in self._pools.items()
        ))
        self._touched.clear()
        self._sources.clear()
        self._pools.clear()
        while len(self._items) > MOST_RESIDENT_ITEMS:
            self._items.drop_first()


def _product_row(sku: str, item: Item) -> Values:
    stock = item.stock
    if item.described is None:
        state = stock.product.to_state()
        item.described = orjson.dumps(state, option=orjson.OPT_SORT_KEYS).decode()
    return (sku, stock.version, stock.product.name, item.described)


def _level_row(sku: str, pool: str, item: Item) -> Values:
    demand = item.stock.demand.get(pool, 0)
    return (
        sku, pool, item.available.get(pool, 0) + demand, demand,
        item.stock.allocated.get(pool, 0),
    )


def count_registered(tables: TableSet, cursor: Cursor) -> int:
    """Return how many items are registered and not parked."""
    parked = tables.table(PARKED_ITEM).name
    return tables.table(PRODUCT).count(cursor, f"WHERE sku NOT IN (SELECT sku FROM {parked})")


def skus_registered(tables: TableSet, cursor: Cursor, after: str, limit: int) -> list[str]:
    """Return the next page of registered items that are not parked, in the order of their SKUs."""
    parked = tables.table(PARKED_ITEM).name
    rows = tables.table(PRODUCT).rows(
        cursor, f"WHERE sku > :after AND sku NOT IN (SELECT sku FROM {parked}) "
        "ORDER BY sku LIMIT :limit", after=after, limit=limit,
    )
    return [row["sku"] for row in rows]
