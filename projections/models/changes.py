"""What one event changes in the numbers that read models keep: units by source, pool and line."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.stock.events import (
    MOVING,
    AllocationMoved,
    AllocationRevoked,
    BackorderAllocated,
    BackordersReallocated,
    ReservationReleased,
    SourceItemCreated,
    StockMovement,
    StockReserved,
    StockShipped,
    UnmanagedUnitsShipped,
)

PoolChange = tuple[str, int, int]
"""A pool, and what its open lines gain in units wanted and in units allocated."""

LineChange = tuple[str, int, int]
"""An order and the number of its line, and what it gains in allocated units."""


class Changes(NamedTuple):
    """All that one event changes; ``on_hand`` lists sources with the units they gain."""

    on_hand: tuple[tuple[str, int], ...] = ()
    pools: tuple[PoolChange, ...] = ()
    lines: tuple[LineChange, ...] = ()


NOTHING = Changes()


def _carried(event: SourceItemCreated) -> Changes:
    return Changes(((event.source, 0),), (), ())


def _gained(event: StockMovement) -> Changes:
    return Changes(event.gains, (), ())


def _reserved(event: StockReserved) -> Changes:
    return Changes(
        (),
        ((event.pool, event.quantity, event.allocated),),
        ((event.order, event.line, event.allocated),),
    )


def _allocated(event: BackorderAllocated | AllocationRevoked) -> Changes:
    return Changes(
        (),
        ((event.pool, 0, event.change),),
        ((event.order, event.line, event.change),),
    )


def _moved(event: AllocationMoved) -> Changes:
    return Changes(
        (),
        (
            (event.pool, 0, -event.quantity),
            (event.to_pool, 0, event.quantity),
        ),
        (
            (event.from_order, event.from_line, -event.quantity),
            (event.to_order, event.to_line, event.quantity),
        ),
    )


def _reallocated(event: BackordersReallocated) -> Changes:
    return Changes(
        (),
        tuple((part.pool, 0, part.after - part.before) for part in event.lines),
        tuple((part.order, part.line, part.after - part.before) for part in event.lines),
    )


def _shipped(event: StockShipped) -> Changes:
    return Changes(
        event.gains,
        ((event.pool, -event.quantity, -event.quantity),),
        ((event.order, event.line, -event.quantity),),
    )


def _released(event: ReservationReleased | UnmanagedUnitsShipped) -> Changes:
    return Changes(
        (),
        ((event.pool, -event.quantity, -event.allocated),),
        ((event.order, event.line, -event.allocated),),
    )


_CHANGES: Mapping[type[Event], Callable[[Any], Changes]] = {
    SourceItemCreated: _carried,
    **dict.fromkeys(MOVING, _gained),
    StockReserved: _reserved,
    BackorderAllocated: _allocated,
    AllocationRevoked: _allocated,
    AllocationMoved: _moved,
    BackordersReallocated: _reallocated,
    StockShipped: _shipped,
    UnmanagedUnitsShipped: _released,
    ReservationReleased: _released,
}


def changes_of(event: Event) -> Changes:
    """Return what an event changes in units at sources, in pools and on lines.

    Every event that moves units at sources says what they gain; of an event that is not in the
    table, nothing else changes.

    >>> from stocktrail.ledger.stock.events import StockAdjusted
    >>> event = StockAdjusted(sku="A", source="default", delta=-20000, reason="broken")
    >>> changes_of(event).on_hand
    (('default', -20000),)
    """
    change = _CHANGES.get(type(event))
    return NOTHING if change is None else change(event)
