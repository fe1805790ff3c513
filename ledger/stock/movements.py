"""Decisions that move units at a source: receive, return, adjust, count, transfer, set the status.

Whenever supply grows, free units go to the queue at once. Whenever it shrinks below what is
allocated, allocations are revoked from the end of the queue. What is taken back stands before the
movement and what is given stands after it, so no step of the history shows more allocated than
there is.

Rules 4.3 and 4.4 are the source.
"""

from collections.abc import Mapping, Sequence

from stocktrail.ledger.allocation import Change, allocations_to_make, allocations_to_revoke
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.quantity import LIMIT, to_number, to_text
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.back_dated import (
    When,
    gains_of,
    held_when,
    recounts,
    with_recounts,
)
from stocktrail.ledger.stock.events import (
    AllocationRevoked,
    BackorderAllocated,
    GoodsReceived,
    StockAdjusted,
    StockCounted,
    StockReceived,
    StockReturned,
    StockStatus,
    StockStatusChanged,
    StockTransferred,
)
from stocktrail.ledger.stock.product import require, require_quantity
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.sums import too_large


def receive(
    stock: ProductStock, settings: Settings, source: str, quantity: int, reason: str | None,
    when: When | None = None,
) -> list[Event]:
    """Put units on hand at a source and serve the queue with them."""
    require(stock)
    settings.require_source(source)
    require_quantity(stock, quantity)
    fact = StockReceived(sku=stock.key, source=source, quantity=quantity, reason=reason)
    return _move(stock, settings, when, fact)


def receive_goods(
    stock: ProductStock, settings: Settings, source: str, goods: Sequence[GoodsReceived],
    when: When | None = None,
) -> list[Event]:
    """Put what a vendor delivered on hand at a source and serve the queue with it."""
    require(stock)
    settings.require_source(source)
    for event in goods:
        require_quantity(stock, event.quantity)
    return _move(stock, settings, when, *goods)


def take_back(
    stock: ProductStock, settings: Settings, returned: Sequence[StockReturned],
    when: When | None = None,
) -> list[Event]:
    """Put returned units on hand at their sources and serve the queue with them."""
    for event in returned:
        settings.require_source(event.source)
        require_quantity(stock, event.quantity)
    return _move(stock, settings, when, *returned)


def adjust(
    stock: ProductStock, settings: Settings, source: str, delta: int, reason: str,
    when: When | None = None,
) -> list[Event]:
    """Correct the units at a source by a delta; refuses to go below zero."""
    require(stock)
    settings.require_source(source)
    require_quantity(stock, delta)
    if not delta:
        return []
    fact = StockAdjusted(sku=stock.key, source=source, delta=delta, reason=reason)
    return _move(stock, settings, when, fact)


def count(
    stock: ProductStock, settings: Settings, source: str, counted: int, reason: str | None,
    when: When | None = None,
) -> list[Event]:
    """Set the units at a source to what was counted; a count that agrees is recorded too.

    It says what was there when it occurred: what happened since, by all that is recorded, stays.
    """
    require(stock)
    settings.require_source(source)
    require_quantity(stock, counted)
    delta = counted - held_when(stock, source, when)
    fact = StockCounted(
        sku=stock.key, source=source, counted=counted, delta=delta, reason=reason
    )
    return _move(stock, settings, when, fact)


def transfer(
    stock: ProductStock,
    settings: Settings,
    from_source: str,
    to_source: str,
    quantity: int,
    reason: str | None,
    when: When | None = None,
) -> list[Event]:
    """Move units from one source to another; refuses more than there are, and the same source."""
    require(stock)
    settings.require_source(from_source)
    settings.require_source(to_source)
    if from_source == to_source:
        raise Refusal(
            "same_source",
            f"Units of {stock.key} cannot be transferred from {from_source} to itself.",
            sku=stock.key, source=from_source,
        )
    require_quantity(stock, quantity)
    fact = StockTransferred(
        sku=stock.key, from_source=from_source, to_source=to_source, quantity=quantity,
        reason=reason,
    )
    return _move(stock, settings, when, fact)


def set_status(
    stock: ProductStock, settings: Settings, source: str, status: StockStatus
) -> list[Event]:
    """Set an item in stock or out of stock at a source that carries it."""
    require(stock)
    settings.require_source(source)
    if source not in stock.on_hand:
        raise Refusal(
            "unknown_source_item",
            f"Source {source} does not carry {stock.key}. Receive or count it there first.",
            sku=stock.key, source=source,
        )
    if status == ("out_of_stock" if source in stock.out_of_stock else "in_stock"):
        return []
    fact = StockStatusChanged(sku=stock.key, source=source, status=status)
    sellable = stock.sellable(settings)
    if status == "out_of_stock":
        sellable.pop(source, None)
    elif source not in settings.disabled:
        sellable[source] = stock.on_hand[source]
    return _with_reallocation(stock, settings, sellable, fact)


# ------------------------------------------------------------------ what follows


def revocations(
    stock: ProductStock, settings: Settings, sellable: Mapping[str, int]
) -> list[AllocationRevoked]:
    """Find what must be taken back from lines when only these units may be sold."""
    if not any(stock.allocated.values()):
        return []
    keeping: set[str] = set()
    changes = allocations_to_revoke(
        stock.holding(keeping), stock.allocated, sellable, settings.pools, keeping
    )
    return [
        AllocationRevoked(
            sku=stock.key, pool=change.pool, order=change.order, line=change.line,
            quantity=-change.quantity,
        )
        for change in changes
    ]


def allocations_to_waiting(
    stock: ProductStock,
    settings: Settings,
    sellable: Mapping[str, int],
    *,
    changes: Sequence[Change] = (),
    wants: Mapping[tuple[str, int], int] | None = None,
) -> list[BackorderAllocated]:
    """Allocate what is free among these sellable units to the waiting lines, in queue order.

    ``changes`` are allocations just given or taken back, ``wants`` what lines now wait for instead.
    """
    if not stock.lines.queues:
        return []
    allocated, exhausted = dict(stock.allocated), set[str]()
    for change in changes:
        allocated[change.pool] += change.quantity
    given = allocations_to_make(
        stock.waiting(wants or {}, exhausted), allocated, sellable, settings.pools, exhausted
    )
    return [
        BackorderAllocated(
            sku=stock.key, pool=change.pool, order=change.order, line=change.line,
            quantity=change.quantity,
        )
        for change in given
    ]


def taken_back_and_given(
    stock: ProductStock, settings: Settings, sellable: Mapping[str, int]
) -> tuple[list[AllocationRevoked], list[BackorderAllocated]]:
    """Return how allocations follow when these units may be sold: revoked first, then given."""
    revoked = revocations(stock, settings, sellable)
    changes = [Change(event.order, event.line, event.pool, -event.quantity) for event in revoked]
    return revoked, allocations_to_waiting(stock, settings, sellable, changes=changes)


def _with_reallocation(
    stock: ProductStock, settings: Settings, sellable: Mapping[str, int], *facts: Event
) -> list[Event]:
    revoked, given = taken_back_and_given(stock, settings, sellable)
    return [*revoked, *facts, *given]


def _move(
    stock: ProductStock, settings: Settings, when: When | None, *facts: Event
) -> list[Event]:
    deltas = gains_of(facts)
    recounted = recounts(stock, deltas, when)
    sellable = stock.sellable(settings)
    for source, delta in deltas.items():
        after = stock.on_hand.get(source, 0) + (0 if source in recounted else delta)
        if after < 0:
            raise _not_on_hand(stock, source, -delta)
        if after >= LIMIT:
            raise too_large(f"Source {source} would hold", stock.key, after, source=source)
        if source not in stock.out_of_stock and source not in settings.disabled:
            sellable[source] = after
    gained = sum(delta for source, delta in deltas.items() if source not in recounted)
    if gained > 0 and (total := sum(stock.on_hand.values()) + gained) >= LIMIT:
        raise too_large("All sources together would hold", stock.key, total)
    return _with_reallocation(stock, settings, sellable, *with_recounts(facts, recounted))


def _not_on_hand(stock: ProductStock, source: str, quantity: int) -> Refusal:
    on_hand = stock.on_hand.get(source, 0)
    return Refusal(
        "not_enough_on_hand",
        f"Source {source} has {to_text(on_hand)} of {stock.key}, {to_text(quantity)} cannot be "
        "taken away.",
        sku=stock.key, source=source, quantity=to_number(quantity),
        on_hand=to_number(on_hand), shortfall=to_number(quantity - on_hand),
    )
