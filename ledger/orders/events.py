"""What can happen to an order. Quantities are never negative."""

from collections.abc import Iterable
from datetime import date
from typing import Literal, Self

from msgspec.structs import replace

from stocktrail.ledger.base.event import Event, Fact
from stocktrail.ledger.configuration import Backorders
from stocktrail.ledger.line_units import LineUnits
from stocktrail.ledger.money import DECIMAL_STRING, Money
from stocktrail.ledger.quantity import UNITS, Quantity
from stocktrail.ledger.wording import because, parts_of
from stocktrail.ledger.written import Way

ShipPolicy = Literal["partial", "complete"]
LineOutcome = Literal["release", "return", "write_off"]
Status = Literal["processing", "complete", "cancelled"]
How = Literal["e-mail", "phone", "letter", "other"]
ToldDate = date | Literal["none"]
"""The day that a customer was told, or that nobody knows of any."""

class LinePlaced(Fact, kw_only=True):
    """One line as it was accepted, with the backorder policy in force and the level that set it."""

    line: int
    sku: str
    quantity: Quantity
    unit_price: Money | None = None
    requested_date: date
    managed: bool = True
    backordered: Quantity = 0
    backorders: Backorders
    backorders_level: str

    # As a reserved line (`StockReserved`), it is converted field by field.
    def converted(self, way: Way) -> Self:
        units, price = UNITS[way], self.unit_price
        return replace(
            self, quantity=units(self.quantity), backordered=units(self.backordered),
            unit_price=price if price is None else DECIMAL_STRING[way](price),
        )


class OrderPlaced(Event, kw_only=True):
    """All lines of an order were accepted, and its full amount captured."""

    order: str
    customer: str
    pool: str
    priority: int
    ship_policy: ShipPolicy
    currency: str | None = None
    captured_amount: Money | None = None
    lines: tuple[LinePlaced, ...]
    content: str

    def converted(self, way: Way) -> Self:
        amount = self.captured_amount
        return replace(
            self, lines=tuple([line.converted(way) for line in self.lines]),
            captured_amount=amount if amount is None else DECIMAL_STRING[way](amount),
        )

    @property
    def sentence(self) -> str:
        return (
            f"{self.customer} placed order {self.order} in pool {self.pool}: "
            f"{parts_of(self.lines)}."
        )


class LineQuantity(Fact):
    """Units of one line."""

    line: int
    sku: str
    quantity: Quantity


def quantities_of(units: Iterable[LineUnits]) -> tuple[LineQuantity, ...]:
    """Write units down as an event carries them."""
    return tuple(
        LineQuantity(line=each.line, sku=each.sku, quantity=each.quantity) for each in units
    )


class OrderCancelled(Event, kw_only=True):
    """Units of an order were cancelled and their captured amount refunded."""

    order: str
    lines: tuple[LineQuantity, ...]
    reason: str | None = None
    refunded_amount: Money | None = None
    status: Status

    @property
    def sentence(self) -> str:
        return (
            f"Cancelled: {parts_of(self.lines)}{because(self.reason)}. The order is {self.status}."
        )


class OrderShipped(Event):
    """Units of an order left in one shipment."""

    order: str
    shipment: str
    lines: tuple[LineQuantity, ...]
    status: Status
    content: str

    @property
    def sentence(self) -> str:
        return f"Shipment {self.shipment}: {parts_of(self.lines)}. The order is {self.status}."


class LineRefunded(Fact):
    """Units of one line that were paid back, and what became of them."""

    line: int
    sku: str
    quantity: Quantity
    outcome: LineOutcome
    source: str | None = None


class OrderRefunded(Event, kw_only=True):
    """Units of an order were paid back: released before shipment, returned, or written off."""

    order: str
    refund: str
    lines: tuple[LineRefunded, ...]
    reason: str | None = None
    refunded_amount: Money | None = None
    status: Status
    content: str

    @property
    def sentence(self) -> str:
        return f"Refund {self.refund}: {parts_of(self.lines)}{because(self.reason)}."


class LineDate(Fact):
    """The requested date of one line."""

    line: int
    requested_date: date


class OrderRescheduled(Event):
    """Lines of an order were asked for on other dates."""

    order: str
    lines: tuple[LineDate, ...]
    reason: str

    @property
    def sentence(self) -> str:
        return (
            "Rescheduled: " + ", ".join(
                f"line {part.line} to {part.requested_date}" for part in self.lines
            ) + f" ({self.reason})."
        )


class OrderPrioritised(Event):
    """The place of an order in the queues was changed by hand."""

    order: str
    priority: int
    reason: str

    @property
    def sentence(self) -> str:
        return f"The priority became {self.priority} ({self.reason})."


class LineTold(Fact):
    """A line of whose promise a customer was told.

    Without a date they were told that ``nobody_knows``, else what was promised then.
    """

    line: int
    sku: str
    told_date: date | None = None
    nobody_knows: bool = False

    @property
    def sentence(self) -> str:
        """What was said of the line."""
        when = "as promised"
        if self.nobody_knows:
            when = "nobody knows yet when"
        elif self.told_date is not None:
            when = f"on {self.told_date}"
        return f"{self.sku} (line {self.line}) {when}"


class CustomerTold(Event, kw_only=True):
    """The customer of an order was told when lines of it come."""

    order: str
    lines: tuple[LineTold, ...]
    how: How
    note: str | None = None

    @property
    def sentence(self) -> str:
        named = ", ".join(part.sentence for part in self.lines)
        way = "in another way" if self.how == "other" else f"by {self.how}"
        return (
            f"The customer of order {self.order} was told {way} when it comes: "
            f"{named}{because(self.note)}."
        )
