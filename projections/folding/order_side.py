"""Folds the log into the read models of orders: orders, purchase orders and promises.

Promises follow from orders, receipts and what happens to lines in an item's stream, under the
settings of the whole ledger; nothing here needs the read models of stock.
"""

from collections.abc import Iterable, Sequence

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.settings import Settings, SourceDisabled, SourceEnabled
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store.tables import Cursor, ReadModel, Row, TableSet
from stocktrail.projections.folding.batches import MOVES_PROMISES, Batch, begins_log
from stocktrail.projections.models import open_spans, orders, promises, purchase_orders
from stocktrail.projections.models.changes import Changes, changes_of
from stocktrail.projections.models.open_spans import OpenSpans
from stocktrail.projections.models.orders import Orders, load_orders
from stocktrail.projections.models.promises import Promises
from stocktrail.projections.models.purchase_orders import PurchaseOrders, load_purchase_orders
from stocktrail.projections.models.queues import all_skus, load_queues, skus_expected_at
from stocktrail.projections.models.recorded_days import RecordedDays
from stocktrail.projections.models.setting_levels import load_settings
from stocktrail.projections.recorded_together import RecordedTogether

ItemChanges = tuple[str, Changes]
"""An item, and what an event changes of it."""

_STOCK, _ORDERS = f"{ProductStock.category}/", f"{Order.category}/"
_PURCHASES, _SETTINGS = f"{PurchaseOrder.category}/", f"{Settings.category}/"


class OrderProjector:
    """Folds batches of commands into the read models of orders in one set of tables.

    Whoever folds the log from its beginning finds nothing in the tables of this side, and must not
    look for settings in those of the other, where another process may be writing.
    """

    models: tuple[ReadModel, ...] = (
        orders.MODEL, purchase_orders.MODEL, promises.MODEL, open_spans.MODEL,
    )

    def __init__(self, tables: TableSet) -> None:
        self._tables = tables
        self._orders = Orders()
        self._spans = OpenSpans()
        self._purchase_orders = PurchaseOrders(self._spans)
        self._settings: Settings | None = None

    def _begin(self, cursor: Cursor, *, from_start: bool) -> None:
        if from_start:
            settings, days = Settings(), RecordedDays()
            self._orders.begin()
            self._purchase_orders.begin()
        else:
            settings = load_settings(self._tables, cursor)
            days = RecordedDays.load(self._tables, cursor)
        self._settings = settings
        self._promises = Promises(
            settings, days, self._orders.order, self._spans, from_start=from_start
        )

    def fold(self, cursor: Cursor, batch: Batch) -> None:
        """Fold one batch, reading what it needs and is not in memory."""
        if self._settings is None:
            self._begin(cursor, from_start=begins_log(batch))
        for together, items in zip(batch, self._load(cursor, batch), strict=True):
            self._fold_together(together, items)

    def save(self, cursor: Cursor) -> None:
        """Write what was touched since the last time."""
        for model in (self._orders, self._purchase_orders, self._promises, self._spans):
            model.save(self._tables, cursor)

    @property
    def promise_changes(self) -> list[Row]:
        """The changes of promises that were folded and are not saved yet."""
        return self._promises.changes

    # ------------------------------------------------------------------ what a batch needs

    def _load(self, cursor: Cursor, batch: Batch) -> list[list[ItemChanges | None]]:
        """Read what a batch needs; return what each of its events changes of an item."""
        skus: dict[str, None] = {}
        touched: dict[str, None] = {}
        purchases: dict[str, None] = {}
        placed: set[str] = set()
        switched: set[str] = set()
        everything = False
        found: list[list[ItemChanges | None]] = []
        for together in batch:
            items: list[ItemChanges | None] = []
            found.append(items)
            for recorded in together:
                stream, event = recorded[0], recorded[2]
                if stream.startswith(_STOCK):
                    sku = stream[len(_STOCK):]
                    skus[sku] = None
                    changes = changes_of(event)
                    items.append((sku, changes))
                    for order_id, _, _ in changes[2]:
                        touched[order_id] = None
                    continue
                items.append(None)
                category, _, key = stream.partition("/")
                if category == Order.category:
                    touched[key] = None
                    if recorded[1] == 1:
                        placed.add(key)
                elif category == PurchaseOrder.category:
                    if recorded[1] > 1:
                        purchases[key] = None
                    skus.update(_skus_of(event))
                elif category == Settings.category:
                    if isinstance(event, (SourceEnabled, SourceDisabled)):
                        switched.add(event.source)
                    else:
                        everything |= isinstance(event, MOVES_PROMISES)
        self._load_orders(cursor, (key for key in touched if key not in placed))
        absent = self._purchase_orders.missing(purchases)
        for purchase in load_purchase_orders(self._tables, cursor, absent).values():
            self._purchase_orders.keep(purchase)
        queued = list(skus)
        if everything:
            queued += all_skus(self._tables, cursor)
        for source in switched:
            queued += skus_expected_at(self._tables, cursor, source)
        self._load_queues(cursor, queued)
        return found

    def _load_orders(self, cursor: Cursor, order_ids: Iterable[str]) -> None:
        absent = self._orders.missing(order_ids)
        for order in load_orders(self._tables, cursor, absent).values():
            self._orders.keep(order)

    def _load_queues(self, cursor: Cursor, skus: Sequence[str]) -> None:
        """Load the queues of items, and of the other items of orders that ship complete."""
        for queue in load_queues(self._tables, cursor, self._promises.missing(skus)).values():
            self._promises.keep(queue)
        whole = self._promises.whole_orders(skus)
        if not whole:
            return
        self._load_orders(cursor, whole)
        linked = [
            line.sku for order_id in whole for line in self._orders.order(order_id).lines.values()
        ]
        for queue in load_queues(self._tables, cursor, self._promises.missing(linked)).values():
            self._promises.keep(queue)

    # ------------------------------------------------------------------ one command or group

    def _fold_together(
        self, together: RecordedTogether, items: Sequence[ItemChanges | None]
    ) -> None:
        assert self._settings is not None
        self._promises.begin(together)
        # Lines must be there before units are bound to them.
        for recorded, item in zip(together, items, strict=True):
            if item is None and recorded[0].startswith(_ORDERS):
                self._orders.apply(recorded)
        for recorded, item in zip(together, items, strict=True):
            if item is not None:
                sku, changes = item
                if changes[2]:
                    self._orders.allocate(changes[2])
                self._promises.stock_changed(sku, recorded, changes)
            elif recorded.originator_id.startswith(_PURCHASES):
                self._promises.receipts_moved(self._purchase_orders.apply(recorded))
            elif recorded.originator_id.startswith(_SETTINGS):
                if isinstance(recorded.payload, MOVES_PROMISES):
                    self._promises.about_to_change_rules(recorded.payload)
                self._settings.apply(recorded.payload)
                self._promises.settings_changed(recorded.payload)
        self._promises.judge()


def _skus_of(event: Event) -> dict[str, None]:
    return {line.sku: None for line in getattr(event, "lines", ())}
