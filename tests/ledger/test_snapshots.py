"""Snapshots: the state of every aggregate survives the way through JSON, whatever happened."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from stocktrail.ledger.base.aggregate import Aggregate, Snapshot
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.stock.state import ProductStock
from tests.ledger.everything import EVERYTHING
from tests.ledger.facts import DAY, received, registered, reserved, shipped
from tests.ledger.histories import HISTORIES, opened
from tests.ledger.order_facts import (
    line_placed,
    order_cancelled,
    order_placed,
    order_prioritised,
    order_refunded,
    order_rescheduled,
    order_shipped,
)
from tests.scenes import Decision, Scene, given

LINES = st.integers(1, 3)
ORDER_EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(lambda line, units: order_cancelled((line, units)), LINES, st.integers(1, 2)),
    st.builds(
        lambda line, number: order_shipped((line, 1), shipment=f"SH-{number}"),
        LINES,
        st.integers(1, 9),
    ),
    st.builds(
        lambda line, outcome, number: order_refunded(
            (line, 1), outcome=outcome, refund=f"R-{number}"
        ),
        LINES,
        st.sampled_from(["release", "return", "write_off"]),
        st.integers(1, 9),
    ),
    st.builds(lambda line, days: order_rescheduled((line, DAY + timedelta(days))), LINES, LINES),
    st.builds(order_prioritised, st.integers(1, 9)),
)
PLACED = order_placed(
    line_placed(1, 10, price="9.80"), line_placed(2, 7.5), line_placed(3, 9, managed=False)
)


def everything_in(aggregate: Aggregate) -> dict[str, Any]:
    """Return every attribute of an aggregate, except what can be looked up again."""
    names = {name for cls in type(aggregate).__mro__ for name in getattr(cls, "__slots__", ())}
    names -= {"snapshot_version", "policies", "kept_figures"}
    found = {name: getattr(aggregate, name) for name in names}
    if isinstance(aggregate, ProductStock):
        found["queue"] = aggregate.lines.queue_keys
    return found


def through_json(aggregate: Aggregate) -> Aggregate:
    """Write an aggregate down as the store does, and read it back."""
    taken = Snapshot.take(aggregate)
    state = orjson.loads(orjson.dumps(taken.state))
    return Snapshot(taken.originator_id, taken.originator_version, state).mutate(None)


def assert_survives(scene: Scene) -> None:
    """See that all three aggregates come back as they are."""
    for aggregate in (scene.settings, scene.stock, scene.order):
        restored = through_json(aggregate)
        assert type(restored) is type(aggregate)
        assert everything_in(restored) == everything_in(aggregate)
        assert everything_in(aggregate.clone()) == everything_in(aggregate)
        assert restored.snapshot_version == aggregate.version


@for_all(HISTORIES)
def test_stock_and_settings_survive_json(history: list[Decision]) -> None:
    shop = opened()
    for step in history:
        decided = shop.when(step)
        shop = shop if decided.refusal else decided.then_something()
    assert_survives(shop)


@for_all(st.lists(ORDER_EVENTS, max_size=8))
def test_orders_survive_json(events: list[Event]) -> None:
    assert_survives(given(PLACED, *events))


@for_all(st.lists(ORDER_EVENTS, max_size=8), st.integers(0, 8))
def test_folding_on_from_a_snapshot_ends_at_the_same_state(events: list[Event], at: int) -> None:
    whole = given(PLACED, *events).order
    resumed = through_json(given(PLACED, *events[:at]).order)
    for event in events[at:]:
        resumed.apply(event)
    assert everything_in(resumed) == everything_in(whole)


@pytest.mark.parametrize("aggregate", [EVERYTHING.settings, EVERYTHING.stock, EVERYTHING.order])
def test_a_shop_in_which_everything_happened_fills_every_part_of_the_state(
    aggregate: Aggregate,
) -> None:
    blank = everything_in(type(aggregate)(aggregate.id))
    filled = everything_in(aggregate)
    assert [name for name, value in filled.items() if value == blank[name]] == [
        name for name in filled
        if name in ("id", "key", "kept_bytes", "pending", "put_in", "used_in")
    ]


def test_all_that_happened_survives_json() -> None:
    assert_survives(EVERYTHING)


def test_an_empty_aggregate_survives_too() -> None:
    assert_survives(Scene())


def test_a_snapshot_stays_as_it_was_taken_while_its_aggregates_go_on() -> None:
    shop = given(registered(), received(5), reserved("SO-1", 3))
    taken = Snapshot.take(shop.stock)
    first = taken.mutate(None)
    first.apply(shipped(3, "SO-1"))
    shop.happen(received(7))
    assert everything_in(taken.mutate(None)) == everything_in(
        given(registered(), received(5), reserved("SO-1", 3)).stock
    )


def test_an_aggregate_weighs_what_it_takes_to_write_it_down() -> None:
    empty = given(registered())
    queued = given(registered(), received(5), *(reserved(f"SO-{n}", 1) for n in range(50)))
    assert queued.stock.weight > empty.stock.weight
    assert queued.order.weight >= 1
