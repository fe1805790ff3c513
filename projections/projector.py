"""The projector: folds commands from the log into every read model, in step.

All read models stand at the same position, so that one may follow from another (a notice from stock
levels and settings, a promise from orders and receipts). What they hold depends on the log alone,
never on how it was cut into batches: a command is never cut in two, and what is judged at the end
of a command sees nothing later.
"""

from collections.abc import Iterable, Sequence

from ledger.base.aggregate import RecordedEvent
from ledger.configuration import SettingChanged
from ledger.order import EVENTS as ORDER_EVENTS
from ledger.order import Order, OrderPlaced
from ledger.purchase_order import EVENTS as PURCHASE_EVENTS
from ledger.purchase_order import PurchaseOrder, PurchaseOrderPlaced
from ledger.settings import PoolDefined, Settings
from ledger.stock.events import StockStatusChanged
from ledger.stock.state import ProductStock
from projections import (
    low_stock,
    orders,
    promises,
    purchase_orders,
    setting_levels,
    stock_history,
    stock_levels,
)
from projections.batches import MOVES_PROMISES, MOVES_SUPPLY, Command, reaches_every_item
from projections.changes import Changes, changes_of
from projections.item import Item, Reach
from projections.low_stock import LowStock, load_notices
from projections.open_lines import all_skus, load_queues
from projections.orders import Orders, load_orders
from projections.promises import Promises, load_today
from projections.purchase_orders import PurchaseOrders, load_purchase_orders
from projections.setting_levels import SettingLevels, load_settings
from projections.stock_history import Movement, StockHistory
from projections.stock_levels import StockLevels, load_items, skus_in_stock
from projections.tables import Cursor, Place, ReadModel, Row

READ_MODELS: tuple[ReadModel, ...] = (
    setting_levels.MODEL, stock_levels.MODEL, low_stock.MODEL, orders.MODEL, stock_history.MODEL,
    purchase_orders.MODEL, promises.MODEL,
)
"""Every read model there is."""


class Projector:
    """Folds batches of commands into the read models of one place.

    Nothing is written until :meth:`save`; the caller keeps the position in the same transaction.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._settings: SettingLevels | None = None
        self._levels = StockLevels()
        self._orders = Orders()
        self._low_stock = LowStock()
        self._history = StockHistory()
        self._purchase_orders = PurchaseOrders()

    def fold(self, cursor: Cursor, batch: Sequence[Command]) -> None:
        """Fold one batch, reading what it needs and is not in memory."""
        if self._settings is None:
            self._settings = SettingLevels(load_settings(self._place, cursor))
            self._reach = Reach(self._settings.settings)
            self._promises = Promises(
                self._settings.settings, load_today(self._place, cursor), self._orders.order
            )
        self._load(cursor, batch)
        for command in batch:
            self._fold_command(cursor, command)

    def save(self, cursor: Cursor) -> None:
        """Write what the last batch touched."""
        assert self._settings is not None
        for model in (
            self._settings, self._levels, self._low_stock, self._orders, self._history,
            self._purchase_orders, self._promises,
        ):
            model.save(self._place, cursor)

    @property
    def promise_changes(self) -> list[Row]:
        """The changes of promises that were folded and are not saved yet."""
        return self._promises.changes

    # ------------------------------------------------------------------ what a batch needs

    def _load(self, cursor: Cursor, batch: Sequence[Command]) -> None:
        skus: list[str] = []
        receipts: list[str] = []
        keys: dict[str, list[str]] = {Order.category: [], PurchaseOrder.category: []}
        placed: set[str] = set()
        everything = False
        for recorded in (recorded for command in batch for recorded in command):
            event = recorded.payload
            category, _, key = recorded.originator_id.partition("/")
            if category == ProductStock.category:
                skus.append(key)
                keys[Order.category] += [line.order for line in changes_of(event).lines]
            elif category == Settings.category:
                everything |= isinstance(event, MOVES_PROMISES)
            elif category in keys:
                keys[category].append(key)
                if isinstance(event, PURCHASE_EVENTS):
                    receipts += [line.sku for line in getattr(event, "lines", ())]
            if isinstance(event, (OrderPlaced, PurchaseOrderPlaced)):
                placed.add(recorded.originator_id)
        for item in self._read_items(cursor, self._levels.missing(skus)):
            self._levels.keep(item)
        self._load_orders(cursor, (
            key for key in keys[Order.category] if Order.stream_of(key) not in placed
        ))
        absent = self._purchase_orders.missing(
            key for key in keys[PurchaseOrder.category]
            if PurchaseOrder.stream_of(key) not in placed
        )
        for purchase in load_purchase_orders(self._place, cursor, absent).values():
            self._purchase_orders.keep(purchase)
        queued = skus + receipts
        if everything:
            queued += all_skus(self._place, cursor)
        self._load_queues(cursor, queued)

    def _load_orders(self, cursor: Cursor, order_ids: Iterable[str]) -> None:
        absent = self._orders.missing(order_ids)
        for order in load_orders(self._place, cursor, absent).values():
            self._orders.keep(order)

    def _load_queues(self, cursor: Cursor, skus: Sequence[str]) -> None:
        """Load the queues of items, and of all items that ship in one with their lines."""
        for queue in load_queues(self._place, cursor, self._promises.missing(skus)).values():
            self._promises.keep(queue)
        whole = self._promises.whole_orders(dict.fromkeys(skus))
        self._load_orders(cursor, whole)
        linked = [
            line.sku for order_id in whole for line in self._orders.order(order_id).lines.values()
        ]
        for queue in load_queues(self._place, cursor, self._promises.missing(linked)).values():
            self._promises.keep(queue)

    def _read_items(self, cursor: Cursor, skus: Sequence[str]) -> Iterable[Item]:
        items = load_items(self._place, cursor, skus)
        load_notices(self._place, cursor, items)
        return items.values()

    # ------------------------------------------------------------------ one command

    def _fold_command(self, cursor: Cursor, command: Command) -> None:
        assert self._settings is not None
        touched: dict[str, Item] = {}
        everything = False
        self._promises.begin(command[0])
        for recorded in command:            # lines must be there before units are bound to them
            if isinstance(recorded.payload, ORDER_EVENTS):
                self._orders.apply(recorded)
        for recorded in command:
            category, _, key = recorded.originator_id.partition("/")
            if category == ProductStock.category:
                touched[key] = self._levels.item(key)
                self._fold_stock(touched[key], recorded)
            elif category == PurchaseOrder.category:
                self._promises.receipts_moved(self._purchase_orders.apply(recorded))
            elif category == Settings.category:
                everything |= reaches_every_item(recorded.payload)
                self._fold_settings(cursor, recorded, touched)
        for item in self._every_item(cursor, touched) if everything else touched.values():
            pools = self._reach.of_item(item)
            if self._low_stock.judge(item, pools, self._settings.settings, command[-1]):
                self._levels.keep(item)
        self._promises.judge(command[-1])

    def _fold_settings(
        self, cursor: Cursor, recorded: RecordedEvent, touched: dict[str, Item]
    ) -> None:
        assert self._settings is not None
        event = recorded.payload
        if isinstance(event, MOVES_PROMISES):
            self._promises.about_to_change_rules()
        self._settings.apply(event)
        self._promises.settings_changed(event)
        if isinstance(event, PoolDefined):
            self._reach = Reach(self._settings.settings)
        if isinstance(event, MOVES_SUPPLY):
            for item in self._every_item(cursor, touched):
                self._move_pools(item, recorded, Changes(), self._reach.of_item(item))

    def _fold_stock(self, item: Item, recorded: RecordedEvent) -> None:
        assert self._settings is not None
        event = recorded.payload
        if isinstance(event, SettingChanged):
            self._settings.set_level(item.sku, event)
        changes = self._levels.apply(item, event)
        self._orders.allocate(changes.lines)
        self._promises.stock_changed(item.sku, recorded, changes)
        pools: set[str] = set()
        for source, _ in changes.on_hand:
            pools.update(self._reach.of_source(source))
        for change in changes.pools:
            pools.update(self._reach.of_pool(change.pool))
        if isinstance(event, StockStatusChanged):
            pools.update(self._reach.of_source(event.source))
        self._move_pools(item, recorded, changes, sorted(pools))

    def _move_pools(
        self, item: Item, recorded: RecordedEvent, changes: Changes, pools: Sequence[str]
    ) -> None:
        assert self._settings is not None
        on_hand = item.stock.on_hand
        moved: list[Movement] = [
            (source, None, delta, on_hand[source]) for source, delta in changes.on_hand
        ]
        gains = self._levels.recompute(item, pools, self._settings.settings)
        moved += [(None, pool, gained, item.available[pool]) for pool, gained in gains]
        if moved:
            self._history.record(item.sku, recorded, moved)

    def _every_item(self, cursor: Cursor, touched: dict[str, Item]) -> Iterable[Item]:
        """Step through every item that a source carries, as it stands now."""
        after = ""
        while skus := skus_in_stock(self._place, cursor, after):
            for item in self._read_items(cursor, skus):
                yield self._levels.in_memory(item)
            after = skus[-1]
        source_item = self._place.table(stock_levels.SOURCE_ITEM)
        stored = {row["sku"] for row in source_item.rows_of(cursor, "sku", list(touched))}
        yield from (item for sku, item in touched.items() if sku not in stored)
