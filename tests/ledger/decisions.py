"""What somebody asks for, in the imperative and in units: the decisions of the pure ledger."""

from collections.abc import Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any, Literal

from stocktrail.ledger.base import decision as base
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.configuration import SettingChanged
from stocktrail.ledger.line_units import LineUnits, OrderLines
from stocktrail.ledger.orders import placing
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.stock import (
    movements,
    product,
    reservations,
    shipping,
    sources_and_pools,
)
from stocktrail.ledger.stock.events import StockReserved, StockReturned, StockStatus
from tests.ledger.facts import DAY, Number, units
from tests.ledger.ordering import NewLine, NewOrder
from tests.scenes import SKU, Decision, Scene


def register(
    name: str | None = None,
    *,
    decimal: bool | None = None,
    unit: str | None = None,
    attributes: dict[str, Any] | None = None,
) -> Decision:
    return lambda scene: product.register(scene.stock, name, decimal, unit, attributes)


def carry(source: str = "default") -> Decision:
    return lambda scene: product.carry(scene.stock, scene.settings, source)


def receive(quantity: Number, source: str = "default") -> Decision:
    return lambda scene: movements.receive(
        scene.stock, scene.settings, source, units(quantity), None, scene.at
    )


def take_back(*returned: StockReturned) -> Decision:
    return lambda scene: movements.take_back(scene.stock, scene.settings, returned, scene.at)


def adjust(delta: Number, source: str = "default") -> Decision:
    return lambda scene: movements.adjust(
        scene.stock, scene.settings, source, units(delta), "broken", scene.at
    )


def count(number: Number, source: str = "default") -> Decision:
    return lambda scene: movements.count(
        scene.stock, scene.settings, source, units(number), None, scene.at
    )


def transfer(quantity: Number, from_source: str, to_source: str) -> Decision:
    return lambda scene: movements.transfer(
        scene.stock, scene.settings, from_source, to_source, units(quantity), None, scene.at
    )


def set_status(status: StockStatus, source: str = "default") -> Decision:
    return lambda scene: movements.set_status(scene.stock, scene.settings, source, status)


def change(event: SettingChanged) -> Decision:
    """Set or remove a value at the level that the event names."""

    def decide(scene: Scene) -> Sequence[Event]:
        if event.sku is None:
            return scene.settings.change_settings([event])
        return product.change_settings(scene.stock, scene.settings, [event])

    return decide


def enable(source: str) -> Decision:
    return lambda scene: _events(
        sources_and_pools.enable_source(scene.settings, lambda _: [scene.stock], source)
    )


def disable(source: str) -> Decision:
    return lambda scene: _events(
        sources_and_pools.disable_source(scene.settings, lambda _: [scene.stock], source)
    )


def define_pool(pool: str, *sources: str, name: str | None = None) -> Decision:
    return lambda scene: _events(
        sources_and_pools.define_pool(
            scene.settings, lambda _: [scene.stock], pool, sources, name
        )
    )


def _events(decision: base.Decision) -> list[Event]:
    return [event for _, events in decision.changes for event in events]


def place(
    order: str,
    *quantities: Number,
    pool: str = "default",
    priority: int = 5,
    day: date = DAY,
    days: Sequence[date] = (),
) -> Decision:
    """Place an order whose lines 1, 2, 3 ... ask for these quantities of the item."""
    lines = [
        NewLine(number, SKU, units(quantity), None, days[number - 1] if days else day)
        for number, quantity in enumerate(quantities, 1)
    ]
    asked = NewOrder(lines, pool=pool, priority=priority)

    def decide(scene: Scene) -> Sequence[Event]:
        stocks: Any = SimpleNamespace(
            settings=lambda: scene.settings, stock=lambda sku: scene.stock
        )
        placed = placing.place(Order(Order.stream_of(order)), stocks, asked, "as placed", 0)
        return [event for event in _events(placed) if isinstance(event, StockReserved)]

    return decide


def taken(*quantities: Number | tuple[int, Number]) -> list[LineUnits]:
    """Name units of lines: a number stands for line 1, a pair for a line and its number."""
    pairs = [one if isinstance(one, tuple) else (1, one) for one in quantities]
    return [LineUnits(line, SKU, units(quantity), managed=True) for line, quantity in pairs]


def ship(
    order: str, *quantities: Number | tuple[int, Number], source: str | None = None
) -> Decision:
    return lambda scene: shipping.ship(
        scene.stock, scene.settings, order, "SH-1", source, taken(*quantities), scene.at
    )


def ship_unmanaged(
    order: str, *quantities: Number | tuple[int, Number], source: str | None = None
) -> Decision:
    """Ship while stock is not managed."""
    return lambda scene: shipping.ship(
        scene.stock, scene.settings, order, "SH-1", source, taken(*quantities), scene.at,
        is_managed=False,
    )


def cancel(
    order: str,
    *quantities: Number | tuple[int, Number],
    cause: Literal["cancelled", "released"] = "cancelled",
) -> Decision:
    return lambda scene: reservations.release(
        scene.stock, scene.settings, order, taken(*quantities), cause
    )


def move(quantity: Number, from_order: str, to_order: str, pool: str | None = None) -> Decision:
    return lambda scene: reservations.move(
        scene.stock, scene.settings, lines_of(scene, from_order), lines_of(scene, to_order),
        units(quantity), "by hand", pool,
    )


def reschedule(order: str, **days: date) -> Decision:
    """Ask for lines on other dates: ``line_1=date(...)``."""
    dates = {int(name.removeprefix("line_")): day for name, day in days.items()}
    return lambda scene: reservations.reschedule(scene.stock, order, dates)


def prioritise(order: str, priority: int) -> Decision:
    return lambda scene: reservations.prioritise(scene.stock, lines_of(scene, order), priority)


def lines_of(scene: Scene, order: str) -> OrderLines:
    """Return the open lines of an order, which knows their numbers by itself."""
    return OrderLines(order, [line for of, line in scene.stock.lines if of == order])
