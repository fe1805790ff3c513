"""Decisions about the units that order lines want: check, release, and the queue itself."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Literal

from stocktrail.ledger.allocation import Change, Claims
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.line_units import LineUnits, OrderLines, each_line_once
from stocktrail.ledger.quantity import LIMIT, to_number, to_text
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.salability import Verdict, check_request
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.events import (
    AllocationMoved,
    BackorderPrioritised,
    BackorderRescheduled,
    ReservationReleased,
)
from stocktrail.ledger.stock.movements import allocations_to_waiting
from stocktrail.ledger.stock.product import require, require_quantity
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.sums import too_large


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


def release(
    stock: ProductStock,
    settings: Settings,
    order: str,
    units: Iterable[LineUnits],
    cause: Literal["cancelled", "released"],
) -> list[Event]:
    """Take units off one order's lines, backordered ones first; freed units go to the queue."""
    events: list[Event] = []
    changes = []
    wants = {}
    for each in each_line_once(units):
        require_quantity(stock, each.quantity)
        line = stock.lines[order, each.line]
        backordered = min(each.quantity, line.backordered)
        allocated = each.quantity - backordered
        events.append(ReservationReleased(
            sku=stock.key, pool=line.pool, order=order, line=each.line, quantity=each.quantity,
            backordered=backordered, allocated=allocated, cause=cause,
        ))
        changes.append(Change(order, each.line, line.pool, -allocated))
        wants[order, each.line] = line.backordered - backordered
    sellable = stock.sellable(settings)
    return [
        *events,
        *allocations_to_waiting(stock, settings, sellable, changes=changes, wants=wants),
    ]


def move(
    stock: ProductStock,
    settings: Settings,
    giver: OrderLines,
    taker: OrderLines,
    quantity: int,
    reason: str,
    pool: str | None,
) -> list[AllocationMoved]:
    """Move allocated units of lines of one order to lines of another that wait for them.

    The giver's lines last in the queue give first, the taker's first in the queue take first.
    """
    require_quantity(stock, quantity)
    giving = [line for line in stock.lines.of_order(giver) if pool in (None, line.pool)]
    taking = [line for line in stock.lines.of_order(taker) if pool in (None, line.pool)]
    has, lacks = sum(line.allocated for line in giving), sum(line.backordered for line in taking)
    _require_units(stock, giver.order, quantity, has, "allocated")
    _require_units(stock, taker.order, quantity, lacks, "remaining")
    events = []
    wants = {line.line: line.backordered for line in taking}
    for gives in reversed(giving):
        left = min(gives.allocated, quantity)
        for takes in taking:
            part = min(left, wants[takes.line])
            if part:
                events.append(AllocationMoved(
                    sku=stock.key, pool=gives.pool, from_order=gives.order, from_line=gives.line,
                    to_pool=takes.pool, to_order=takes.order, to_line=takes.line, quantity=part,
                    reason=reason,
                ))
                wants[takes.line] -= part
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


def prioritise(
    stock: ProductStock, lines: OrderLines, priority: int
) -> list[BackorderPrioritised]:
    """Set another priority for those lines of an order that are open."""
    return [
        BackorderPrioritised(sku=stock.key, order=line.order, line=line.line, priority=priority)
        for line in stock.lines.of_order(lines)
    ]


# ------------------------------------------------------------------ refusals


def _require_units(
    stock: ProductStock, order: str, quantity: int, most: int,
    what: Literal["allocated", "remaining"],
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
