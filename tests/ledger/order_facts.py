"""What has happened to an order, in the past tense and in units."""

from datetime import date

from stocktrail.ledger.money import parse_price
from stocktrail.ledger.orders.events import (
    LineDate,
    LineOutcome,
    LinePlaced,
    LineQuantity,
    LineRefunded,
    OrderCancelled,
    OrderPlaced,
    OrderPrioritised,
    OrderRefunded,
    OrderRescheduled,
    OrderShipped,
    ShipPolicy,
    Status,
)
from tests.ledger.facts import DAY, Number, units
from tests.scenes import ORDER, SKU


def line_placed(
    line: int,
    quantity: Number,
    *,
    sku: str = SKU,
    price: str | None = None,
    managed: bool = True,
    day: date = DAY,
) -> LinePlaced:
    return LinePlaced(
        line=line,
        sku=sku,
        quantity=units(quantity),
        unit_price=None if price is None else parse_price(price),
        requested_date=day,
        managed=managed,
        backorders="no",
        backorders_level="default",
    )


def order_placed(*lines: LinePlaced, ship_policy: ShipPolicy = "partial") -> OrderPlaced:
    return OrderPlaced(
        order=ORDER,
        customer="Ada",
        pool="default",
        priority=5,
        ship_policy=ship_policy,
        lines=lines,
        content="as placed",
    )


def order_cancelled(
    *quantities: tuple[int, Number], status: Status = "processing"
) -> OrderCancelled:
    return OrderCancelled(order=ORDER, lines=_lines(*quantities), status=status)


def order_shipped(
    *quantities: tuple[int, Number], shipment: str = "SH-1", status: Status = "processing"
) -> OrderShipped:
    return OrderShipped(
        order=ORDER,
        shipment=shipment,
        lines=_lines(*quantities),
        status=status,
        content=f"as shipped in {shipment}",
    )


def order_refunded(
    *quantities: tuple[int, Number], outcome: LineOutcome, refund: str = "R-1"
) -> OrderRefunded:
    return OrderRefunded(
        order=ORDER,
        refund=refund,
        lines=tuple(
            LineRefunded(line=line, sku=SKU, quantity=units(quantity), outcome=outcome)
            for line, quantity in quantities
        ),
        status="processing",
        content=f"as refunded in {refund}",
    )


def order_rescheduled(*dates: tuple[int, date]) -> OrderRescheduled:
    lines = tuple(LineDate(line=line, requested_date=day) for line, day in dates)
    return OrderRescheduled(order=ORDER, lines=lines, reason="the customer asked")


def order_prioritised(priority: int) -> OrderPrioritised:
    return OrderPrioritised(order=ORDER, priority=priority, reason="the customer asked")


def _lines(*quantities: tuple[int, Number]) -> tuple[LineQuantity, ...]:
    return tuple(
        LineQuantity(line=line, sku=SKU, quantity=units(quantity)) for line, quantity in quantities
    )
