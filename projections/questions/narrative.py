"""Events told as sentences, for reports that explain a number by what happened."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.configuration import SettingChanged
from stocktrail.ledger.customer import CustomerErased, CustomerRegistered
from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.orders.events import (
    OrderCancelled,
    OrderPlaced,
    OrderPrioritised,
    OrderRefunded,
    OrderRescheduled,
    OrderShipped,
)
from stocktrail.ledger.purchase_orders.events import (
    PurchaseLineTerms,
    PurchaseOrderCancelled,
    PurchaseOrderConfirmed,
    PurchaseOrderDelayed,
    PurchaseOrderPlaced,
    PurchaseOrderReceived,
)
from stocktrail.ledger.quantity import to_text
from stocktrail.ledger.settings import (
    EpochBegan,
    PoolDefined,
    PromiseRulesChanged,
    SourceDisabled,
    SourceEnabled,
    SourceRegistered,
    TimeZoneChanged,
)
from stocktrail.ledger.stock.events import (
    AllocationMoved,
    AllocationRevoked,
    BackorderAllocated,
    BackorderPrioritised,
    BackorderRescheduled,
    BackordersReallocated,
    GoodsReceived,
    ProductRegistered,
    ReservationReleased,
    SourceItemCreated,
    StockAdjusted,
    StockCounted,
    StockReceived,
    StockRecounted,
    StockReserved,
    StockReturned,
    StockShipped,
    StockStatusChanged,
    StockTransferred,
    UnmanagedUnitsShipped,
)
from stocktrail.ledger.webhook import (
    WebhookCreated,
    WebhookDeleted,
    WebhookDisabled,
    WebhookEnabled,
)

LEVELS: Mapping[str, str] = {
    "default": "by default",
    "global": "set globally",
    "pool": "set for the pool",
    "source": "set for the source",
    "product": "set for the product",
    "product_in_pool": "set for the product in the pool",
    "product_in_source": "set for the product at the source",
}
"""How each level is named in a sentence."""


def _because(reason: str | None) -> str:
    return f" ({reason})" if reason else ""


def _parts(lines: Any) -> str:
    return ", ".join(f"{to_text(part.quantity)} of {part.sku} (line {part.line})" for part in lines)


def _reserved(event: StockReserved) -> str:
    waits = f", {to_text(event.backordered)} backordered" if event.backordered else ""
    return (
        f"Order {event.order} line {event.line} reserved {to_text(event.quantity)} in pool "
        f"{event.pool}: {to_text(event.allocated)} allocated{waits}."
    )


def _shipped(event: StockShipped) -> str:
    picks = ", ".join(f"{to_text(pick.quantity)} from {pick.source}" for pick in event.picks)
    return (
        f"Shipment {event.shipment} took {to_text(event.quantity)} for order {event.order} line "
        f"{event.line}: {picks}."
    )


def _shipped_unmanaged(event: UnmanagedUnitsShipped) -> str:
    freed = f"; {to_text(event.allocated)} of them had been allocated" if event.allocated else ""
    return (
        f"Shipment {event.shipment} took {to_text(event.quantity)} for order {event.order} line "
        f"{event.line} from no source, because stock is not managed{freed}."
    )


def _released(event: ReservationReleased) -> str:
    return (
        f"Order {event.order} line {event.line} no longer wants {to_text(event.quantity)} "
        f"({event.cause}): {to_text(event.backordered)} backordered, "
        f"{to_text(event.allocated)} allocated."
    )


def _goods(event: GoodsReceived) -> str:
    over = f", {to_text(event.over)} of them more than was ordered" if event.over else ""
    return (
        f"{to_text(event.quantity)} of purchase order {event.purchase_order} line {event.line} "
        f"arrived at {event.source} (receipt {event.receipt}){over}."
    )


def _recounted(event: StockRecounted) -> str:
    verb = "added to" if event.delta > 0 else "taken off"
    return (
        f"The count of {to_iso(event.counted_at)} at {event.source} stands: "
        f"{to_text(abs(event.delta))} were {verb} its change, because something that had occurred "
        "before it was recorded after it."
    )


def _reallocated(event: BackordersReallocated) -> str:
    lines = ", ".join(
        f"order {part.order} line {part.line} has {to_text(part.after)} "
        f"(had {to_text(part.before)}, {part.strategy})"
        for part in event.lines
    )
    return f"Backorders were reallocated: {lines}."


def _terms(lines: Any) -> str:
    return ", ".join(
        f"{_ordered(part)} "
        f"{f'for {part.expected_date}' if part.expected_date else 'without a date'} "
        f"(line {part.line})"
        for part in lines
    )


def _ordered(part: PurchaseLineTerms) -> str:
    ordered = to_text(part.quantity)
    if part.remaining is None:
        return f"{ordered} of {part.sku}"
    if not part.remaining:
        return f"{ordered} of {part.sku}, of which none remain,"
    return f"{to_text(part.remaining)} of {part.sku} that remain of {ordered}"


def _arrived(event: PurchaseOrderReceived) -> str:
    lines = ", ".join(
        _parts([part]) + (f", {to_text(part.over)} more than was ordered" if part.over else "")
        for part in event.lines
    )
    return f"Receipt {event.receipt} at {event.source}: {lines}."


def _confirmed(event: PurchaseOrderConfirmed) -> str:
    terms = f": {_terms(event.lines)}" if event.lines else " as ordered"
    return f"The vendor confirmed{terms}{_because(event.reason)}."


def _setting(event: SettingChanged) -> str:
    value = event.level_value
    written = to_text(value) if isinstance(value, int) else value
    where = " ".join(
        f"{name} {key}" for name, key in
        (("product", event.sku), ("pool", event.pool), ("source", event.source)) if key
    )
    whose = f"for {where}" if where else "globally"
    if value is None:
        return f"The value of {event.setting} {whose} was removed: a more general one holds."
    return f"{event.setting} was set to {written} {whose}."


_TELL: Mapping[type[Event], Callable[[Any], str]] = {
    ProductRegistered: lambda event: (
        f"{event.sku} was registered{f' as {event.name}' if event.name else ''}."
    ),
    SourceItemCreated: lambda event: f"Source {event.source} carries the item from now on.",
    StockReceived: lambda event: (
        f"{to_text(event.quantity)} were received at {event.source}{_because(event.reason)}."
    ),
    GoodsReceived: _goods,
    StockReturned: lambda event: (
        f"{to_text(event.quantity)} of order {event.order} line {event.line} came back to "
        f"{event.source} (refund {event.refund})."
    ),
    StockAdjusted: lambda event: (
        f"On hand at {event.source} was adjusted by {to_text(event.delta)} ({event.reason})."
    ),
    StockCounted: lambda event: (
        f"{to_text(event.counted)} were counted at {event.source}, a change of "
        f"{to_text(event.delta)}{_because(event.reason)}."
    ),
    StockRecounted: _recounted,
    StockTransferred: lambda event: (
        f"{to_text(event.quantity)} went from {event.from_source} to {event.to_source}"
        f"{_because(event.reason)}."
    ),
    StockStatusChanged: lambda event: (
        f"At {event.source} the item was set {event.status.replace('_', ' ')} by hand."
    ),
    StockReserved: _reserved,
    BackorderAllocated: lambda event: (
        f"{to_text(event.quantity)} that had become free went to order {event.order} line "
        f"{event.line} in pool {event.pool}."
    ),
    AllocationRevoked: lambda event: (
        f"{to_text(event.quantity)} were taken back from order {event.order} line {event.line} in "
        f"pool {event.pool}, because supply no longer carried them."
    ),
    AllocationMoved: lambda event: (
        f"{to_text(event.quantity)} were moved by hand from order {event.from_order} line "
        f"{event.from_line} to order {event.to_order} line {event.to_line} ({event.reason})."
    ),
    BackordersReallocated: _reallocated,
    StockShipped: _shipped,
    UnmanagedUnitsShipped: _shipped_unmanaged,
    ReservationReleased: _released,
    BackorderRescheduled: lambda event: (
        f"Order {event.order} line {event.line} is now requested for {event.requested_date}."
    ),
    BackorderPrioritised: lambda event: (
        f"Order {event.order} line {event.line} now waits with priority {event.priority}."
    ),
    SourceRegistered: lambda event: f"Source {event.source} was registered.",
    SourceEnabled: lambda event: f"Source {event.source} was enabled.",
    SourceDisabled: lambda event: f"Source {event.source} was disabled.",
    PoolDefined: lambda event: (
        f"Pool {event.pool} was defined to sell from {', '.join(event.sources) or 'no source'}."
    ),
    CustomerRegistered: lambda event: "The customer was registered.",
    CustomerErased: lambda event: (
        f"Who the customer is was erased{_because(event.reason)}; nobody can read it any more."
    ),
    WebhookCreated: lambda event: f"{event.url} hears of events after position {event.after}.",
    WebhookDisabled: lambda event: f"Deliveries were stopped{_because(event.reason)}.",
    WebhookEnabled: lambda event: "Deliveries go on.",
    WebhookDeleted: lambda event: f"The webhook was deleted{_because(event.reason)}.",
    EpochBegan: lambda event: (
        f"A new epoch began{_because(event.reason)}. {event.finding or ''}".rstrip()
    ),
    TimeZoneChanged: lambda event: (
        f"The shop's days are those of the time zone {event.zone} from here on."
    ),
    PromiseRulesChanged: lambda event: (
        f"Overdue receipts are counted on {event.overdue_offset_days} days after today."
    ),
    PurchaseOrderPlaced: lambda event: (
        f"{event.vendor} was asked to deliver {_terms(event.lines)} to {event.source}."
    ),
    PurchaseOrderConfirmed: _confirmed,
    PurchaseOrderDelayed: lambda event: (
        f"The vendor moved {_terms(event.lines)}{_because(event.reason)}."
    ),
    PurchaseOrderReceived: _arrived,
    PurchaseOrderCancelled: lambda event: (
        f"Will not come: {_parts(event.lines)}{_because(event.reason)}."
    ),
    OrderPlaced: lambda event: (
        f"{event.customer} placed order {event.order} in pool {event.pool}: {_parts(event.lines)}."
    ),
    OrderCancelled: lambda event: (
        f"Cancelled: {_parts(event.lines)}{_because(event.reason)}. The order is {event.status}."
    ),
    OrderShipped: lambda event: (
        f"Shipment {event.shipment}: {_parts(event.lines)}. The order is {event.status}."
    ),
    OrderRefunded: lambda event: (
        f"Refund {event.refund}: {_parts(event.lines)}{_because(event.reason)}."
    ),
    OrderRescheduled: lambda event: (
        "Rescheduled: " + ", ".join(
            f"line {part.line} to {part.requested_date}" for part in event.lines
        ) + f" ({event.reason})."
    ),
    OrderPrioritised: lambda event: f"The priority became {event.priority} ({event.reason}).",
}


def tell(event: Event) -> str:
    """Return an event as a sentence.

    >>> tell(StockReceived(sku="A", source="default", quantity=250000))
    '25 were received at default.'
    """
    if isinstance(event, SettingChanged):
        return _setting(event)
    told = _TELL.get(type(event))
    return f"{type(event).__name__}." if told is None else told(event)


def tell_recorded(recorded: RecordedEvent) -> dict[str, Any]:
    """Return an event with its place, times, cause and content as JSON, and as a sentence."""
    return {
        "position": recorded.position,
        "recorded_at": to_iso(recorded.recorded_at),
        "occurred_at": to_iso(recorded.occurred_at),
        "type": type(recorded.payload).__name__,
        "stream": recorded.originator_id,
        "command_id": recorded.command_id,
        "actor": recorded.actor,
        "data": orjson.loads(recorded.payload.to_json()),
        "sentence": tell(recorded.payload),
    }
