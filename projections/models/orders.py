"""Read model of orders: what was asked for, what became of it, and what each line has allocated.

Remaining and backordered quantities are derived when somebody asks, never stored. Money is kept as
a decimal string: it may have more digits than a database integer.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Any

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.money import from_decimal_string, to_decimal_string
from stocktrail.ledger.orders.events import (
    OrderCancelled,
    OrderPlaced,
    OrderPrioritised,
    OrderRefunded,
    OrderRescheduled,
    OrderShipped,
)
from stocktrail.ledger.store.tables import Cursor, Place, ReadModel, Table, Values
from stocktrail.projections.models.changes import LineChange

ORDER = Table(
    "order_v1",
    {
        "order_id": "TEXT NOT NULL", "version": "BIGINT NOT NULL", "customer": "TEXT NOT NULL",
        "pool": "TEXT NOT NULL", "priority": "BIGINT NOT NULL", "ship_policy": "TEXT NOT NULL",
        "currency": "TEXT", "captured_amount": "TEXT", "refunded_amount": "TEXT",
        "status": "TEXT NOT NULL", "placed_at": "BIGINT NOT NULL", "position": "BIGINT NOT NULL",
    },
    ("order_id",),
)
ORDER_LINE = Table(
    "order_line_v1",
    {
        "order_id": "TEXT NOT NULL", "line": "BIGINT NOT NULL", "sku": "TEXT NOT NULL",
        "ordered": "BIGINT NOT NULL", "shipped": "BIGINT NOT NULL", "cancelled": "BIGINT NOT NULL",
        "released": "BIGINT NOT NULL", "returned": "BIGINT NOT NULL",
        "written_off": "BIGINT NOT NULL", "allocated": "BIGINT NOT NULL",
        "requested_date": "TEXT NOT NULL", "unit_price": "TEXT", "managed": "BIGINT NOT NULL",
        "backorders": "TEXT NOT NULL", "backorders_level": "TEXT NOT NULL",
    },
    ("order_id", "line"),
)
MODEL = ReadModel("orders", 1, (ORDER, ORDER_LINE))

MOST_RESIDENT_ORDERS = 20_000
"""How many orders stay in memory between batches."""


@dataclass(slots=True)
class OrderLineView:
    """One line: quantities in ten-thousandths, the price as a decimal string."""

    line: int
    sku: str
    ordered: int
    requested_date: date
    unit_price: str | None
    managed: bool
    backorders: str
    backorders_level: str
    shipped: int = 0
    cancelled: int = 0
    released: int = 0
    returned: int = 0
    written_off: int = 0
    allocated: int = 0

    @property
    def remaining(self) -> int:
        """Units that are still to be shipped."""
        return self.ordered - self.shipped - self.cancelled - self.released

    @property
    def backordered(self) -> int:
        """Units that wait; none on a line that was accepted while stock was not managed."""
        return self.remaining - self.allocated if self.managed else 0


@dataclass(slots=True)
class OrderView:
    """An order with its lines by number: money as decimal strings, ``placed_at`` as an instant."""

    order_id: str
    version: int
    customer: str
    pool: str
    priority: int
    ship_policy: str
    currency: str | None
    captured_amount: str | None
    refunded_amount: str | None
    status: str
    placed_at: int
    position: int
    lines: dict[int, OrderLineView] = field(default_factory=dict)

    def add_refund(self, amount: int | None) -> None:
        """Add what was paid back, in hundred-millionths."""
        if amount is not None:
            before = from_decimal_string(self.refunded_amount or "0")
            self.refunded_amount = to_decimal_string(before + amount)

    def apply(self, event: Event) -> None:
        """Fold one more event of the order."""
        self.version += 1
        _APPLIERS[type(event)](self, event)


def placed_order(recorded: RecordedEvent) -> OrderView:
    """Make the view of an order from the event that began it."""
    event = recorded.payload
    assert isinstance(event, OrderPlaced)
    captured = event.captured_amount
    return OrderView(
        event.order, 1, event.customer, event.pool, event.priority, event.ship_policy,
        event.currency, None if captured is None else to_decimal_string(captured), None,
        "processing", recorded.occurred_at, recorded.position,
        {
            line.line: OrderLineView(
                line.line, line.sku, line.quantity, line.requested_date,
                None if line.unit_price is None else to_decimal_string(line.unit_price),
                line.managed, line.backorders, line.backorders_level,
            )
            for line in event.lines
        },
    )


def _cancelled(order: OrderView, event: OrderCancelled) -> None:
    for part in event.lines:
        order.lines[part.line].cancelled += part.quantity
    order.status = event.status
    order.add_refund(event.refunded_amount)


def _shipped(order: OrderView, event: OrderShipped) -> None:
    for part in event.lines:
        order.lines[part.line].shipped += part.quantity
    order.status = event.status


def _refunded(order: OrderView, event: OrderRefunded) -> None:
    for part in event.lines:
        line = order.lines[part.line]
        if part.outcome == "release":
            line.released += part.quantity
        elif part.outcome == "return":
            line.returned += part.quantity
        else:
            line.written_off += part.quantity
    order.status = event.status
    order.add_refund(event.refunded_amount)


def _rescheduled(order: OrderView, event: OrderRescheduled) -> None:
    for part in event.lines:
        order.lines[part.line].requested_date = part.requested_date


def _prioritised(order: OrderView, event: OrderPrioritised) -> None:
    order.priority = event.priority


_APPLIERS: Mapping[type[Event], Callable[[OrderView, Any], None]] = {
    OrderCancelled: _cancelled,
    OrderShipped: _shipped,
    OrderRefunded: _refunded,
    OrderRescheduled: _rescheduled,
    OrderPrioritised: _prioritised,
}


def load_orders(place: Place, cursor: Cursor, orders: Sequence[str]) -> dict[str, OrderView]:
    """Read orders with their lines; those that do not exist are left out."""
    found = {
        row["order_id"]: OrderView(**row)
        for row in place.table(ORDER).rows_of(cursor, "order_id", orders)
    }
    for row in place.table(ORDER_LINE).rows_of(cursor, "order_id", list(found)):
        values = dict(row)
        order = found[values.pop("order_id")]
        values["requested_date"] = date.fromisoformat(values["requested_date"])
        values["managed"] = bool(values["managed"])
        order.lines[values["line"]] = OrderLineView(**values)
    for order in found.values():
        order.lines = dict(sorted(order.lines.items()))
    return found


class Orders:
    """Folds the events of orders, keeps the latest in memory, and writes the rows they touched."""

    def __init__(self) -> None:
        self._orders: OrderedDict[str, OrderView] = OrderedDict()
        self._headers: dict[str, OrderView] = {}
        self._lines: dict[tuple[str, int], OrderView] = {}

    def missing(self, orders: Iterable[str]) -> list[str]:
        """Return the orders that are not in memory, and keep the others there."""
        absent = []
        for order in dict.fromkeys(orders):
            if order in self._orders:
                self._orders.move_to_end(order)
            else:
                absent.append(order)
        return absent

    def keep(self, order: OrderView) -> None:
        """Keep an order in memory."""
        self._orders[order.order_id] = order

    def order(self, order: str) -> OrderView:
        """Return an order that is in memory."""
        return self._orders[order]

    def apply(self, recorded: RecordedEvent) -> None:
        """Fold one event of an order's own stream."""
        event: Any = recorded.payload
        if isinstance(event, OrderPlaced):
            order = placed_order(recorded)
            self.keep(order)
        else:
            order = self._orders[event.order]
            order.apply(event)
        self._headers[order.order_id] = order
        for part in getattr(event, "lines", ()):
            self._lines[order.order_id, part.line] = order

    def allocate(self, changes: Iterable[LineChange]) -> None:
        """Add to the units that lines have allocated."""
        for order_id, number, allocated in changes:
            order = self._orders[order_id]
            order.lines[number].allocated += allocated
            self._lines[order_id, number] = order

    def save(self, place: Place, cursor: Cursor) -> None:
        """Write what was touched since the last time, and let the coldest orders go."""
        place.table(ORDER).put(cursor, map(header_row, self._headers.values()))
        place.table(ORDER_LINE).put(cursor, (
            order_line_row(order_id, order.lines[line])
            for (order_id, line), order in self._lines.items()
        ))
        self._headers.clear()
        self._lines.clear()
        while len(self._orders) > MOST_RESIDENT_ORDERS:
            self._orders.popitem(last=False)


header_row = attrgetter(*ORDER.columns)
"""Write the header of an order as its row."""


def order_line_row(order_id: str, line: OrderLineView) -> Values:
    """Write a line of an order as its row."""
    return (
        order_id, line.line, line.sku, line.ordered, line.shipped, line.cancelled, line.released,
        line.returned, line.written_off, line.allocated, line.requested_date.isoformat(),
        line.unit_price, int(line.managed), line.backorders, line.backorders_level,
    )
