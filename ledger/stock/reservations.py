"""Decisions about the units that order lines want: reserve, ship, release, and the queue itself."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import Literal, NamedTuple

from stocktrail.ledger.allocation import Change, Claims, picks
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.line_units import LineUnits
from stocktrail.ledger.quantity import LIMIT, to_number, to_text
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.salability import Figures, Verdict, check_request
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.back_dated import When, around, is_counted_after, recounts
from stocktrail.ledger.stock.events import (
    AllocationMoved,
    BackorderPrioritised,
    BackorderRescheduled,
    Pick,
    ReservationReleased,
    StockReserved,
    StockShipped,
)
from stocktrail.ledger.stock.movements import allocations_to_waiting
from stocktrail.ledger.stock.open_lines import OpenLine
from stocktrail.ledger.stock.product import require, require_quantity
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.sums import too_large


class Wanted(NamedTuple):
    """What a new order line asks for."""

    line: int
    quantity: int
    requested_date: date


def check(
    stock: ProductStock, pool: str, verdict: Verdict, wanted: Sequence[int]
) -> list[Refusal]:
    """List what forbids selling these quantities of an item in a pool, judged on their sum.

    Refuses an unknown item at once. What all open lines want together, in every pool, stays
    countable.
    """
    require(stock)
    quantity = sum(wanted)
    refusals = check_request(
        stock.key, pool, quantity, verdict, parts=wanted
    )
    total = quantity
    if verdict.managed:
        total += sum(stock.demand.values())
    if total >= LIMIT:
        refusals.append(too_large("Open orders together would want", stock.key, total, pool=pool))
    return refusals


def reserve(
    stock: ProductStock,
    pool: str,
    figures: Figures,
    order: str,
    priority: int,
    wanted: Iterable[Wanted],
) -> list[StockReserved]:
    """Reserve the lines of a new order: what is free goes to them in queue order, the rest waits.

    That is the earlier requested date first, then the lower number. They are recorded by number,
    however they were written down: lines placed together stand so in the queue.
    """
    lines = sorted(wanted)
    free = figures.supply - figures.allocated
    given: dict[int, int] = {}
    for line, quantity, _ in sorted(lines, key=_requested) if len(lines) > 1 else lines:
        given[line] = allocated = quantity if quantity < free else free
        free -= allocated
    return [
        StockReserved.decided(
            sku=stock.key, pool=pool, order=order, line=line, quantity=quantity,
            allocated=given[line], backordered=quantity - given[line], priority=priority,
            requested_date=requested_date,
        )
        for line, quantity, requested_date in lines
    ]


_requested = attrgetter("requested_date")


def ship(
    stock: ProductStock,
    settings: Settings,
    order: str,
    shipment: str,
    source: str | None,
    takes: Iterable[LineUnits],
    when: When | None = None,
) -> list[Event]:
    """Ship allocated units of one order's lines, from a named source or by the pool's priority.

    What had left a source before it was counted is not in what was counted: those units stay on
    hand, and serve the queue. Refuses backordered units, and units that other pools' allocations
    need.
    """
    on_hand = stock.sellable(settings)
    allocated = dict(stock.allocated)
    events: list[StockShipped] = []
    gains: dict[str, int] = {}
    for take in _each_line_once(takes):
        require_quantity(stock, take.quantity)
        line = stock.lines[order, take.line]
        if take.quantity > line.allocated:
            raise _waits(stock, line, take.quantity)
        sources = settings.sources_of(line.pool)
        if source is not None:
            _require_shippable(stock, settings, line.pool, source)
            if is_counted_after(stock, source, when):
                on_hand[source] += take.quantity
        picked = picks(
            line.pool, take.quantity, (source,) if source else sources, allocated, on_hand,
            settings.pools,
        )
        found = sum(quantity for _, quantity in picked)
        if found < take.quantity:
            raise _not_there(stock, line, source or "", take.quantity, found)
        for at, quantity in picked:
            on_hand[at] -= quantity
            gains[at] = gains.get(at, 0) - quantity
        allocated[line.pool] -= take.quantity
        events.append(StockShipped(
            sku=stock.key, pool=line.pool, order=order, line=take.line, shipment=shipment,
            quantity=take.quantity,
            picks=tuple(Pick(source=at, quantity=quantity) for at, quantity in picked),
        ))
    recounted = recounts(stock, gains, when)
    if not recounted:
        return [*events]
    sellable = stock.sellable(settings)
    for at, gained in gains.items():
        sellable[at] += 0 if at in recounted else gained
    changes = [Change(order, event.line, event.pool, -event.quantity) for event in events]
    return [
        *around(events, recounted),
        *allocations_to_waiting(stock, settings, sellable, changes=changes),
    ]


def release(
    stock: ProductStock,
    settings: Settings,
    order: str,
    takes: Iterable[LineUnits],
    cause: Literal["cancelled", "released"],
) -> list[Event]:
    """Take units off one order's lines, backordered ones first; freed units go to the queue."""
    events: list[Event] = []
    changes = []
    wants = {}
    for take in _each_line_once(takes):
        require_quantity(stock, take.quantity)
        line = stock.lines[order, take.line]
        backordered = min(take.quantity, line.backordered)
        allocated = take.quantity - backordered
        events.append(ReservationReleased(
            sku=stock.key, pool=line.pool, order=order, line=take.line, quantity=take.quantity,
            backordered=backordered, allocated=allocated, cause=cause,
        ))
        changes.append(Change(order, take.line, line.pool, -allocated))
        wants[order, take.line] = line.backordered - backordered
    sellable = stock.sellable(settings)
    return [
        *events,
        *allocations_to_waiting(stock, settings, sellable, changes=changes, wants=wants),
    ]


def move(
    stock: ProductStock,
    settings: Settings,
    from_order: str,
    to_order: str,
    quantity: int,
    reason: str,
    pool: str | None,
) -> list[AllocationMoved]:
    """Return allocated units of one order to another that waits for them.

    The giver's lines last in the queue give first, the taker's first in the queue take first.
    """
    require_quantity(stock, quantity)
    giving = [line for line in stock.lines.of_order(from_order) if pool in (None, line.pool)]
    taking = [line for line in stock.lines.of_order(to_order) if pool in (None, line.pool)]
    _require_units(stock, from_order, quantity, sum(line.allocated for line in giving), "allocated")
    _require_units(stock, to_order, quantity, sum(line.backordered for line in taking), "remaining")
    events = []
    wants = {line.line: line.backordered for line in taking}
    for giver in reversed(giving):
        left = min(giver.allocated, quantity)
        for taker in taking:
            part = min(left, wants[taker.line])
            if part:
                events.append(AllocationMoved(
                    sku=stock.key, pool=giver.pool, from_order=from_order, from_line=giver.line,
                    to_pool=taker.pool, to_order=to_order, to_line=taker.line, quantity=part,
                    reason=reason,
                ))
                wants[taker.line] -= part
                left -= part
                quantity -= part
    _require_reach(stock, settings, events)
    return events


def reschedule(
    stock: ProductStock, order: str, dates: Mapping[int, date]
) -> list[BackorderRescheduled]:
    """Move open lines of an order to other requested dates."""
    return [
        BackorderRescheduled(sku=stock.key, order=order, line=number, requested_date=day)
        for number, day in dates.items()
        if stock.lines[order, number].requested_date != day
    ]


def prioritise(stock: ProductStock, order: str, priority: int) -> list[BackorderPrioritised]:
    """Return the open lines of an order another priority."""
    return [
        BackorderPrioritised(sku=stock.key, order=order, line=line.line, priority=priority)
        for line in stock.lines.of_order(order)
    ]


def _each_line_once(takes: Iterable[LineUnits]) -> list[LineUnits]:
    """Add up what is taken off the same line, so that it is judged on the sum."""
    merged: dict[int, LineUnits] = {}
    for take in takes:
        before = merged.get(take.line)
        quantity = take.quantity + (before.quantity if before else 0)
        merged[take.line] = take._replace(quantity=quantity)
    return list(merged.values())


# ------------------------------------------------------------------ refusals


def _waits(stock: ProductStock, line: OpenLine, quantity: int) -> Refusal:
    shortfall = quantity - line.allocated
    return Refusal(
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


def _require_units(
    stock: ProductStock, order: str, quantity: int, most: int, what: str
) -> None:
    if quantity > most:
        verb = "has allocated" if what == "allocated" else "waits for"
        raise Refusal(
            f"not_enough_{what}",
            f"Order {order} {verb} {to_text(most)} of {stock.key}; {to_text(quantity)} cannot be "
            "moved.",
            sku=stock.key, order=order, quantity=to_number(quantity),
            shortfall=to_number(quantity - most), **{what: to_number(most)},
        )


def _require_reach(
    stock: ProductStock, settings: Settings, events: Sequence[AllocationMoved]
) -> None:
    allocated = dict(stock.allocated)
    for event in events:
        allocated[event.pool] -= event.quantity
        allocated[event.to_pool] += event.quantity
    if allocated == stock.allocated:
        return
    claims = Claims(stock.sellable(settings), settings.pools)
    for pool, quantity in allocated.items():
        if claims.add(pool, quantity) < quantity:
            raise Refusal(
                "not_enough_on_hand",
                f"Pool {events[0].to_pool} cannot reach the units of {stock.key} that are "
                f"allocated in pool {events[0].pool}: they lie at sources that do not serve it.",
                sku=stock.key, pool=events[0].to_pool,
            )
