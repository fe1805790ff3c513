"""Folds the log into the read models of stock: settings, levels, low stock and history.

The index of events is folded along, because this side has less to do.

Items depend on settings and on their own events alone, so this side of the fold needs nothing of
the other (:mod:`stocktrail.projections.folding.order_side`), and the two can run in processes of
their own.
"""

from collections.abc import Iterable, Iterator, Sequence

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.configuration import SETTING_EVENTS, SettingChanged
from stocktrail.ledger.settings import PoolDefined, Settings, SourceDisabled, SourceEnabled
from stocktrail.ledger.stock.events import ProductRegistered, StockStatusChanged
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store.tables import Cursor, ReadModel, TableSet
from stocktrail.projections.folding.batches import Batch, begins_log, reaches_every_item
from stocktrail.projections.models import (
    backlog_days,
    event_index,
    item_descriptions,
    item_names,
    low_stock,
    parked_items,
    setting_levels,
    stock_history,
    stock_levels,
)
from stocktrail.projections.models.backlog_days import BacklogDays
from stocktrail.projections.models.changes import NOTHING, Changes
from stocktrail.projections.models.event_index import EventIndex
from stocktrail.projections.models.item import Item, PoolGroups
from stocktrail.projections.models.item_descriptions import DESCRIBING, ItemDescriptions
from stocktrail.projections.models.item_names import ItemNames
from stocktrail.projections.models.low_stock import LowStock, load_notices, needs_no_check
from stocktrail.projections.models.parked_items import Parked, fits
from stocktrail.projections.models.pool_events import PoolEvents
from stocktrail.projections.models.setting_levels import SettingLevels, load_settings
from stocktrail.projections.models.settings_reach import skus_carried, skus_to_judge
from stocktrail.projections.models.stock_history import Movement, StockHistory
from stocktrail.projections.models.stock_levels import ITEMS_PER_PAGE, StockLevels, load_items

_SETTING_EVENTS = frozenset(SETTING_EVENTS)
_STOCK = f"{ProductStock.category}/"
_SETTINGS = f"{Settings.category}/"


class StockProjector:
    """Folds batches of commands into the read models of stock in one set of tables."""

    models: tuple[ReadModel, ...] = (
        setting_levels.MODEL, stock_levels.MODEL, low_stock.MODEL, stock_history.MODEL,
        item_names.MODEL, item_descriptions.MODEL, backlog_days.MODEL, parked_items.MODEL,
        event_index.MODEL,
    )

    def __init__(self, tables: TableSet) -> None:
        self._tables = tables
        self._settings: SettingLevels | None = None
        self._levels = StockLevels()
        self._low_stock = LowStock()
        self._history = StockHistory()
        self._backlog = BacklogDays()
        self._pool_events = PoolEvents()
        self._index = EventIndex()
        self._names = ItemNames()
        self._descriptions = ItemDescriptions()

    def fold(self, cursor: Cursor, batch: Batch) -> None:
        """Fold one batch, reading what it needs and is not in memory."""
        if self._settings is None:
            self._settings = SettingLevels(load_settings(self._tables, cursor))
            if begins_log(batch):
                self._levels.begin()
            self._groups = PoolGroups(self._settings.settings)
        skus = {
            recorded[0][len(_STOCK):]
            for together in batch for recorded in together if recorded[0].startswith(_STOCK)
        }
        for item in self._read_items(cursor, self._levels.missing(skus)):
            self._levels.keep(item)
        begin, end = batch[0][0].position, batch[-1][-1].position
        self._backlog.load(self._tables, cursor, begin, end)
        self._fold_batch(cursor, batch)
        self._index.record(batch)

    def save(self, cursor: Cursor) -> None:
        """Write what was touched since the last time."""
        assert self._settings is not None
        for model in (
            self._settings, self._levels, self._low_stock, self._history, self._backlog,
            self._names, self._descriptions, self._index, self._pool_events,
        ):
            model.save(self._tables, cursor)

    def _read_items(self, cursor: Cursor, skus: Sequence[str]) -> Iterable[Item]:
        items = load_items(self._tables, cursor, skus)
        load_notices(self._tables, cursor, items)
        return items.values()

    # ------------------------------------------------------------------ what was recorded together

    def _fold_batch(self, cursor: Cursor, batch: Batch) -> None:
        assert self._settings is not None
        settings, item_of = self._settings.settings, self._levels.item
        for together in batch:
            touched: dict[str, Item] = {}
            reached: set[str] = set()
            before: Settings | None = None
            for recorded in together:
                stream = recorded[0]
                if stream.startswith(_STOCK):
                    sku = stream[len(_STOCK):]
                    touched[sku] = item = item_of(sku)
                    self._pool_events.record(sku, recorded)
                    if item.parked is None:
                        self._fold_stock(item, sku, recorded)
                elif stream.startswith(_SETTINGS):
                    if before is None and reaches_every_item(recorded.payload):
                        before = settings.clone()
                    reached |= self._fold_settings(cursor, recorded, touched)
            if before is not None:
                reached |= skus_to_judge(self._tables, cursor, before, settings)
            for item in self._items(cursor, reached, touched) if reached else touched.values():
                if item.parked is None and not needs_no_check(item, settings) and (
                    self._low_stock.judge(item, settings, together[-1])
                ):
                    self._levels.keep(item)

    def _fold_settings(
        self, cursor: Cursor, recorded: RecordedEvent, touched: dict[str, Item]
    ) -> set[str]:
        """Fold an event of the settings; return the items whose units it can have moved.

        What was recorded together before it may have brought items to a source, which no table
        knows yet.
        """
        assert self._settings is not None
        event, settings = recorded.payload, self._settings.settings
        sources: set[str] = set()
        if isinstance(event, PoolDefined):
            sources = settings.changed_sources(event.pool, event.sources)
        elif isinstance(event, (SourceEnabled, SourceDisabled)):
            sources = {event.source}
        self._settings.apply(event)
        if isinstance(event, PoolDefined):
            self._groups = PoolGroups(settings)
        reached = skus_carried(self._tables, cursor, sources)
        for item in self._items(cursor, reached, touched) if sources else ():
            if item.parked is None:
                self._move_pools(item, item.sku, recorded, NOTHING, self._groups.of_item(item))
        return reached

    def _fold_stock(self, item: Item, sku: str, recorded: RecordedEvent) -> None:
        assert self._settings is not None
        event = recorded.payload
        kind = type(event)
        if kind in _SETTING_EVENTS:
            assert isinstance(event, SettingChanged)
            self._settings.set_level(sku, event)
            item.check_at_or_below.clear()
        if kind in DESCRIBING:
            self._descriptions.record(sku, recorded.position)
        if kind is ProductRegistered or recorded[1] == 1:
            self._names.record(sku, recorded, item.stock.product.name)
        changes = self._levels.apply(item, sku, event)
        if kind is StockStatusChanged:
            pools = self._groups.of_source(event.source)  # type: ignore[attr-defined]
        else:
            pools = self._groups.of_changes(changes)
        if pools or changes.on_hand:
            self._move_pools(item, sku, recorded, changes, pools)

    def _move_pools(
        self, item: Item, sku: str, recorded: RecordedEvent, changes: Changes, pools: Sequence[str]
    ) -> None:
        assert self._settings is not None
        settings = self._settings.settings
        moved: list[Movement] = []
        for source, delta in changes.on_hand:
            moved.append((source, None, delta, item.stock.on_hand[source]))
        if len(pools) == 1 and pools[0] in item.available and changes is not NOTHING:
            gains = self._levels.move_alone(item, sku, pools[0], changes, settings)
        else:
            gains = self._levels.recompute(item, sku, pools, settings, self._groups)
        for pool, gained in gains:
            moved.append((None, pool, gained, item.available[pool]))
        demand = item.stock.demand
        numbers = [each[3] for each in moved]
        for pool, _, _ in changes.pools:
            numbers.append(demand[pool])
        if not fits(numbers):
            self._levels.keep(item)
            self._levels.park(item, Parked(sku, recorded.position, recorded.recorded_at))
            return
        for pool, gained in gains:
            self._backlog.record(
                recorded, pool, gained, item.available[pool], settings.time_zone
            )
        if moved:
            self._history.record(sku, recorded, moved)

    def _items(
        self, cursor: Cursor, skus: Iterable[str], touched: dict[str, Item]
    ) -> Iterator[Item]:
        """Step through items as they stand now, and those that are touched; read a page at once."""
        yield from touched.values()
        ordered = sorted(sku for sku in skus if sku not in touched)
        for start in range(0, len(ordered), ITEMS_PER_PAGE):
            page = ordered[start : start + ITEMS_PER_PAGE]
            absent = self._levels.not_in_memory(page)
            read = {item.sku: item for item in self._read_items(cursor, absent)}
            for sku in page:
                yield read[sku] if sku in read else self._levels.item(sku)
