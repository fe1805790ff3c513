"""Random histories of a small shop: two pools over a shared source, and whatever can happen there.

Each step asks for something; what is refused leaves no trace. Quantities are small, so that units
run short, queues form and supply shrinks below what is allocated.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from hypothesis import strategies as st

from stocktrail.commands import COMMANDS
from stocktrail.ledger.base.event import Event
from tests.commands.random_fields import rows_of
from tests.ledger.decisions import (
    adjust,
    cancel,
    change,
    count,
    define_pool,
    disable,
    enable,
    lines_of,
    move,
    place,
    prioritise,
    receive,
    register,
    reschedule,
    set_status,
    ship,
    take_back,
    transfer,
)
from tests.ledger.facts import (
    DAY,
    backorders_set,
    managed,
    registered,
    returned,
    rule_set,
    threshold_set,
    two_pools,
)
from tests.ledger.reallocating import goods_received, reallocate, receive_goods
from tests.scenes import Decision, Scene, given

SOURCES = st.sampled_from(["shared", "of-a", "of-b"])
POOLS = st.sampled_from(["A", "B"])
ORDERS = st.sampled_from([f"SO-{number}" for number in range(1, 7)])
FEW = st.sampled_from([0.5, 1, 1.5, 2, 3, 5])
DAYS = st.integers(0, 3).map(lambda days: DAY + timedelta(days=days))
PRIORITIES = st.integers(1, 3)
MAYBE_POOL = st.none() | POOLS
NO_SKU_OR_SKU = st.sampled_from([None, "WIDGET"])


def place_once(order: str, wants: Sequence[tuple[float, date]], pool: str) -> Decision:
    """Place an order, unless one with that id has open lines: the order would refuse it."""
    quantities, days = zip(*wants, strict=True)

    def decide(scene: Scene) -> Sequence[Event]:
        if scene.stock.lines.of_order(lines_of(scene, order)):
            return []
        return place(order, *quantities, pool=pool, days=days)(scene)

    return decide


def all_allocated(order: str) -> Decision:
    """Ship everything that is allocated to an order."""

    def decide(scene: Scene) -> Sequence[Event]:
        lines = scene.stock.lines.of_order(lines_of(scene, order))
        parts = [(line.line, line.allocated / 10_000) for line in lines if line.allocated]
        return ship(order, *parts)(scene)

    return decide


def cancel_some(order: str, share: int) -> Decision:
    """Cancel a part of each open line of an order."""

    def decide(scene: Scene) -> Sequence[Event]:
        lines = scene.stock.lines.of_order(lines_of(scene, order))
        parts = [(line.line, line.remaining // share / 10_000) for line in lines]
        return cancel(order, *(part for part in parts if part[1]))(scene)

    return decide


def reschedule_first(order: str, day: date) -> Decision:
    """Ask for an order's first open line on another day."""

    def decide(scene: Scene) -> Sequence[Event]:
        lines = scene.stock.lines.of_order(lines_of(scene, order))
        return reschedule(order, **{f"line_{lines[0].line}": day})(scene) if lines else []

    return decide


STEPS_OF: dict[str, st.SearchStrategy[Decision]] = {
    "receive-stock": st.builds(receive, FEW, SOURCES),
    "count-stock": st.builds(count, FEW, SOURCES),
    "adjust-stock": st.builds(adjust, FEW.map(lambda quantity: -quantity), SOURCES),
    "transfer-stock": st.builds(transfer, FEW, SOURCES, SOURCES),
    "refund-order": st.builds(
        lambda quantity, source: take_back(returned(quantity, "SO-0", source=source)), FEW, SOURCES
    ),
    "receive-goods": st.builds(
        lambda quantity, source: receive_goods(
            goods_received(quantity, source=source), source=source
        ),
        FEW, SOURCES,
    ),
    "set-stock-status": st.builds(
        set_status, st.sampled_from(["in_stock", "out_of_stock"]), SOURCES
    ),
    "disable-source": st.builds(disable, SOURCES),
    "enable-source": st.builds(enable, SOURCES),
    "define-pool": st.builds(
        lambda pool, sources: define_pool(pool, *sources),
        POOLS,
        st.lists(SOURCES, unique=True, min_size=1),
    ),
    "place-order": st.builds(
        place_once,
        ORDERS,
        st.lists(st.tuples(FEW, DAYS), min_size=1, max_size=3),
        POOLS,
    ),
    "ship-order": st.builds(all_allocated, ORDERS),
    "cancel-order": st.builds(cancel_some, ORDERS, st.integers(1, 2)),
    "move-allocation": st.builds(move, FEW, ORDERS, ORDERS, MAYBE_POOL),
    "allocate-backorders": st.builds(
        reallocate,
        st.sampled_from(["win", "gain", "redistribute", "fill", "lose", "fair_share"]),
        pool=MAYBE_POOL,
    ),
    "prioritise-order": st.builds(prioritise, ORDERS, PRIORITIES),
    "reschedule-order": st.builds(reschedule_first, ORDERS, DAYS),
    "register-product": st.builds(
        register, st.sampled_from(["Widget", "Gadget"]), decimal=st.booleans()
    ),
    "set-backorder-policy": st.builds(
        lambda value, sku, pool: change(backorders_set(value, sku=sku, pool=pool)),
        st.sampled_from([None, "no", "allow", "allow_and_notify"]),
        NO_SKU_OR_SKU,
        MAYBE_POOL,
    ),
    "change-threshold": st.builds(
        lambda value, sku, source: change(
            threshold_set("notify_below", value, sku=sku, source=source)
        ),
        st.sampled_from([None, 0, 2.5]),
        NO_SKU_OR_SKU,
        st.none() | SOURCES,
    ),
    "set-manage-stock": st.builds(
        lambda value, sku: change(managed(value, sku=sku)),
        st.sampled_from([None, "on", "off"]),
        NO_SKU_OR_SKU,
    ),
    "set-quantity-rules": st.builds(
        lambda value, sku: change(rule_set("min_sale", value, sku=sku)),
        st.sampled_from([None, 0, 1]),
        NO_SKU_OR_SKU,
    ),
}
"""What each command does to the shop."""

MOVES_NO_UNITS = {
    "register-source", "set-promise-rules", "set-time-zone",
    "place-purchase-order", "confirm-purchase-order", "delay-purchase-order",
    "cancel-purchase-order", "mark-told",
    "register-customer", "erase-customer",
    "create-webhook", "delete-webhook", "disable-webhook", "enable-webhook",
}
"""Commands that change nothing about the units, lines and settings of an item."""


def carried_out(row: dict[str, Any]) -> Decision:
    """Let a command decide, of which nobody wrote a step by hand."""
    fields = {name: value for name, value in row.items() if name != "command"}
    command = COMMANDS[row["command"]].model_validate(fields)

    def decide(scene: Scene) -> Sequence[Event]:
        work: Any = SimpleNamespace(
            settings=lambda: scene.settings, stock=lambda sku: scene.stock,
            order=lambda order: scene.order, when=lambda stock: scene.at, occurred_at=0,
            content="",
        )
        return [event for _, events in command.decide(work).changes for event in events]

    return decide


STEPS_OF |= {
    name: rows_of(COMMANDS[name], {
        "sku": st.just("WIDGET"), "source": SOURCES, "pool": POOLS, "order": ORDERS,
        "quantity": st.sampled_from(["0.5", "1", "2"]),
    }).map(carried_out)
    for name in COMMANDS.keys() - STEPS_OF.keys() - MOVES_NO_UNITS
}

STEPS: st.SearchStrategy[Decision] = st.one_of(*STEPS_OF.values())


def opened() -> Scene:
    """Open the shop: its sources and pools, an item in fractions, and backorders allowed."""
    return given(
        *two_pools(),
        registered(decimal=True),
        backorders_set("allow", sku=None),
        rule_set("min_sale", 0, sku=None),
    )


HISTORIES = st.lists(STEPS, max_size=25)
