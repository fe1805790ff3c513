"""Read model of stock history: every change of what a source has and of what a pool has available.

A row is about a source (delta and quantity after are units on hand there) or about a pool (they are
units available: supply minus demand). The deltas of a source add up to what it has on hand, those
of a pool to its supply minus its demand. A count that agrees with the books is kept, with delta 0,
and so is that a source carries the item from now on.
"""

from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Any

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.settings import PoolDefined, SourceDisabled, SourceEnabled
from stocktrail.ledger.stock.events import (
    AllocationMoved,
    AllocationRevoked,
    BackorderAllocated,
    BackordersReallocated,
    GoodsReceived,
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
from stocktrail.ledger.store.tables import Cursor, ReadModel, Table, TableSet, Values
from stocktrail.projections.models.pool_events import POOL_EVENTS
from stocktrail.projections.models.version import versioned

CHANGES_BACKLOG = "pool IS NOT NULL AND (quantity_after < 0 OR quantity_after < delta)"
"""The condition on movements by which more, or fewer, units wait than before."""

STOCK_HISTORY = Table(
    versioned("stock_history"),
    {
        "sku": "TEXT NOT NULL", "position": "BIGINT NOT NULL", "number": "BIGINT NOT NULL",
        "recorded_at": "BIGINT NOT NULL", "occurred_at": "BIGINT NOT NULL",
        "type": "TEXT NOT NULL", "source": "TEXT", "pool": "TEXT", "delta": "BIGINT NOT NULL",
        "quantity_after": "BIGINT NOT NULL", "cause": "TEXT NOT NULL", "actor": "TEXT",
        "credential": "TEXT",
    },
    ("sku", "position", "number"),
    (f"position WHERE {CHANGES_BACKLOG}",),
    only_grows=True,
)
MODEL = ReadModel("stock_history", (STOCK_HISTORY, POOL_EVENTS))


Movement = tuple[str | None, str | None, int, int]
"""One change: at a source or in a pool, by how much, and what is there afterwards."""


_CAUSES: Mapping[type[Event], Callable[[Any], str]] = {
    SourceItemCreated: lambda event: "carried from now on",
    StockReceived: lambda event: event.reason or "receipt",
    GoodsReceived: lambda event: (
        f"receipt {event.receipt} of purchase order {event.purchase_order} line {event.line}"
    ),
    StockReturned: lambda event: f"refund {event.refund} of order {event.order} line {event.line}",
    StockAdjusted: lambda event: event.reason,
    StockCounted: lambda event: event.reason or "count",
    StockRecounted: lambda event: "count stands",
    StockTransferred: lambda event: (
        event.reason or f"transfer from {event.from_source} to {event.to_source}"
    ),
    StockStatusChanged: lambda event: f"status at source {event.source} set to {event.status}",
    StockReserved: lambda event: f"order {event.order} line {event.line}",
    BackorderAllocated: lambda event: f"allocation to order {event.order} line {event.line}",
    AllocationRevoked: lambda event: (
        f"allocation taken back from order {event.order} line {event.line}"
    ),
    AllocationMoved: lambda event: event.reason,
    BackordersReallocated: lambda event: "backorders reallocated",
    StockShipped: lambda event: (
        f"shipment {event.shipment} of order {event.order} line {event.line}"
    ),
    UnmanagedUnitsShipped: lambda event: (
        f"shipment {event.shipment} of order {event.order} line {event.line}, stock not managed"
    ),
    ReservationReleased: lambda event: f"order {event.order} line {event.line} {event.cause}",
    SourceEnabled: lambda event: f"source {event.source} enabled",
    SourceDisabled: lambda event: f"source {event.source} disabled",
    PoolDefined: lambda event: f"pool {event.pool} defined as {', '.join(event.sources)}",
}


def cause_of(event: Event) -> str:
    """Return what caused a change, in a few words.

    >>> cause_of(StockReceived(sku="A", source="default", quantity=10000))
    'receipt'
    """
    cause = _CAUSES.get(type(event))
    return type(event).__name__ if cause is None else cause(event)


def latest_units(tables: TableSet, place: str) -> str:
    """Return the query for what the latest movement of ``item`` left by a ``:position``.

    ``place`` is the condition on a row, as ``moved``, that it moved at the place asked about.
    """
    return (
        f"(SELECT moved.quantity_after FROM {tables.table(STOCK_HISTORY).name} AS moved "
        f"WHERE moved.sku = item.sku AND {place} AND moved.position <= :position "
        "ORDER BY moved.position DESC, moved.number DESC LIMIT 1)"
    )


_by_item = itemgetter(0)


class StockHistory:
    """Collects movements, and writes them."""

    def __init__(self) -> None:
        self._rows: list[Values] = []

    def record(self, sku: str, recorded: RecordedEvent, movements: Iterable[Movement]) -> None:
        """Keep the movements that one event led to."""
        event, position = recorded[2], recorded[3]
        occurred_at, recorded_at = recorded[4], recorded[5]
        actor, credential = recorded.actor, recorded.credential
        kind, cause = type(event).__name__, cause_of(event)
        for number, (source, pool, delta, after) in enumerate(movements):
            self._rows.append((
                sku, position, number, recorded_at, occurred_at, kind, source, pool, delta, after,
                cause, actor, credential,
            ))

    def save(self, tables: TableSet, cursor: Cursor) -> None:
        """Write what was collected since the last time, one item after the other."""
        self._rows.sort(key=_by_item)
        tables.table(STOCK_HISTORY).put(cursor, self._rows)
        self._rows.clear()
