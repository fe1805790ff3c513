"""What an event can do to promises, in the words in which a change of a promise is explained.

What follows from something else in the same command (units given to the queue or taken back) is no
cause of its own.
"""

from collections.abc import Callable, Mapping
from typing import Any

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.configuration import ManageStockChanged
from stocktrail.ledger.quantity import to_text
from stocktrail.ledger.settings import (
    PoolDefined,
    PromiseRulesChanged,
    SourceDisabled,
    SourceEnabled,
)
from stocktrail.ledger.stock.events import (
    AllocationMoved,
    BackorderPrioritised,
    BackorderRescheduled,
    BackordersReallocated,
    ReservationReleased,
    StockAdjusted,
    StockCounted,
    StockReceived,
    StockReserved,
    StockReturned,
    StockShipped,
    StockStatusChanged,
    StockTransferred,
    UnmanagedUnitsShipped,
)
from stocktrail.projections.models import stock_history
from stocktrail.projections.models.promise_changes import Cause
from stocktrail.projections.models.purchase_orders import Moved


def _reserved(event: StockReserved) -> Cause:
    text = f"order {event.order} line {event.line} went first when it was placed"
    return Cause("order", text, event.order, event.line)


def _prioritised(event: BackorderPrioritised) -> Cause:
    text = f"order {event.order} was given priority {event.priority}"
    return Cause("order", text, event.order, event.line)


def _rescheduled(event: BackorderRescheduled) -> Cause:
    text = f"order {event.order} line {event.line} was rescheduled to {event.requested_date}"
    return Cause("order", text, event.order, event.line)


def _released(event: ReservationReleased) -> Cause:
    text = f"{to_text(event.quantity)} of order {event.order} line {event.line} were {event.cause}"
    return Cause("order", text, event.order, event.line)


def _shipped(event: StockShipped | UnmanagedUnitsShipped) -> Cause:
    text = f"shipment {event.shipment} of order {event.order} line {event.line}"
    return Cause("order", text, event.order, event.line)


def _moved(event: AllocationMoved) -> Cause:
    text = (
        f"{to_text(event.quantity)} were moved from order {event.from_order} line "
        f"{event.from_line} to order {event.to_order} line {event.to_line} ({event.reason})"
    )
    return Cause("order", text, event.to_order, event.to_line)


def _reallocated(event: BackordersReallocated) -> Cause:
    gainers = [part for part in event.lines if part.after > part.before]
    if not gainers:
        return Cause("order", "backorders were reallocated")
    first = gainers[0]
    text = f"backorders were reallocated: order {first.order} line {first.line} went first"
    return Cause("order", text, first.order, first.line)


def _managed(event: ManageStockChanged) -> Cause:
    of = "" if event.sku is None else f" of {event.sku}"
    return Cause("settings", f"managing stock{of} was set to {event.manage or 'inherit'}")


def _counted(event: StockCounted) -> Cause:
    return Cause("stock", event.sentence.removesuffix("."), event.source)


def _stock(event: Any) -> Cause:
    return Cause("stock", stock_history.cause_of(event), getattr(event, "source", None))


_CAUSES: Mapping[type[Event], Callable[[Any], Cause]] = {
    StockReserved: _reserved,
    BackorderPrioritised: _prioritised,
    BackorderRescheduled: _rescheduled,
    ReservationReleased: _released,
    StockShipped: _shipped,
    UnmanagedUnitsShipped: _shipped,
    AllocationMoved: _moved,
    BackordersReallocated: _reallocated,
    StockReceived: _stock,
    StockReturned: _stock,
    StockAdjusted: _stock,
    StockCounted: _counted,
    StockTransferred: _stock,
    StockStatusChanged: _stock,
    ManageStockChanged: _managed,
    SourceEnabled: lambda event: Cause("settings", stock_history.cause_of(event), event.source),
    SourceDisabled: lambda event: Cause("settings", stock_history.cause_of(event), event.source),
    PoolDefined: lambda event: Cause("settings", stock_history.cause_of(event), event.pool),
    PromiseRulesChanged: lambda event: Cause(
        "settings", f"overdue receipts are counted on {event.offset} after today"
    ),
}


def cause_of_event(event: Event) -> Cause | None:
    """Return what an event of an item or of the settings can move promises by, if it can.

    >>> cause_of_event(SourceDisabled(source="berlin"))
    Cause(kind='settings', text='source berlin disabled', key='berlin', line=None)
    >>> cause_of_event(PromiseRulesChanged(overdue_offset_days=1)).text
    'overdue receipts are counted on 1 day after today'
    """
    cause = _CAUSES.get(type(event))
    return None if cause is None else cause(event)


def cause_of(what: Event | Moved) -> Cause | None:
    """Return what an event, or what happened to a purchase line, can move promises by."""
    return cause_of_receipt(what) if isinstance(what, Moved) else cause_of_event(what)


def cause_of_receipt(moved: Moved) -> Cause:
    """Return what happened to a purchase line."""
    order, line = moved.receipt.purchase_order, moved.receipt.line
    return Cause(
        "purchase_line", f"purchase order {order} line {line} was {moved.what}", order, line
    )
