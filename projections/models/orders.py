"""Read model of orders: what was asked for, what became of it, and what each line has allocated.

Remaining and backordered quantities are derived when somebody asks, never stored. Money is kept as
a decimal string: it may have more digits than a database integer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import Any

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.money import from_decimal_string, to_decimal_string
from stocktrail.ledger.orders.events import OrderPlaced, OrderRefunded, ShipPolicy, Status
from stocktrail.ledger.orders.state import Order, OrderLine
from stocktrail.ledger.store.tables import Cursor, ReadModel, Table, TableSet, Values
from stocktrail.projections.models.changes import LineChange
from stocktrail.projections.models.recently_used import RecentlyUsed
from stocktrail.projections.models.version import versioned

ORDER = Table(
    versioned("order"),
    {
        "order_id": "TEXT NOT NULL", "version": "BIGINT NOT NULL", "customer": "TEXT NOT NULL",
        "pool": "TEXT NOT NULL", "priority": "BIGINT NOT NULL", "ship_policy": "TEXT NOT NULL",
        "currency": "TEXT", "captured_amount": "TEXT", "refunded_amount": "TEXT",
        "status": "TEXT NOT NULL", "placed_at": "BIGINT NOT NULL", "position": "BIGINT NOT NULL",
    },
    ("order_id",),
    ("customer, position",),
)
ORDER_LINE = Table(
    versioned("order_line"),
    {
        "order_id": "TEXT NOT NULL", "line": "BIGINT NOT NULL", "sku": "TEXT NOT NULL",
        "ordered": "BIGINT NOT NULL", "shipped": "BIGINT NOT NULL", "cancelled": "BIGINT NOT NULL",
        "released": "BIGINT NOT NULL", "returned": "BIGINT NOT NULL",
        "written_off": "BIGINT NOT NULL", "allocated": "BIGINT NOT NULL",
        "requested_date": "TEXT NOT NULL", "unit_price": "TEXT", "managed": "BIGINT NOT NULL",
        "backorders": "TEXT NOT NULL", "backorders_level": "TEXT NOT NULL",
    },
    ("order_id", "line"),
    ("order_id WHERE managed = 0",),
)
MODEL = ReadModel("orders", (ORDER, ORDER_LINE))

MOST_RESIDENT_ORDERS = 20_000
"""How many orders stay in memory between batches."""


@dataclass(slots=True)
class OrderLineView:
    """One line of an order, with what no decision reads of it: quantities in ten-thousandths."""

    line: int
    placed: OrderLine
    backorders: str
    backorders_level: str
    returned: int = 0
    allocated: int = 0

    @property
    def sku(self) -> str:
        """The item."""
        return self.placed.sku

    @property
    def ordered(self) -> int:
        """Units that were asked for."""
        return self.placed.ordered

    @property
    def requested_date(self) -> date:
        """The day that they were asked for."""
        return self.placed.requested_date

    @property
    def unit_price(self) -> str | None:
        """The price of one unit as a decimal string."""
        return _money_text(self.placed.unit_price)

    @property
    def managed(self) -> bool:
        """Whether stock of the item was managed when the line was accepted."""
        return self.placed.managed

    @property
    def shipped(self) -> int:
        """Units that left."""
        return self.placed.shipped

    @property
    def cancelled(self) -> int:
        """Units that were cancelled."""
        return self.placed.cancelled

    @property
    def released(self) -> int:
        """Units that were paid back before they were shipped."""
        return self.placed.released

    @property
    def written_off(self) -> int:
        """Units that were paid back and did not come back."""
        return self.placed.given_back - self.returned

    @property
    def remaining(self) -> int:
        """Units that are still to be shipped."""
        return self.placed.remaining

    @property
    def backordered(self) -> int:
        """Units that wait; none on a line that was accepted while stock was not managed."""
        return self.placed.remaining - self.allocated if self.placed.managed else 0


@dataclass(slots=True)
class OrderView:
    """An order as the ledger folds it, with what no decision reads of it.

    Money is in hundred-millionths, ``placed_at`` an instant. The digests by which the ledger knows
    what was sent twice are not kept on the read side.
    """

    order: Order
    customer: str
    currency: str | None
    captured: int | None
    refunded: int | None
    placed_at: int
    position: int
    lines: dict[int, OrderLineView] = field(default_factory=dict)

    @property
    def order_id(self) -> str:
        """The order's id."""
        return self.order.key

    @property
    def version(self) -> int:
        """How many events its stream has."""
        return self.order.version

    @property
    def pool(self) -> str:
        """The pool in which it was sold."""
        return self.order.pool

    @property
    def priority(self) -> int:
        """Its priority in the queues."""
        return self.order.priority

    @property
    def ship_policy(self) -> ShipPolicy:
        """Whether it ships in parts or complete."""
        return self.order.ship_policy

    @property
    def status(self) -> Status:
        """Processing until nothing remains, then complete or cancelled."""
        return self.order.status

    @property
    def captured_amount(self) -> str | None:
        """What was paid, as a decimal string."""
        return _money_text(self.captured)

    @property
    def refunded_amount(self) -> str | None:
        """What was paid back, as a decimal string."""
        return _money_text(self.refunded)

    def apply(self, event: Event) -> None:
        """Fold one more event of the order."""
        order, lines = self.order, self.lines
        order.apply(event)
        for part in getattr(event, "lines", ()):
            lines[part.line].placed = order.lines[part.line]
        if isinstance(event, OrderRefunded):
            for refunded in event.lines:
                if refunded.outcome == "return":
                    lines[refunded.line].returned += refunded.quantity
        amount = getattr(event, "refunded_amount", None)
        if amount is not None:
            self.refunded = (self.refunded or 0) + amount


def placed_order(recorded: RecordedEvent) -> OrderView:
    """Return the view of an order from the event that began it."""
    event = recorded.payload
    assert isinstance(event, OrderPlaced)
    order = Order(recorded.originator_id)
    order.apply(event)
    return OrderView(
        order, event.customer, event.currency, event.captured_amount, None, recorded.occurred_at,
        recorded.position,
        {
            line.line: OrderLineView(
                line.line, order.lines[line.line], line.backorders, line.backorders_level
            )
            for line in event.lines
        },
    )


def _money_text(amount: int | None) -> str | None:
    return None if amount is None else to_decimal_string(amount)


def _read_money(text: str | None) -> int | None:
    return None if text is None else from_decimal_string(text)


def load_orders(tables: TableSet, cursor: Cursor, orders: Sequence[str]) -> dict[str, OrderView]:
    """Read orders with their lines; those that do not exist are left out."""
    found = {}
    for row in tables.table(ORDER).rows_of(cursor, "order_id", orders):
        order = Order(Order.stream_of(row["order_id"]))
        order.version, order.pool = row["version"], row["pool"]
        order.priority, order.ship_policy = row["priority"], row["ship_policy"]
        found[row["order_id"]] = OrderView(
            order, row["customer"], row["currency"], _read_money(row["captured_amount"]),
            _read_money(row["refunded_amount"]), row["placed_at"], row["position"],
        )
    rows = tables.table(ORDER_LINE).rows_of(cursor, "order_id", list(found))
    for row in sorted(rows, key=itemgetter("line")):
        view, number = found[row["order_id"]], row["line"]
        view.order.lines[number] = placed = OrderLine(
            row["sku"], row["ordered"], _read_money(row["unit_price"]),
            date.fromisoformat(row["requested_date"]), bool(row["managed"]), row["shipped"],
            row["cancelled"], row["released"], row["returned"] + row["written_off"],
        )
        view.lines[number] = OrderLineView(
            number, placed, row["backorders"], row["backorders_level"], row["returned"],
            row["allocated"],
        )
    return found


class Orders:
    """Folds the events of orders, keeps the latest in memory, and writes the rows they touched."""

    def __init__(self) -> None:
        self._orders: RecentlyUsed[OrderView] = RecentlyUsed()
        self._headers: dict[str, OrderView] = {}
        self._lines: dict[tuple[str, int], OrderView] = {}

    def begin(self) -> None:
        """Begin with empty tables."""
        self._orders.is_whole = True

    def missing(self, orders: Iterable[str]) -> list[str]:
        """Return the orders that have to be read, and keep the others in memory."""
        absent = self._orders.missing(orders)
        return [] if self._orders.is_whole else absent

    def keep(self, order: OrderView) -> None:
        """Keep an order in memory."""
        self._orders[order.order_id] = order

    def order(self, order: str) -> OrderView:
        """Return an order that is in memory."""
        return self._orders[order]

    def apply(self, recorded: RecordedEvent) -> None:
        """Fold one event of an order's own stream."""
        event: Any = recorded.payload
        order_id = event.order
        if isinstance(event, OrderPlaced):
            order = self._orders[order_id] = placed_order(recorded)
        else:
            order = self._orders[order_id]
            order.apply(event)
        self._headers[order_id] = order
        for part in getattr(event, "lines", ()):
            self._lines[order_id, part.line] = order

    def allocate(self, changes: Iterable[LineChange]) -> None:
        """Add to the units that lines have allocated."""
        for order_id, number, allocated in changes:
            order = self._orders[order_id]
            order.lines[number].allocated += allocated
            self._lines[order_id, number] = order

    def save(self, tables: TableSet, cursor: Cursor) -> None:
        """Write what was touched since the last time, and drop the least recently used orders."""
        tables.table(ORDER).put(cursor, map(header_row, self._headers.values()))
        tables.table(ORDER_LINE).put(cursor, (
            order_line_row(order_id, order.lines[line])
            for (order_id, line), order in self._lines.items()
        ))
        self._headers.clear()
        self._lines.clear()
        while len(self._orders) > MOST_RESIDENT_ORDERS:
            self._orders.drop_first()


def header_row(view: OrderView) -> Values:
    """Return the header of an order as its row."""
    order = view.order
    return (
        order.key, order.version, view.customer, order.pool, order.priority, order.ship_policy,
        view.currency, view.captured_amount, view.refunded_amount, view.status, view.placed_at,
        view.position,
    )


def order_line_row(order_id: str, line: OrderLineView) -> Values:
    """Return a line of an order as its row."""
    placed = line.placed
    return (
        order_id, line.line, placed.sku, placed.ordered, placed.shipped, placed.cancelled,
        placed.released, line.returned, placed.given_back - line.returned, line.allocated,
        placed.requested_date.isoformat(), _money_text(placed.unit_price), int(placed.managed),
        line.backorders, line.backorders_level,
    )
