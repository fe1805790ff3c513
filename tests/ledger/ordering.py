"""What somebody asks of orders, in units: decisions about an order and the stock of its items."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, TypeVar

from msgspec.structs import replace

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.line_units import AskedUnits, LineKey
from stocktrail.ledger.money import parse_price
from stocktrail.ledger.orders import cancelling, placing, queueing, refunding, shipping
from stocktrail.ledger.orders.events import LineOutcome, ShipPolicy
from stocktrail.ledger.reallocation import Strategy
from tests.ledger.facts import DAY, Number, units
from tests.ledger.streams import Request
from tests.scenes import ORDER, SKU

OTHER = "GADGET"
"""A second item."""

E = TypeVar("E", bound=Event)


def of_other(event: E) -> E:
    """Return the same fact of the other item."""
    return replace(event, sku=OTHER)


class NewLine(NamedTuple):
    """One line of an order that is to be placed."""

    line: int
    sku: str
    quantity: int
    unit_price: int | None
    requested_date: date | None


class NewOrder(NamedTuple):
    """An order that is to be placed."""

    lines: Sequence[NewLine]
    customer: str = "Ada"
    pool: str = "default"
    priority: int = 5
    ship_policy: ShipPolicy = "partial"
    currency: str | None = None


class RefundedUnits(NamedTuple):
    """Units of a line that are to be paid back."""

    line: int
    quantity: int
    outcome: LineOutcome
    source: str | None = None


def line(
    number: int, quantity: Number, *, sku: str = SKU, price: str | None = None,
    day: date | None = DAY,
) -> NewLine:
    return NewLine(
        number, sku, units(quantity), None if price is None else parse_price(price), day
    )


def place(*lines: NewLine, pool: str = "default", content: str = "as placed") -> Request:
    return lambda streams: placing.place(
        streams.order(ORDER), streams, NewOrder(lines, pool=pool), content, streams.now
    )


def ship(
    *asked: tuple[int, Number | None], shipment: str = "SH-1", source: str | None = None
) -> Request:
    """Ship units of lines; naming no line ships all that can."""
    return lambda streams: shipping.ship(
        streams.order(ORDER), streams, shipment, source, _units(asked) or None,
        f"as shipped in {shipment}",
    )


def cancel(*asked: tuple[int, Number | None]) -> Request:
    """Cancel units of lines; naming no line cancels all that remains."""
    return lambda streams: cancelling.cancel(
        streams.order(ORDER), streams, _units(asked) or None, None
    )


def pay_back(
    *asked: tuple[int, Number, LineOutcome] | tuple[int, Number, LineOutcome, str],
    refund: str = "R-1",
) -> Request:
    parts = [RefundedUnits(number, units(quantity), *rest) for number, quantity, *rest in asked]
    return lambda streams: refunding.pay_back(
        streams.order(ORDER), streams, refund, parts, None, f"as refunded in {refund}"
    )


def reschedule(*dates: tuple[int, date]) -> Request:
    return lambda streams: queueing.reschedule(
        streams.order(ORDER), streams, dates, "the customer asked"
    )


def prioritise(priority: int) -> Request:
    return lambda streams: queueing.prioritise(
        streams.order(ORDER), streams, priority, "the customer asked"
    )


def move_allocation(
    quantity: Number, giver: str, taker: str, *, pool: str | None = None
) -> Request:
    return lambda streams: queueing.move_allocation(
        streams.stock(SKU), streams.settings(), streams.order(giver), streams.order(taker),
        units(quantity), "by hand", pool,
    )


def reallocate(strategy: Strategy, named: dict[LineKey, Strategy]) -> Request:
    return lambda streams: queueing.reallocate(
        streams.stock(SKU), streams.settings(),
        {order: streams.order(order) for order, _ in named}, strategy, named, None,
    )


def _units(asked: Sequence[tuple[int, Number | None]]) -> list[AskedUnits]:
    return [(number, None if some is None else units(some)) for number, some in asked]
