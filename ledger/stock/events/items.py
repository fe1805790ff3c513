"""What can happen to an item, and to its units at a source."""

from abc import abstractmethod
from typing import Any, Literal

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.instant import Instant, to_iso
from stocktrail.ledger.quantity import Quantity, to_text
from stocktrail.ledger.wording import because

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

    @property
    def sentence(self) -> str:
        return f"{self.sku} was registered{f' as {self.name}' if self.name else ''}."


# ------------------------------------------------------------------ units at a source


class SourceItemCreated(Event):
    """A source carries an item from now on: in stock, with nothing there yet."""

    sku: str
    source: str

    @property
    def sentence(self) -> str:
        return f"Source {self.source} carries the item from now on."


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

    @property
    def sentence(self) -> str:
        return (
            f"{to_text(self.quantity)} were received at {self.source}{because(self.reason)}."
        )


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

    @property
    def sentence(self) -> str:
        over = f", {to_text(self.over)} of them more than was ordered" if self.over else ""
        return (
            f"{to_text(self.quantity)} of purchase order {self.purchase_order} line {self.line} "
            f"arrived at {self.source} (receipt {self.receipt}){over}."
        )


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

    @property
    def sentence(self) -> str:
        return (
            f"{to_text(self.quantity)} of order {self.order} line {self.line} came back to "
            f"{self.source} (refund {self.refund})."
        )


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

    @property
    def sentence(self) -> str:
        return (
            f"On hand at {self.source} was adjusted by {to_text(self.delta)} ({self.reason})."
        )


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

    @property
    def sentence(self) -> str:
        return (
            f"{to_text(self.counted)} were counted at {self.source}, a change of "
            f"{to_text(self.delta)}{because(self.reason)}."
        )


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

    @property
    def sentence(self) -> str:
        verb = "added to" if self.delta > 0 else "taken off"
        return (
            f"The count of {to_iso(self.counted_at)} at {self.source} stands: "
            f"{to_text(abs(self.delta))} were {verb} its change, because something that had "
            "occurred before it was recorded after it."
        )


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

    @property
    def sentence(self) -> str:
        return (
            f"{to_text(self.quantity)} went from {self.from_source} to {self.to_source}"
            f"{because(self.reason)}."
        )


class StockStatusChanged(Event):
    """Somebody set an item in stock or out of stock at a source by hand."""

    sku: str
    source: str
    status: StockStatus

    @property
    def sentence(self) -> str:
        return f"At {self.source} the item was set {self.status.replace('_', ' ')} by hand."
