"""The projector: folds commands from the log into every read model, in step.

All read models stand at the same position, so that one may follow from another (a notice from stock
levels and settings). What they hold depends on the log alone, never on how it was cut into batches:
a command is never cut in two, and what is judged at the end of a command sees nothing later.
"""

from collections.abc import Iterable, Iterator, Sequence

from ledger.base.aggregate import RecordedEvent
from ledger.base.event import Event
from ledger.configuration import SettingChanged
from ledger.order import EVENTS as ORDER_EVENTS
from ledger.order import OrderPlaced
from ledger.settings import PoolDefined, SourceDisabled, SourceEnabled
from ledger.stock.events import StockStatusChanged
from projections import low_stock, orders, setting_levels, stock_history, stock_levels
from projections.changes import Changes, changes_of
from projections.item import Item, Reach
from projections.low_stock import LowStock, load_notices
from projections.orders import Orders, load_orders
from projections.setting_levels import SettingLevels, load_settings
from projections.stock_history import Movement, StockHistory
from projections.stock_levels import StockLevels, load_items, skus_in_stock
from projections.tables import Cursor, Place, ReadModel

READ_MODELS: tuple[ReadModel, ...] = (
    setting_levels.MODEL, stock_levels.MODEL, low_stock.MODEL, orders.MODEL, stock_history.MODEL,
)
"""Every read model there is."""

Command = Sequence[RecordedEvent]
"""The events of one command, in order."""

_MOVES_SUPPLY = (SourceEnabled, SourceDisabled, PoolDefined)
_MOVES_NOTICES = {"backorders", "out_of_stock_threshold", "notify_below", "manage_stock"}


def reaches_every_item(event: Event) -> bool:
    """Say whether an event of the settings' own stream can change the numbers of any item."""
    if isinstance(event, SettingChanged):
        return event.sku is None and event.setting in _MOVES_NOTICES
    return isinstance(event, _MOVES_SUPPLY)


def batches(commands: Iterable[Command]) -> Iterator[list[Command]]:
    """Cut commands into batches, so that one that reaches every item stands alone.

    It goes through all items as they are stored, so nothing before it may be unsaved.
    """
    batch: list[Command] = []
    for command in commands:
        if any(reaches_every_item(recorded.payload) for recorded in command):
            if batch:
                yield batch
            yield [command]
            batch = []
        else:
            batch.append(command)
    if batch:
        yield batch


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

    def fold(self, cursor: Cursor, batch: Sequence[Command]) -> None:
        """Fold one batch, reading what it needs and is not in memory."""
        if self._settings is None:
            self._settings = SettingLevels(load_settings(self._place, cursor))
            self._reach = Reach(self._settings.settings)
        self._load(cursor, batch)
        for command in batch:
            self._fold_command(cursor, command)

    def save(self, cursor: Cursor) -> None:
        """Write what the last batch touched."""
        assert self._settings is not None
        for model in (
            self._settings, self._levels, self._low_stock, self._orders, self._history
        ):
            model.save(self._place, cursor)

    def _load(self, cursor: Cursor, batch: Sequence[Command]) -> None:
        skus, order_ids = [], []
        for command in batch:
            for recorded in command:
                category, _, key = recorded.originator_id.partition("/")
                if category == "stock":
                    skus.append(key)
                    order_ids += [line.order for line in changes_of(recorded.payload).lines]
                elif category == "order":
                    order_ids.append(key)
        for item in self._read_items(cursor, self._levels.missing(skus)):
            self._levels.keep(item)
        placed = {
            recorded.payload.order for command in batch for recorded in command
            if isinstance(recorded.payload, OrderPlaced)
        }
        absent = self._orders.missing(order for order in order_ids if order not in placed)
        for order in load_orders(self._place, cursor, absent).values():
            self._orders.keep(order)

    def _read_items(self, cursor: Cursor, skus: Sequence[str]) -> Iterable[Item]:
        items = load_items(self._place, cursor, skus)
        load_notices(self._place, cursor, items)
        return items.values()

    def _fold_command(self, cursor: Cursor, command: Command) -> None:
        assert self._settings is not None
        touched: dict[str, Item] = {}
        everything = False
        for recorded in command:            # lines must be there before units are bound to them
            if isinstance(recorded.payload, ORDER_EVENTS):
                self._orders.apply(recorded)
        for recorded in command:
            event = recorded.payload
            category, _, key = recorded.originator_id.partition("/")
            if category == "stock":
                touched[key] = self._levels.item(key)
                self._fold_stock(touched[key], recorded)
            elif category == "settings":
                self._settings.apply(event)
                everything |= reaches_every_item(event)
                if isinstance(event, PoolDefined):
                    self._reach = Reach(self._settings.settings)
                if isinstance(event, _MOVES_SUPPLY):
                    for item in self._every_item(cursor, touched):
                        self._move_pools(item, recorded, Changes(), self._reach.of_item(item))
        for item in self._every_item(cursor, touched) if everything else touched.values():
            pools = self._reach.of_item(item)
            if self._low_stock.judge(item, pools, self._settings.settings, command[-1]):
                self._levels.keep(item)

    def _fold_stock(self, item: Item, recorded: RecordedEvent) -> None:
        assert self._settings is not None
        event = recorded.payload
        if isinstance(event, SettingChanged):
            self._settings.set_level(item.sku, event)
        changes = self._levels.apply(item, event)
        self._orders.allocate(changes.lines)
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
        moved = [
            Movement(source, None, delta, on_hand[source]) for source, delta in changes.on_hand
        ]
        gains = self._levels.recompute(item, pools, self._settings.settings)
        moved += [
            Movement(None, pool, gained, item.available[pool]) for pool, gained in gains
        ]
        if moved:
            self._history.record(item, recorded, moved)

    def _every_item(self, cursor: Cursor, touched: dict[str, Item]) -> Iterator[Item]:
        """Step through every item that a source carries, as it stands now."""
        after = ""
        while skus := skus_in_stock(self._place, cursor, after):
            for item in self._read_items(cursor, skus):
                yield self._levels.in_memory(item)
            after = skus[-1]
        source_item = self._place.table(stock_levels.SOURCE_ITEM)
        stored = {row["sku"] for row in source_item.rows_of(cursor, "sku", list(touched))}
        yield from (item for sku, item in touched.items() if sku not in stored)
