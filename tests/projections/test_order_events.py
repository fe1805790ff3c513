"""The events that explain an order are read where they are, not out of all events of its items."""

from operator import attrgetter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store.log_reading import LogReading
from stocktrail.projections.answers import order_events
from stocktrail.projections.answers.item_as_of import settings_at, stock_at
from stocktrail.projections.answers.narrative import event_with_sentence
from stocktrail.projections.answers.order_events import is_about
from stocktrail.projections.questions.explain_order import explain_order
from tests.projections.purchasing import Purchasing
from tests.projections.shop import Shop
from tests.projections.test_promises_whatever_happens import shop_of_its_own, wishes
from tests.projections.test_read_models_agree import (
    orders,
    quantities,
    skus,
    wish,
)

returned = st.fixed_dictionaries({
    "line": st.integers(1, 3), "quantity": quantities,
    "outcome": st.sampled_from(("release", "return", "write_off")),
})
more_wishes = st.one_of(
    wishes, wishes,
    wish("refund-order", order=orders, refund=st.uuids().map(str),
         lines=returned.map(lambda line: [line])),
    wish("move-allocation", sku=skus, from_order=orders, to_order=orders, quantity=quantities,
         reason=st.just("drawn")).filter(lambda each: each["from_order"] != each["to_order"]),
)


@settings(max_examples=6)
@given(st.lists(st.tuples(
    st.integers(0, 2), st.lists(more_wishes, min_size=1, max_size=3)), min_size=4, max_size=12,
), st.data())
def test_they_are_those_that_reading_every_stream_finds(
    drawn: list[tuple[int, list[dict[str, Any]]]], data: st.DataObject
) -> None:
    with shop_of_its_own() as shop:
        for passed, wished in drawn:
            shop.on_day(shop.today + passed)
            for unit in shop.units_of(wished):
                shop.try_together(unit)
        head = shop.ledger.head().position
        for as_of in (None, data.draw(st.integers(1, head))):
            for order_id in ("SO-1", "SO-2", "SO-3", "SO-4"):
                assert_explained_alike(shop, order_id, as_of)


def assert_explained_alike(shop: Purchasing, order_id: str, as_of: int | None) -> None:
    """Compare the explanation of an order, if it was placed, with that by whole streams."""
    until = shop.ledger.head().position if as_of is None else as_of
    if not shop.ledger.version_at(Order.stream_of(order_id), until):
        return
    found = explain_order(shop.models, order_id, as_of)
    managed = [line["sku"] for line in found["report"]["lines"] if line["managed"]]
    expected = by_whole_streams(shop, order_id, managed, until)
    assert found["events"] == [event_with_sentence(recorded) for recorded in expected]
    for line in found["report"]["lines"]:
        if line["backordered"]:
            place = waits_behind(shop, order_id, line, until, settings_at(shop.models, until))
            assert place is None or any(place in each for each in found["sentences"])


def by_whole_streams(
    shop: Purchasing, order_id: str, skus: list[str], until: int
) -> list[RecordedEvent]:
    """Find the events of an order among all events of its items, as it was done before."""
    events = list(shop.ledger.read_stream(Order.stream_of(order_id), until=until))
    for sku in dict.fromkeys(skus):
        stream = ProductStock.stream_of(sku)
        events += [
            each for each in shop.ledger.read_stream(stream, until=until)
            if is_about(each, order_id)
        ]
    return sorted(events, key=attrgetter("position"))


def waits_behind(
    shop: Purchasing, order_id: str, line: dict[str, Any], until: int, settings: Settings
) -> str | None:
    """Return what is said of the queue before a line, by the whole queue of its item."""
    stock = stock_at(shop.models, line["sku"], until)
    own = stock.lines.get((order_id, line["line"]))
    if own is None or not stock.is_managed(settings):
        return None
    before = [each for each in stock.lines.waiting() if each.queue_key < own.queue_key]
    if not before:
        return "first in the queue"
    units = sum(each.backordered for each in before) / 10_000
    lines = "1 line that waits" if len(before) == 1 else f"{len(before)} lines that wait"
    return f"behind {lines} for {units:g}"


def test_a_page_of_them_says_what_leads_to_the_earlier_ones(shop: Shop) -> None:
    shop.carry("A", 3)
    shop.allow_backorders()
    shop.sell("SO-1", "A", 9)
    for _ in range(4):
        shop.send("receive-stock", sku="A", quantity=1)
    every = explain_order(shop.models, "SO-1")
    assert (every["earlier_events"], every["next"]) == (0, None)

    latest = explain_order(shop.models, "SO-1", last=2)
    assert latest["events"] == every["events"][-2:]
    assert latest["earlier_events"] == len(every["events"]) - 2
    earlier = explain_order(shop.models, "SO-1", last=2, before=latest["next"])
    assert earlier["events"] == every["events"][-4:-2]
    assert earlier["sentences"] == latest["sentences"] == every["sentences"]


def test_however_often_others_buy_its_items_no_more_rows_are_read(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    rows_at = LogReading.rows_at

    def counted(log: Any, sequences: Any) -> Any:
        found = rows_at(log, sequences)
        read.append(len(found))
        return found

    monkeypatch.setattr(LogReading, "rows_at", counted)
    shop.carry("A", 100)
    shop.allow_backorders()
    shop.sell("SO-1", "A", 1)
    rows = []
    for _ in range(2):
        read.clear()
        explain_order(shop.models, "SO-1")
        rows.append(sum(read))
        for number in range(30):
            shop.sell(f"SO-{len(rows)}-{number}", "A", 1)
    assert rows[0] == rows[1]


def test_however_often_its_lines_are_touched_no_more_statements_are_run(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order's stream names no command of a receipt, so each is found by its position."""
    run: list[str] = []
    fetch = type(shop.ledger.log_recorder)._fetch

    def counted(log: Any, query: str, parameters: Any) -> Any:
        run.append(query)
        return fetch(log, query, parameters)

    monkeypatch.setattr(type(shop.ledger.log_recorder), "_fetch", counted)
    shop.carry("A", 1)
    shop.allow_backorders()
    shop.sell("SO-1", "A", 90)
    statements, events = [], []
    for _ in range(2):
        for _ in range(20):
            shop.send("receive-stock", sku="A", quantity=1)
        shop.models.catch_up()
        run.clear()
        events.append(len(explain_order(shop.models, "SO-1")["events"]))
        statements.append(len(run))
    assert events[1] >= events[0] + 20
    assert statements[0] == statements[1]


def test_of_later_events_than_are_asked_for_only_some_are_read(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_events, "ROWS_AT_ONCE", 5)
    shop.carry("A", 100)
    shop.sell("SO-1", "A", 90)
    for number in range(20):
        shop.send("prioritise-order", order="SO-1", priority=number + 1, reason="asked")
    every = explain_order(shop.models, "SO-1")
    read: list[int] = []
    rows_at = LogReading.rows_at

    def counted(log: Any, sequences: Any) -> Any:
        read.extend(sequences)
        return rows_at(log, sequences)

    monkeypatch.setattr(LogReading, "rows_at", counted)
    found = explain_order(shop.models, "SO-1", before=every["events"][4]["position"])
    assert found["events"] == every["events"][:4]
    assert len(set(read)) <= 10


def test_a_command_in_parts_is_read_in_all_of_them(shop: Shop) -> None:
    lines = 1_200
    shop.carry("A", lines)
    shop.send("place-order", order="SO-1", customer="Ann", lines=[
        {"sku": "A", "quantity": 1} for _ in range(lines)
    ])
    shop.send("ship-order", order="SO-1", shipment="S-1")
    found = explain_order(shop.models, "SO-1")
    assert len(found["events"]) == 2 * (lines + 1)
