"""Folds the log into the read models of orders: orders, purchase orders and promises.

Promises follow from orders, receipts and what happens to lines in an item's stream, under the
settings of the whole ledger; nothing here needs the read models of stock.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.customer import Customer
from stocktrail.ledger.orders.events import CustomerTold
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store.tables import Cursor, ReadModel, Row, TableSet
from stocktrail.projections.folding.batches import MOVES_PROMISES, Batch, begins_log
from stocktrail.projections.models import (
    late_events,
    open_spans,
    orders,
    promises,
    purchase_orders,
    registered_customers,
    shipments_and_receipts,
)
from stocktrail.projections.models.changes import Changes, changes_of
from stocktrail.projections.models.late_events import LateEvents
from stocktrail.projections.models.open_spans import OpenSpans
from stocktrail.projections.models.orders import Orders, load_orders
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.models.promises import Promises
from stocktrail.projections.models.purchase_orders import PurchaseOrders, load_purchase_orders
from stocktrail.projections.models.queues import load_queues, skus_concerned
from stocktrail.projections.models.recorded_days import RecordedDays
from stocktrail.projections.models.registered_customers import RegisteredCustomers
from stocktrail.projections.models.setting_levels import load_settings
from stocktrail.projections.models.shipments_and_receipts import ShipmentsAndReceipts
from stocktrail.projections.recorded_together import RecordedTogether

ItemChanges = tuple[str, Changes]
"""An item, and what an event changes of it."""

_STOCK, _ORDERS = f"{ProductStock.category}/", f"{Order.category}/"
_PURCHASES, _SETTINGS = f"{PurchaseOrder.category}/", f"{Settings.category}/"
_CUSTOMERS = f"{Customer.category}/"


class OrderProjector:
    """Folds batches of commands into the read models of orders in one set of tables.

    Whoever folds the log from its beginning finds nothing in the tables of this side. Settings are
    in those of the other side; where another process may be writing them, ``settings_at`` has to
    return the settings at a position.
    """

    models: tuple[ReadModel, ...] = (
        orders.MODEL, purchase_orders.MODEL, promises.MODEL, open_spans.MODEL,
        late_events.MODEL, shipments_and_receipts.MODEL, registered_customers.MODEL,
    )

    def __init__(
        self, tables: TableSet, settings_at: Callable[[int], Settings] | None = None
    ) -> None:
        self._tables = tables
        self._settings_at = settings_at
        self._orders = Orders()
        self._spans = OpenSpans()
        self._purchase_orders = PurchaseOrders(self._spans)
        self._shipments_and_receipts = ShipmentsAndReceipts()
        self._registered_customers = RegisteredCustomers()
        self._settings: Settings | None = None
        self._concerned: set[str] = set()

    def _begin(self, cursor: Cursor, batch: Batch) -> None:
        from_start = begins_log(batch)
        if from_start:
            settings, days = Settings(), RecordedDays()
            self._late_events = LateEvents()
            self._orders.begin()
            self._purchase_orders.begin()
        else:
            settings = (
                load_settings(self._tables, cursor) if self._settings_at is None
                else self._settings_at(batch[0][0].position - 1)
            )
            days = RecordedDays.load(self._tables, cursor)
            self._late_events = LateEvents.load(self._tables, cursor)
        self._settings = settings
        self._promises = Promises(
            settings, days, self._orders.order, self._spans, from_start=from_start
        )

    def fold(self, cursor: Cursor, batch: Batch) -> None:
        """Fold one batch, reading what it needs and is not in memory."""
        if self._settings is None:
            self._begin(cursor, batch)
        load_whole = partial(self._load_whole, cursor)
        for together, items in zip(batch, self._load(cursor, batch), strict=True):
            self._fold_together(together, items, load_whole)

    def save(self, cursor: Cursor) -> None:
        """Write what was touched since the last time."""
        for model in (
            self._orders, self._purchase_orders, self._promises, self._spans, self._late_events,
            self._shipments_and_receipts, self._registered_customers,
        ):
            model.save(self._tables, cursor)

    @property
    def promise_changes(self) -> list[tuple[PromisedLine, Row]]:
        """The changes of promises that are folded and not saved yet, each with its line before."""
        return self._promises.changes

    # ------------------------------------------------------------------ what a batch needs

    def _load(self, cursor: Cursor, batch: Batch) -> list[list[ItemChanges | None]]:
        """Read what a batch needs; return what each of its events changes of an item."""
        skus: dict[str, None] = {}
        touched: dict[str, None] = {}
        purchases: dict[str, None] = {}
        placed: set[str] = set()
        concerned: set[str] = set()
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
                    elif isinstance(event, CustomerTold):
                        skus.update(_skus_of(event))
                elif category == PurchaseOrder.category:
                    if recorded[1] > 1:
                        purchases[key] = None
                    skus.update(_skus_of(event))
                elif category == Settings.category and isinstance(event, MOVES_PROMISES):
                    day = self._promises.latest_day(together)
                    concerned.update(skus_concerned(self._tables, cursor, event, day))
        self._load_orders(cursor, (key for key in touched if key not in placed))
        absent = self._purchase_orders.missing(purchases)
        for purchase in load_purchase_orders(self._tables, cursor, absent).values():
            self._purchase_orders.keep(purchase)
        self._concerned = concerned
        self._load_queues(cursor, [*skus, *concerned])
        return found

    def _load_orders(self, cursor: Cursor, order_ids: Iterable[str]) -> None:
        absent = self._orders.missing(order_ids)
        for order in load_orders(self._tables, cursor, absent).values():
            self._orders.keep(order)

    def _load_queues(self, cursor: Cursor, skus: Iterable[str]) -> None:
        for queue in load_queues(self._tables, cursor, self._promises.missing(skus)).values():
            self._promises.keep(queue)

    def _load_whole(self, cursor: Cursor, order_ids: Sequence[str]) -> None:
        """Load orders, and the queues of all their items.

        A queue that is not in memory was not touched since it was saved.
        """
        self._load_orders(cursor, order_ids)
        self._load_queues(cursor, [
            line.sku for order_id in order_ids
            for line in self._orders.order(order_id).lines.values()
        ])

    # ------------------------------------------------------------------ one command or group

    def _fold_together(
        self, together: RecordedTogether, items: Sequence[ItemChanges | None],
        load_whole: Callable[[Sequence[str]], None],
    ) -> None:
        assert self._settings is not None
        self._promises.begin(together)
        self._late_events.fold(together)
        # Lines must be there before units are bound to them.
        for recorded, item in zip(together, items, strict=True):
            if item is None and recorded[0].startswith(_ORDERS):
                self._orders.apply(recorded)
                self._shipments_and_receipts.record(recorded)
        for recorded, item in zip(together, items, strict=True):
            if item is not None:
                sku, changes = item
                if changes[2]:
                    self._orders.allocate(changes[2])
                self._promises.stock_changed(sku, recorded, changes)
            elif isinstance(recorded.payload, CustomerTold):
                self._promises.customer_told(recorded.payload, recorded)
            elif recorded.originator_id.startswith(_PURCHASES):
                self._promises.receipts_moved(self._purchase_orders.apply(recorded))
                self._shipments_and_receipts.record(recorded)
            elif recorded.originator_id.startswith(_SETTINGS):
                if isinstance(recorded.payload, MOVES_PROMISES):
                    self._promises.about_to_change_rules(recorded.payload, self._concerned)
                self._settings.apply(recorded.payload)
                self._promises.settings_changed(recorded.payload)
            elif recorded.originator_id.startswith(_CUSTOMERS):
                self._registered_customers.record(recorded)
        self._promises.judge(load_whole)


def _skus_of(event: Event) -> dict[str, None]:
    return {line.sku: None for line in getattr(event, "lines", ())}
