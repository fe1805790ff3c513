"""What can happen to the lines that want units of an item: allocated, moved, shipped, released."""

from datetime import date
from typing import Literal, Self

from msgspec.structs import replace

from stocktrail.ledger.base.event import Event, Fact
from stocktrail.ledger.quantity import UNITS, Quantity, to_text
from stocktrail.ledger.reallocation import Strategy
from stocktrail.ledger.stock.events.items import Gains, StockMovement
from stocktrail.ledger.written import Way


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

    # One of every order's, and so converted field by field: 0.3 instead of 0.5 us
    # (`python -m benchmarks.fast_paths facts`, 2026-11-29).
    def converted(self, way: Way) -> Self:
        units = UNITS[way]
        return replace(
            self, quantity=units(self.quantity), allocated=units(self.allocated),
            backordered=units(self.backordered),
        )

    @property
    def sentence(self) -> str:
        waits = f", {to_text(self.backordered)} backordered" if self.backordered else ""
        return (
            f"Order {self.order} line {self.line} reserved {to_text(self.quantity)} in pool "
            f"{self.pool}: {to_text(self.allocated)} allocated{waits}."
        )


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

    @property
    def sentence(self) -> str:
        return (
            f"{to_text(self.quantity)} that had become free went to order {self.order} line "
            f"{self.line} in pool {self.pool}."
        )


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

    @property
    def sentence(self) -> str:
        return (
            f"{to_text(self.quantity)} were taken back from order {self.order} line {self.line} in "
            f"pool {self.pool}, because supply no longer carried them."
        )


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

    @property
    def sentence(self) -> str:
        return (
            f"{to_text(self.quantity)} were moved by hand from order {self.from_order} line "
            f"{self.from_line} to order {self.to_order} line {self.to_line} ({self.reason})."
        )


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

    @property
    def sentence(self) -> str:
        lines = ", ".join(
            f"order {part.order} line {part.line} has {to_text(part.after)} "
            f"(had {to_text(part.before)}, {part.strategy})"
            for part in self.lines
        )
        return f"Backorders were reallocated: {lines}."


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

    @property
    def sentence(self) -> str:
        picks = ", ".join(f"{to_text(pick.quantity)} from {pick.source}" for pick in self.picks)
        return (
            f"Shipment {self.shipment} took {to_text(self.quantity)} for order {self.order} line "
            f"{self.line}: {picks}."
        )


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

    @property
    def sentence(self) -> str:
        freed = f"; {to_text(self.allocated)} of them had been allocated" if self.allocated else ""
        return (
            f"Shipment {self.shipment} took {to_text(self.quantity)} for order {self.order} line "
            f"{self.line} from no source, because stock is not managed{freed}."
        )


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

    @property
    def sentence(self) -> str:
        return (
            f"Order {self.order} line {self.line} no longer wants {to_text(self.quantity)} "
            f"({self.cause}): {to_text(self.backordered)} backordered, "
            f"{to_text(self.allocated)} allocated."
        )


class BackorderRescheduled(Event):
    """A line took another place in the queue because its requested date changed."""

    sku: str
    order: str
    line: int
    requested_date: date

    @property
    def sentence(self) -> str:
        return (
            f"Order {self.order} line {self.line} is now requested for {self.requested_date}."
        )


class BackorderPrioritised(Event):
    """A line took another place in the queue because its order's priority changed."""

    sku: str
    order: str
    line: int
    priority: int

    @property
    def sentence(self) -> str:
        return (
            f"Order {self.order} line {self.line} now waits with priority {self.priority}."
        )
