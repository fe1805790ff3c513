"""Commands that bring an order to its end: cancel and ship."""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from stocktrail.commands.fields import Key, Text
from stocktrail.commands.orders.lines import (
    LineParts,
    OrderCommand,
    managed_by_sku,
    quantities_of,
    require_whole,
    stop_if_recorded,
)
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.line_units import LineUnits
from stocktrail.ledger.orders.events import OrderCancelled, OrderShipped
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.quantity import to_number, to_text
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.stock import reservations, unmanaged
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store.engine.unit_of_work import UnitOfWork

__all__ = ["CancelOrder", "ShipOrder"]


class CancelOrder(OrderCommand):
    """Cancel an order, or units of its lines; shipped units are never cancelled."""

    command: ClassVar[str] = "cancel-order"

    reason: Text | None = Field(default=None, description="Why.")
    lines: LineParts | None = Field(
        default=None, description="Which lines; default: all that remains."
    )

    def decide(self, work: UnitOfWork) -> None:
        """Take the units off the lines, refund them, and give freed ones to the queue."""
        order = work.order(self.order)
        order.require()
        takes = self._takes(order)
        if not takes:
            return
        require_whole(work, takes)
        event = OrderCancelled(
            order=self.order, lines=quantities_of(takes), reason=self.reason,
            refunded_amount=order.amount_of(takes), status=order.status_after(takes),
        )
        work.record(order, [event])
        for sku, taken in managed_by_sku(takes).items():
            stock = work.stock(sku)
            work.record(stock, reservations.release(
                stock, work.settings(), self.order, taken, "cancelled"
            ))

    def _takes(self, order: Order) -> list[LineUnits]:
        if self.lines is not None:
            return order.takes(((part.line, part.quantity) for part in self.lines), "cancelled")
        remaining = [(number, None) for number, line in order.lines.items() if line.remaining]
        if not remaining and order.status_after([]) == "complete":
            raise Refusal(
                "not_enough_remaining",
                f"Nothing of order {self.order} remains to be cancelled.",
                order=self.order, remaining=0,
            )
        return order.takes(remaining, "cancelled")


class ShipOrder(OrderCommand):
    """Ship allocated units of an order; without lines, everything that can ship.

    Lines of an item that is not managed ship any time, allocated or not.
    """

    command: ClassVar[str] = "ship-order"

    shipment: Key = Field(description="The id of the shipment.")
    source: Key | None = Field(
        default=None, description="From where; default: by the pool's priority."
    )
    lines: LineParts | None = Field(
        default=None, description="Which lines; default: all that can ship."
    )

    def decide(self, work: UnitOfWork) -> None:
        """Ship the units from their sources."""
        order = work.order(self.order)
        order.require()
        content = work.content
        stop_if_recorded(order, f"shipment/{self.shipment}", content)
        if self.source is not None:
            work.settings().require_source(self.source)
        takes = order.takes(self._wanted(work, order), "shipped")
        self._require_whole_order(work, order, takes)
        require_whole(work, takes)
        shipped = {
            sku: self._shipped(work, work.stock(sku), taken)
            for sku, taken in managed_by_sku(takes).items()
        }
        work.record(order, [OrderShipped(
            order=self.order, shipment=self.shipment, lines=quantities_of(takes),
            status=order.status_after(takes, shipping=True), content=content,
        )])
        for sku, events in shipped.items():
            work.record_moved(work.stock(sku), events)

    def _shipped(
        self, work: UnitOfWork, stock: ProductStock, takes: list[LineUnits]
    ) -> Sequence[Event]:
        settings = work.settings()
        ship = reservations.ship if stock.is_managed(settings) else unmanaged.ship
        return ship(
            stock, settings, self.order, self.shipment, self.source, takes, work.when(stock)
        )

    def _wanted(self, work: UnitOfWork, order: Order) -> list[tuple[int, int | None]]:
        """Return lines with quantities: what was asked for, or everything that can ship."""
        ready = {number: _ready(work, order, number) for number in order.lines}
        if self.lines is not None:
            return [
                (part.line, part.quantity or ready.get(part.line) or None) for part in self.lines
            ]
        wanted: list[tuple[int, int | None]] = [
            (number, quantity) for number, quantity in ready.items() if quantity
        ]
        remaining = sum(line.remaining for line in order.lines.values())
        if not wanted and remaining and order.ship_policy == "partial":
            raise self._nothing_ready(order)
        if not remaining:
            raise Refusal(
                "not_enough_remaining",
                f"Nothing of order {self.order} remains to be shipped.",
                order=self.order, remaining=0,
            )
        return wanted

    def _nothing_ready(self, order: Order) -> Refusal:
        short = [
            (number, line) for number, line in order.lines.items() if line.remaining
        ]
        waits = ", ".join(f"{to_text(line.remaining)} of {line.sku}" for _, line in short)
        number, first = short[0]
        return Refusal(
            "backordered_units_cannot_ship",
            f"Nothing of order {self.order} is allocated yet; it waits for {waits}.",
            order=self.order, line=number, sku=first.sku, shortfall=to_number(first.remaining),
            lines=[
                {"line": number, "sku": line.sku, "shortfall": to_number(line.remaining)}
                for number, line in short
            ],
        )

    def _require_whole_order(self, work: UnitOfWork, order: Order, takes: list[LineUnits]) -> None:
        if order.ship_policy == "partial":
            return
        taken = {take.line: take.quantity for take in takes}
        asked_beyond = any(
            take.quantity > _ready(work, order, take.line) for take in takes
        )
        missing = [
            {"line": number, "sku": line.sku,
             "shortfall": to_number(line.remaining - taken.get(number, 0))}
            for number, line in order.lines.items() if line.remaining > taken.get(number, 0)
        ]
        if missing and not asked_beyond:
            raise Refusal(
                "order_ships_complete",
                f"Order {self.order} ships only whole; "
                + ", ".join(f"{each['shortfall']} of {each['sku']}" for each in missing)
                + " would be left behind.",
                order=self.order, lines=missing,
            )


def _ready(work: UnitOfWork, order: Order, number: int) -> int:
    """Count the units of a line that can ship now: all of them while stock is not managed."""
    line = order.lines[number]
    if not line.managed:
        return line.remaining
    stock = work.stock(line.sku)
    if not stock.is_managed(work.settings()):
        return line.remaining
    open_line = stock.lines.get((order.key, number))
    return open_line.allocated if open_line else 0
