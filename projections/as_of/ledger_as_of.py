"""What questions read of an earlier moment, whether it is given by transaction or valid time."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.open_lines import LineKey
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.models.open_lines import Queue
from stocktrail.projections.models.open_spans import NOTHING, PURCHASE, SALE, spans_of
from stocktrail.projections.models.orders import OrderView, placed_order
from stocktrail.projections.models.overdue import RestsOn
from stocktrail.projections.models.promise_changes import PROMISE_CHANGE
from stocktrail.projections.models.purchase_orders import PurchaseOrders, PurchaseOrderView
from stocktrail.projections.models.told_customers import load_tellings
from stocktrail.projections.read_models import Reading

WholePromise = tuple[date | None, RestsOn]
"""What an order that ships complete is promised: the day of its last line, and what it rests on."""


class LedgerAsOf(ABC):
    """Items, orders, purchase orders and settings as of one earlier moment.

    The current read models serve as an index of what a question touches, so they must have reached
    the moment. ``position`` is the last position of the log that the answer may use.
    ``today`` is the day that is today for whoever asks, ``None`` for the day of the moment.
    """

    def __init__(self, ledger: Ledger, now: Reading, position: int) -> None:
        self.ledger = ledger
        self.now = now
        self.position = position
        self.today: date | None = None
        self._stocks: dict[str, ProductStock] = {}
        self._purchase_orders: dict[str, PurchaseOrderView] = {}

    # ------------------------------------------------------------------ transaction or valid time

    @abstractmethod
    def events(self, streams: Sequence[str]) -> Iterable[RecordedEvent]:
        """Return the events of streams that belong to the moment, one stream after the other."""

    @abstractmethod
    def fold_stock(self, sku: str) -> ProductStock:
        """Fold an item with its open lines."""

    @abstractmethod
    def fold_settings(self) -> Settings:
        """Fold the settings."""

    @abstractmethod
    def spans(
        self, kind: str, *, skus: Sequence[str] | None = None, party: str | None = None,
        end: str = "", after: Mapping[str, str | int] = NOTHING,
    ) -> list[Row]:
        """Return the lines that may be open, of some items or of one ``party`` if given.

        ``end`` and ``after`` may order and cut them, as :func:`open_at` says.
        """

    @abstractmethod
    def queues(self, skus: Sequence[str]) -> dict[str, Queue]:
        """Return the open lines of items, with nothing pegged to them yet."""

    @abstractmethod
    def allocated(self, order_ids: Sequence[str]) -> Mapping[LineKey, int]:
        """Return how many units the open lines of orders have."""

    @abstractmethod
    def parked(self, skus: Sequence[str]) -> list[str]:
        """Return the items whose numbers are too large to be told."""

    @abstractmethod
    def changes(self, order_ids: Sequence[str]) -> list[Row]:
        """Return the changes of the promises of orders, the earliest first."""

    @abstractmethod
    def tellings(self, order_ids: Sequence[str]) -> list[Row]:
        """Return what somebody told the customers of orders, the first telling first."""

    # ------------------------------------------------------------------ the same for both

    def whole_orders(self, today: date) -> Mapping[str, WholePromise] | None:
        """Return what all orders that ship complete are promised on a day, where it is known."""
        return None

    @cached_property
    def settings(self) -> Settings:
        """The settings."""
        return self.fold_settings()

    def stock(self, sku: str) -> ProductStock:
        """Return an item with its open lines."""
        if sku not in self._stocks:
            self._stocks[sku] = self.fold_stock(sku)
        return self._stocks[sku]

    def stocks(self, skus: Sequence[str]) -> dict[str, ProductStock]:
        """Return items with their open lines, those that are not known yet found together."""
        absent = [sku for sku in dict.fromkeys(skus) if sku not in self._stocks]
        if absent:
            self._stocks |= self.fold_stocks(absent)
        return {sku: self._stocks[sku] for sku in skus}

    def fold_stocks(self, skus: Sequence[str]) -> dict[str, ProductStock]:
        """Return some items, each folded by itself where there is no faster way."""
        return {sku: self.fold_stock(sku) for sku in skus}

    def orders(self, order_ids: Sequence[str]) -> dict[str, OrderView]:
        """Return orders with what their lines had allocated; those not placed yet are left out."""
        found: dict[str, OrderView] = {}
        streams = [Order.stream_of(order_id) for order_id in dict.fromkeys(order_ids)]
        for recorded in self.events(streams):
            order_id = recorded.originator_id.partition("/")[2]
            if recorded.originator_version == 1:
                found[order_id] = placed_order(recorded)
            elif order_id in found:
                found[order_id].apply(recorded.payload)
        allocated = self.allocated(list(found))
        for order_id, order in found.items():
            for line in order.lines.values():
                bound = allocated.get((order_id, line.line), 0)
                line.allocated = bound if line.managed else 0
        return found

    def purchase_orders(self, names: Iterable[str]) -> dict[str, PurchaseOrderView]:
        """Return purchase orders with their lines; those not placed yet are left out."""
        wanted = list(dict.fromkeys(names))
        absent = [name for name in wanted if name not in self._purchase_orders]
        fold = PurchaseOrders()
        known = set()
        for recorded in self.events([PurchaseOrder.stream_of(name) for name in absent]):
            name = recorded.originator_id.partition("/")[2]
            if recorded.originator_version == 1:
                known.add(name)
            if name in known:
                fold.apply(recorded)
        self._purchase_orders |= {name: fold.order(name) for name in known}
        return {
            name: self._purchase_orders[name] for name in wanted if name in self._purchase_orders
        }

    def lines_of(self, order_ids: Sequence[str]) -> Mapping[tuple[str, int], Row]:
        """Read what never changes of the lines of orders: customer, item, when they were placed."""
        rows = spans_of(self.now.place, self.now.cursor, SALE, order_ids)
        return {(row["reference"], row["line"]): row for row in rows}

    def open_skus(self) -> list[str]:
        """Return every item of which anything may be open."""
        skus = {row["sku"] for kind in (SALE, PURCHASE) for row in self.spans(kind)}
        return sorted(skus)

    def _all_changes(self, order_ids: Sequence[str]) -> list[Row]:
        table = self.now.place.table(PROMISE_CHANGE)
        rows = [
            row for row in table.rows_of(self.now.cursor, "order_id", order_ids)
            if row["position"] <= self.position
        ]
        return sorted(rows, key=lambda row: (row["position"], row["order_id"], row["line"]))

    def _all_tellings(self, order_ids: Sequence[str]) -> list[Row]:
        rows = load_tellings(self.now.place, self.now.cursor, order_ids)
        return [row for row in rows if row["position"] <= self.position]
