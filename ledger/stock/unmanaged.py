"""Shipping lines of an item whose stock is not managed any more.

They were accepted while it was, and wait for nothing while it is not. What is allocated to them is
known to be there, and leaves its sources as ever; whatever else they want leaves without a source,
and so moves nothing on hand. What they keep is as it was when stock is managed again.
"""

from collections.abc import Iterable

from stocktrail.ledger.allocation import Change, picks
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.line_units import LineUnits
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.back_dated import When, around, recounts
from stocktrail.ledger.stock.events import Pick, StockShipped, UnmanagedUnitsShipped
from stocktrail.ledger.stock.movements import allocations_to_waiting
from stocktrail.ledger.stock.product import require_quantity
from stocktrail.ledger.stock.state import ProductStock


def ship(
    stock: ProductStock,
    settings: Settings,
    order: str,
    shipment: str,
    source: str | None,
    takes: Iterable[LineUnits],
    when: When | None = None,
) -> list[Event]:
    """Ship units of one order's lines, each line named once: allocated ones first, then others.

    Allocated units that a named source cannot give leave without one; the units that were bound to
    them go to the queue.
    """
    on_hand, allocated = stock.sellable(settings), dict(stock.allocated)
    events: list[Event] = []
    changes, wants = [], {}
    gains: dict[str, int] = {}
    freed = 0
    for take in takes:
        require_quantity(stock, take.quantity)
        line = stock.lines[order, take.line]
        bound = min(take.quantity, line.allocated)
        reached = settings.sources_of(line.pool)
        picked = picks(
            line.pool, bound, [at for at in reached if source in (None, at)], allocated, on_hand,
            settings.pools,
        )
        for at, quantity in picked:
            on_hand[at] -= quantity
            gains[at] = gains.get(at, 0) - quantity
        left = sum(quantity for _, quantity in picked)
        allocated[line.pool] -= bound
        if left:
            events.append(StockShipped(
                sku=stock.key, pool=line.pool, order=order, line=take.line, shipment=shipment,
                quantity=left,
                picks=tuple(Pick(source=at, quantity=quantity) for at, quantity in picked),
            ))
        if left < take.quantity:
            events.append(UnmanagedUnitsShipped(
                sku=stock.key, pool=line.pool, order=order, line=take.line, shipment=shipment,
                quantity=take.quantity - left, allocated=bound - left,
            ))
        freed += bound - left
        changes.append(Change(order, take.line, line.pool, -bound))
        wants[order, take.line] = line.remaining - take.quantity - (line.allocated - bound)
    recounted = recounts(stock, gains, when)
    for at, event in recounted.items():
        on_hand[at] += event.delta
    events = around(events, recounted)
    if freed or recounted:
        events += allocations_to_waiting(stock, settings, on_hand, changes=changes, wants=wants)
    return events
