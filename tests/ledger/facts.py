"""What has happened, in the past tense and in units: the events that scenes begin and end with."""

from datetime import date
from typing import Literal

from stocktrail.ledger.configuration import (
    BackorderPolicyChanged,
    Backorders,
    ManageStockChanged,
    QuantityRule,
    QuantityRuleChanged,
    Threshold,
    ThresholdChanged,
)
from stocktrail.ledger.quantity import parse_quantity
from stocktrail.ledger.settings import PoolDefined, SourceDisabled, SourceEnabled, SourceRegistered
from stocktrail.ledger.stock import events as stock
from tests.scenes import SKU

DAY = date(2026, 3, 1)
"""The requested date of lines that do not ask for another."""

Number = int | float


def units(number: Number) -> int:
    """Write a number of units as the ledger keeps it."""
    return parse_quantity(str(number))


# ------------------------------------------------------------------ places and settings


def source_registered(source: str) -> SourceRegistered:
    return SourceRegistered(source=source)


def source_disabled(source: str = "default") -> SourceDisabled:
    return SourceDisabled(source=source)


def source_enabled(source: str = "default") -> SourceEnabled:
    return SourceEnabled(source=source)


def pool_defined(pool: str, *sources: str) -> PoolDefined:
    return PoolDefined(pool=pool, sources=sources)


def two_pools() -> list[SourceRegistered | PoolDefined]:
    """Two pools over one shared source and one each of their own."""
    return [
        *(source_registered(source) for source in ("shared", "of-a", "of-b")),
        pool_defined("A", "shared", "of-a"),
        pool_defined("B", "shared", "of-b"),
    ]


def backorders_set(
    value: Backorders | None, *, sku: str | None = SKU, pool: str | None = None
) -> BackorderPolicyChanged:
    return BackorderPolicyChanged(backorders=value, sku=sku, pool=pool)


def threshold_set(
    threshold: Threshold,
    value: Number | None,
    *,
    sku: str | None = SKU,
    pool: str | None = None,
    source: str | None = None,
) -> ThresholdChanged:
    return ThresholdChanged(
        threshold=threshold,
        value=None if value is None else units(value),
        sku=sku,
        pool=pool,
        source=source,
    )


def managed(value: Literal["on", "off"] | None, *, sku: str | None = SKU) -> ManageStockChanged:
    return ManageStockChanged(manage=value, sku=sku)


def rule_set(
    rule: QuantityRule, value: Number | None, *, sku: str | None = SKU
) -> QuantityRuleChanged:
    return QuantityRuleChanged(rule=rule, value=None if value is None else units(value), sku=sku)


# ------------------------------------------------------------------ units at a source


def registered(*, decimal: bool = False, name: str | None = None) -> stock.ProductRegistered:
    return stock.ProductRegistered(sku=SKU, decimal=decimal, name=name)


def carried(source: str = "default") -> stock.SourceItemCreated:
    return stock.SourceItemCreated(sku=SKU, source=source)


def received(quantity: Number, source: str = "default") -> stock.StockReceived:
    return stock.StockReceived(sku=SKU, source=source, quantity=units(quantity))


def returned(
    quantity: Number, order: str, *, line: int = 1, source: str = "default", refund: str = "R-1"
) -> stock.StockReturned:
    return stock.StockReturned(
        sku=SKU, source=source, quantity=units(quantity), order=order, line=line, refund=refund
    )


def adjusted(delta: Number, source: str = "default") -> stock.StockAdjusted:
    return stock.StockAdjusted(sku=SKU, source=source, delta=units(delta), reason="broken")


def counted(number: Number, *, delta: Number, source: str = "default") -> stock.StockCounted:
    return stock.StockCounted(sku=SKU, source=source, counted=units(number), delta=units(delta))


def recounted(
    delta: Number, source: str = "default", *, at: int, count: int
) -> stock.StockRecounted:
    return stock.StockRecounted(
        sku=SKU, source=source, delta=units(delta), counted_at=at, count=count
    )


def transferred(quantity: Number, from_source: str, to_source: str) -> stock.StockTransferred:
    return stock.StockTransferred(
        sku=SKU, from_source=from_source, to_source=to_source, quantity=units(quantity)
    )


def status_set(status: stock.StockStatus, source: str = "default") -> stock.StockStatusChanged:
    return stock.StockStatusChanged(sku=SKU, source=source, status=status)


# ------------------------------------------------------------------ units that lines want


def reserved(
    order: str,
    quantity: Number,
    *,
    waits_for: Number = 0,
    line: int = 1,
    pool: str = "default",
    priority: int = 5,
    day: date = DAY,
) -> stock.StockReserved:
    """A line was accepted; what it does not wait for was allocated at once."""
    return stock.StockReserved(
        sku=SKU,
        pool=pool,
        order=order,
        line=line,
        quantity=units(quantity),
        allocated=units(quantity) - units(waits_for),
        backordered=units(waits_for),
        priority=priority,
        requested_date=day,
    )


def allocated(
    quantity: Number, order: str, *, line: int = 1, pool: str = "default"
) -> stock.BackorderAllocated:
    return stock.BackorderAllocated(
        sku=SKU, pool=pool, order=order, line=line, quantity=units(quantity)
    )


def revoked(
    quantity: Number, order: str, *, line: int = 1, pool: str = "default"
) -> stock.AllocationRevoked:
    return stock.AllocationRevoked(
        sku=SKU, pool=pool, order=order, line=line, quantity=units(quantity)
    )


def moved(
    quantity: Number,
    from_order: str,
    to_order: str,
    *,
    from_line: int = 1,
    to_line: int = 1,
    pool: str = "default",
    to_pool: str = "default",
) -> stock.AllocationMoved:
    return stock.AllocationMoved(
        sku=SKU,
        pool=pool,
        from_order=from_order,
        from_line=from_line,
        to_pool=to_pool,
        to_order=to_order,
        to_line=to_line,
        quantity=units(quantity),
        reason="by hand",
    )


def shipped(
    quantity: Number, order: str, *, line: int = 1, pool: str = "default", **picks: Number
) -> stock.StockShipped:
    """Units left; ``picks`` says from which source how many, all from ``default`` if left out."""
    taken = picks or {"default": quantity}
    return stock.StockShipped(
        sku=SKU,
        pool=pool,
        order=order,
        line=line,
        shipment="SH-1",
        quantity=units(quantity),
        picks=tuple(
            stock.Pick(source=source.replace("_", "-"), quantity=units(number))
            for source, number in taken.items()
        ),
    )


def shipped_unmanaged(
    quantity: Number, order: str, *, freed: Number = 0, line: int = 1, pool: str = "default"
) -> stock.UnmanagedUnitsShipped:
    """Units left without a source; ``freed`` of them had been allocated."""
    return stock.UnmanagedUnitsShipped(
        sku=SKU, pool=pool, order=order, line=line, shipment="SH-1", quantity=units(quantity),
        allocated=units(freed),
    )


def released(
    order: str,
    *,
    backordered: Number = 0,
    allocated: Number = 0,
    line: int = 1,
    pool: str = "default",
    cause: Literal["cancelled", "released"] = "cancelled",
) -> stock.ReservationReleased:
    return stock.ReservationReleased(
        sku=SKU,
        pool=pool,
        order=order,
        line=line,
        quantity=units(backordered) + units(allocated),
        backordered=units(backordered),
        allocated=units(allocated),
        cause=cause,
    )


def rescheduled(order: str, day: date, *, line: int = 1) -> stock.BackorderRescheduled:
    return stock.BackorderRescheduled(sku=SKU, order=order, line=line, requested_date=day)


def prioritised(order: str, priority: int, *, line: int = 1) -> stock.BackorderPrioritised:
    return stock.BackorderPrioritised(sku=SKU, order=order, line=line, priority=priority)
