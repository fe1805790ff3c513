"""What questions read of an earlier moment, whether it is given by transaction or valid time."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.models.open_spans import PURCHASE, SALE, spans_of
from stocktrail.projections.models.orders import OrderView, placed_order
from stocktrail.projections.models.promise_changes import PROMISE_CHANGE
from stocktrail.projections.models.purchase_orders import PurchaseOrders, PurchaseOrderView
from stocktrail.projections.read_models import Reading


class LedgerAsOf(ABC):
    """Items, orders, purchase orders and settings as of one earlier moment.

    The current read models serve as an index of what a question touches, so they must have reached
    the moment. ``position`` is the last position of the log that the answer may use.
    """

    def __init__(self, ledger: Ledger, now: Reading, position: int) -> None:
        self.ledger = ledger
        self.now = now
        self.position = position
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
        self, kind: str, *, end: str = "", **wanted: str | int
    ) -> list[Row]:
        """Return the lines that may be open, of one ``sku`` or ``party`` if one is given."""

    @abstractmethod
    def changes(self, order_ids: Sequence[str]) -> list[Row]:
        """Return the changes of the promises of orders, the earliest first."""

    # ------------------------------------------------------------------ the same for both

    @cached_property
    def settings(self) -> Settings:
        """The settings."""
        return self.fold_settings()

    def stock(self, sku: str) -> ProductStock:
        """Return an item with its open lines."""
        if sku not in self._stocks:
            self._stocks[sku] = self.fold_stock(sku)
        return self._stocks[sku]

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
        for order_id, order in found.items():
            for line in order.lines.values():
                bound = self.stock(line.sku).lines.get((order_id, line.line))
                line.allocated = bound.allocated if line.managed and bound else 0
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
