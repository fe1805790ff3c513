"""What can happen to the stock of an item. Quantities are never negative unless called a delta."""

from abc import abstractmethod
from datetime import date
from typing import Any, Literal

from stocktrail.ledger.base.event import Event, Fact
from stocktrail.ledger.instant import Instant
from stocktrail.ledger.quantity import Quantity
from stocktrail.ledger.reallocation import Strategy

StockStatus = Literal["in_stock", "out_of_stock"]

Gains = tuple[tuple[str, int], ...]
"""Sources with the units that they gain: fewer than none when they lose."""


class ProductRegistered(Event):
    """An item was made known, or described again."""

    sku: str
    name: str | None = None
    decimal: bool = False
    unit: str | None = None
    attributes: dict[str, Any] = {}


# ------------------------------------------------------------------ units at a source


class SourceItemCreated(Event):
    """A source carries an item from now on: in stock, with nothing there yet."""

    sku: str
    source: str


class StockMovement(Event):
    """Something by which sources gain or lose units."""

    @property
    @abstractmethod
    def gains(self) -> Gains:
        """Which sources gain how many."""


class StockReceived(StockMovement):
    """Units arrived at a source."""

    sku: str
    source: str
    quantity: Quantity
    reason: str | None = None

    @property
    def gains(self) -> Gains:
        """Which sources gain how many."""
        return ((self.source, self.quantity),)


class GoodsReceived(StockMovement):
    """Units that a vendor owed arrived at a source; ``over`` counts those beyond the order."""

    sku: str
    source: str
    quantity: Quantity
    over: Quantity
    purchase_order: str
    line: int
    receipt: str

    @property
    def gains(self) -> Gains:
        """Which sources gain how many."""
        return ((self.source, self.quantity),)


class StockReturned(StockMovement):
    """Units that had been shipped came back to a source."""

    sku: str
    source: str
    quantity: Quantity
    order: str
    line: int
    refund: str

    @property
    def gains(self) -> Gains:
        """Which sources gain how many."""
        return ((self.source, self.quantity),)


class StockAdjusted(StockMovement):
    """The units at a source were corrected by a delta."""

    sku: str
    source: str
    delta: Quantity
    reason: str

    @property
    def gains(self) -> Gains:
        """Which sources gain how many."""
        return ((self.source, self.delta),)


class StockCounted(StockMovement):
    """The units at a source were counted; the delta is against what it held when they were."""

    sku: str
    source: str
    counted: Quantity
    delta: Quantity
    reason: str | None = None

    @property
    def gains(self) -> Gains:
        """Which sources gain how many."""
        return ((self.source, self.delta),)


class StockRecounted(StockMovement):
    """A count took over what was recorded after it but had occurred before: what it found stands.

    ``counted_at`` is when that count occurred, ``count`` the version at which it stands in the
    item's stream.
    """

    sku: str
    source: str
    delta: Quantity
    counted_at: Instant
    count: int

    @property
    def happened_at(self) -> int:
        """When the count occurred."""
        return self.counted_at

    @property
    def gains(self) -> Gains:
        """Which sources gain how many."""
        return ((self.source, self.delta),)


class StockTransferred(StockMovement):
    """Units went from one source to another."""

    sku: str
    from_source: str
    to_source: str
    quantity: Quantity
    reason: str | None = None

    @property
    def gains(self) -> Gains:
        """Which sources gain how many."""
        return ((self.from_source, -self.quantity), (self.to_source, self.quantity))


class StockStatusChanged(Event):
    """Somebody set an item in stock or out of stock at a source by hand."""

    sku: str
    source: str
    status: StockStatus


# ------------------------------------------------------------------ units that lines want


class StockReserved(Event):
    """An order line was accepted: part of it allocated at once, the rest backordered."""

    sku: str
    pool: str
    order: str
    line: int
    quantity: Quantity
    allocated: Quantity
    backordered: Quantity
    priority: int
    requested_date: date


class BackorderAllocated(Event):
    """Units that had become free were bound to a waiting line."""

    sku: str
    pool: str
    order: str
    line: int
    quantity: Quantity

    @property
    def change(self) -> int:
        """What the line's allocation gains."""
        return self.quantity


class AllocationRevoked(Event):
    """Units were taken back from a line because there are fewer than were bound."""

    sku: str
    pool: str
    order: str
    line: int
    quantity: Quantity

    @property
    def change(self) -> int:
        """What the line's allocation gains: less than nothing."""
        return -self.quantity


class AllocationMoved(Event):
    """Units bound to one order's line were given to another's by hand."""

    sku: str
    pool: str
    from_order: str
    from_line: int
    to_pool: str
    to_order: str
    to_line: int
    quantity: Quantity
    reason: str


class LineReallocated(Fact):
    """What one line had and what it has now, and by which strategy."""

    order: str
    line: int
    pool: str
    strategy: Strategy
    before: Quantity
    after: Quantity


class BackordersReallocated(Event):
    """The units of an item were distributed again among the lines that want them."""

    sku: str
    lines: tuple[LineReallocated, ...]


class Pick(Fact):
    """Units taken from one source for a shipment."""

    source: str
    quantity: Quantity


class StockShipped(StockMovement):
    """Allocated units of a line left their sources."""

    sku: str
    pool: str
    order: str
    line: int
    shipment: str
    quantity: Quantity
    picks: tuple[Pick, ...]

    @property
    def gains(self) -> Gains:
        """Which sources gain how many."""
        return tuple((pick.source, -pick.quantity) for pick in self.picks)


class UnmanagedUnitsShipped(Event):
    """Units of a line left without a source, because the item's stock was not managed any more.

    ``allocated`` counts those of them that had been bound to the line: they are free again.
    """

    sku: str
    pool: str
    order: str
    line: int
    shipment: str
    quantity: Quantity
    allocated: Quantity


class ReservationReleased(Event):
    """A line wants fewer units: its backordered ones went first, then allocated ones."""

    sku: str
    pool: str
    order: str
    line: int
    quantity: Quantity
    backordered: Quantity
    allocated: Quantity
    cause: Literal["cancelled", "released"]


class BackorderRescheduled(Event):
    """A line took another place in the queue because its requested date changed."""

    sku: str
    order: str
    line: int
    requested_date: date


class BackorderPrioritised(Event):
    """A line took another place in the queue because its order's priority changed."""

    sku: str
    order: str
    line: int
    priority: int


EVENTS: tuple[type[Event], ...] = (
    ProductRegistered, SourceItemCreated, StockReceived, GoodsReceived, StockReturned,
    StockAdjusted, StockCounted, StockRecounted, StockTransferred, StockStatusChanged,
    StockReserved, BackorderAllocated, AllocationRevoked, AllocationMoved, BackordersReallocated,
    StockShipped, UnmanagedUnitsShipped, ReservationReleased, BackorderRescheduled,
    BackorderPrioritised,
)

MOVING = frozenset(event for event in EVENTS if issubclass(event, StockMovement))
"""The events by which sources gain or lose units, for those who are in a hurry."""
