"""Shipping units of an order's lines: from a named source, or by the priority of the line's pool.

While stock is managed only allocated units ship. Lines that were accepted while it was, and ship
while it is not, wait for nothing: what is allocated to them is known to be there and leaves its
sources, and whatever else they want leaves without a source, and so moves nothing on hand. What
they keep is as it was when stock is managed again.
"""

from collections.abc import Iterable, Sequence

from stocktrail.ledger.allocation import Change, picks
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.line_units import LineUnits, each_line_once
from stocktrail.ledger.quantity import to_number, to_text
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.back_dated import (
    When,
    gains_of,
    is_counted_after,
    recounts,
    with_recounts,
)
from stocktrail.ledger.stock.events import Pick, StockShipped, UnmanagedUnitsShipped
from stocktrail.ledger.stock.movements import allocations_to_waiting
from stocktrail.ledger.stock.open_lines import OpenLine
from stocktrail.ledger.stock.product import require_quantity
from stocktrail.ledger.stock.state import ProductStock


def ship(
    stock: ProductStock, settings: Settings, order: str, shipment: str, source: str | None,
    units: Iterable[LineUnits], when: When | None = None, *, is_managed: bool = True,
) -> list[Event]:
    """Ship units of one order's lines of an item.

    While stock is managed it refuses backordered units, and units that other pools' allocations
    need. While it is not, allocated units that a named source cannot give leave without one, and
    the units that were bound to them go to the queue. What had left a source before it was counted
    is not in what was counted: those units stay on hand, and serve the queue too.
    """
    leaving = _Leaving(stock, settings, order, shipment)
    for each in each_line_once(units):
        require_quantity(stock, each.quantity)
        line = stock.lines[order, each.line]
        if is_managed:
            _require_allocated(stock, line, each.quantity)
            if source is not None:
                _require_shippable(stock, settings, line.pool, source)
                if is_counted_after(stock, source, when):
                    leaving.on_hand[source] += each.quantity
        picked = leaving.pick(line, each.quantity, source)
        found = sum(quantity for _, quantity in picked)
        if is_managed and found < each.quantity:
            raise _not_there(stock, line, source or "", each.quantity, found)
        leaving.leave(line, each.quantity, picked)
    return leaving.events_at(when)


class _Leaving:
    """What leaves with one shipment, line after line."""

    def __init__(
        self, stock: ProductStock, settings: Settings, order: str, shipment: str
    ) -> None:
        self._stock, self._settings = stock, settings
        self._order, self._shipment = order, shipment
        self.on_hand, self._allocated = stock.sellable(settings), dict(stock.allocated)
        self._events: list[Event] = []
        self._changes: list[Change] = []
        self._waiting_for: dict[tuple[str, int], int] = {}
        self._any_freed = False

    def pick(self, line: OpenLine, quantity: int, source: str | None) -> list[tuple[str, int]]:
        """Choose the sources that units of a line leave, as far as units are allocated to it."""
        sources = self._settings.sources_of(line.pool)
        return picks(
            line.pool, min(quantity, line.allocated),
            [at for at in sources if source in (None, at)],
            self._allocated, self.on_hand, self._settings.pools,
        )

    def leave(self, line: OpenLine, quantity: int, picked: Sequence[tuple[str, int]]) -> None:
        """Let units of a line leave their sources, and the rest of them leave without one."""
        bound = min(quantity, line.allocated)
        for at, units in picked:
            self.on_hand[at] -= units
        self._allocated[line.pool] -= bound
        found = sum(units for _, units in picked)
        if found:
            self._events.append(StockShipped(
                sku=self._stock.key, pool=line.pool, order=self._order, line=line.line,
                shipment=self._shipment, quantity=found,
                picks=tuple(Pick(source=at, quantity=units) for at, units in picked),
            ))
        if found < quantity:
            self._events.append(UnmanagedUnitsShipped(
                sku=self._stock.key, pool=line.pool, order=self._order, line=line.line,
                shipment=self._shipment, quantity=quantity - found, allocated=bound - found,
            ))
        self._any_freed = self._any_freed or found < bound
        self._changes.append(Change(self._order, line.line, line.pool, -bound))
        self._waiting_for[self._order, line.line] = line.backordered - (quantity - bound)

    def events_at(self, when: When | None) -> list[Event]:
        """Return what leaves, what counts take over of it, and what that gives to the queue."""
        gains = gains_of(self._events)
        recounted = recounts(self._stock, gains, when)
        events = with_recounts(self._events, recounted)
        if not (recounted or self._any_freed):
            return events
        sellable = self._stock.sellable(self._settings)
        for at, gained in gains.items():
            sellable[at] += 0 if at in recounted else gained
        return [*events, *allocations_to_waiting(
            self._stock, self._settings, sellable, changes=self._changes,
            wants=self._waiting_for,
        )]


# ------------------------------------------------------------------ what is refused


def _require_allocated(stock: ProductStock, line: OpenLine, quantity: int) -> None:
    if quantity > line.allocated:
        shortfall = quantity - line.allocated
        raise Refusal(
            "backordered_units_cannot_ship",
            f"{to_text(shortfall)} of {stock.key} on line {line.line} of order {line.order} are "
            f"backordered and cannot ship yet; {to_text(line.allocated)} can.",
            sku=stock.key, order=line.order, line=line.line, quantity=to_number(quantity),
            allocated=to_number(line.allocated), shortfall=to_number(shortfall),
        )


def _require_shippable(stock: ProductStock, settings: Settings, pool: str, source: str) -> None:
    settings.require_source(source)
    if source not in settings.sources_of(pool):
        raise Refusal(
            "not_assigned_to_pool",
            f"Source {source} does not serve pool {pool}, in which {stock.key} was sold.",
            sku=stock.key, source=source, pool=pool,
        )
    if source in settings.disabled or source in stock.out_of_stock:
        raise Refusal(
            "no_source_in_stock",
            f"{stock.key} is not in stock at source {source}, or the source is disabled.",
            sku=stock.key, source=source, pool=pool,
        )


def _not_there(
    stock: ProductStock, line: OpenLine, source: str, quantity: int, found: int
) -> Refusal:
    return Refusal(
        "not_enough_on_hand",
        f"Source {source} can ship {to_text(found)} of {stock.key} for line {line.line} of order "
        f"{line.order}, not {to_text(quantity)}: it has no more, or other pools need the rest.",
        sku=stock.key, source=source, order=line.order, line=line.line,
        quantity=to_number(quantity), on_hand=to_number(stock.on_hand.get(source, 0)),
        shortfall=to_number(quantity - found),
    )
