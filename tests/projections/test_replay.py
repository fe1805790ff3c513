"""Replay and difference: balances run event by event, and what changed is told with its events."""

from typing import Any

import pytest

from stocktrail.ledger.refusal import Refusal
from stocktrail.projections.questions.diff import difference
from stocktrail.projections.questions.replay import BALANCES, replay
from stocktrail.projections.questions.stock import stock
from tests.projections.shop import Shop


@pytest.fixture
def busy(shop: Shop) -> Shop:
    """Return a shop that sold more than it had, and then received some."""
    shop.allow_backorders()
    shop.carry("A", 10)
    shop.sell("SO-1", "A", 12)
    shop.send("receive-stock", sku="A", quantity=5)
    shop.send("ship-order", order="SO-1", shipment="S-1")
    return shop


def test_the_balances_after_each_event_are_those_as_of_its_position(busy: Shop) -> None:
    found = replay(busy.models, "A")
    assert found["rows"][-1]["balances"] == found["balances"]
    for row in found["rows"]:
        then = stock(busy.models, "A", as_of=row["position"])
        told = {name: then[name] for name in BALANCES if name != "on_hand"}
        assert row["balances"] == {"on_hand": sum(then["on_hand"].values()), **told}


def test_the_changes_add_up_to_the_balances(busy: Shop) -> None:
    found = replay(busy.models, "A")
    for name in BALANCES:
        assert sum(row["changes"].get(name, 0) for row in found["rows"]) == found["balances"][name]


def test_a_replay_ends_at_its_position_and_hears_of_settings(busy: Shop) -> None:
    at = busy.ledger.head().position
    changed = busy.send("change-threshold", threshold="out_of_stock", value=-1)
    assert replay(busy.models, "A", as_of=at)["rows"][-1]["position"] == at
    assert [row["type"] for row in replay(busy.models, "A")["rows"][-1:]] == ["ThresholdChanged"]
    assert replay(busy.models, "A")["as_of"] == changed


def test_an_unknown_item_is_refused(busy: Shop) -> None:
    with pytest.raises(Refusal, match="NOTHING"):
        replay(busy.models, "NOTHING")


def test_what_changed_between_two_moments_is_told_with_its_events(busy: Shop) -> None:
    before = busy.ledger.head().position
    busy.sell("SO-2", "A", 4)
    busy.send("cancel-order", order="SO-2")
    middle = busy.ledger.head().position
    busy.sell("SO-3", "A", 4)
    after = busy.ledger.head().position
    nothing = difference(busy.models, before, middle)
    assert nothing["stock"] == nothing["backorders"] == []
    assert nothing["orders"][0]["changes"]["status"] == {"from": None, "to": "cancelled"}
    found = difference(busy.models, middle, after)
    [item] = found["stock"]
    assert item["changes"]["demand"] == {"from": 0, "to": 4}
    assert item["changes"]["salable_quantity"]["to"] == stock(busy.models, "A")["salable_quantity"]
    assert [each["type"] for each in item["events"]] == ["StockReserved"]
    [line] = found["backorders"]
    assert (line["order"], line["changes"]["backordered"]) == ("SO-3", {"from": 0, "to": 1})


def moved(row: dict[str, Any], figure: str) -> list[str]:
    """Return which events moved a figure of a row."""
    return [each["type"] for each in row["events"] if figure in each["moved"]]


def test_an_event_is_named_where_it_moved_something_and_nowhere_else(busy: Shop) -> None:
    busy.carry("B", 1)
    busy.send("define-pool", pool="EU", sources=["default"])
    before = busy.ledger.head().position
    busy.send("place-order", order="SO-2", customer="C-2", lines=[
        {"sku": "A", "quantity": 5}, {"sku": "B", "quantity": 3},
    ])
    busy.send("set-backorder-policy", sku="B", backorders="allow_and_notify")
    busy.send("prioritise-order", order="SO-2", priority=2, reason="they called")
    busy.send("receive-stock", sku="B", quantity=1)
    busy.send("cancel-order", order="SO-2", lines=[{"line": 1, "quantity": 1}])
    busy.send("change-threshold", threshold="notify_below", value=4)
    busy.send("register-source", source="harbour")
    found = difference(busy.models, before, busy.ledger.head().position)
    of_a_eu, of_a, of_b_eu, of_b = found["stock"]
    assert (of_a["sku"], of_a["pool"], of_a_eu["pool"]) == ("A", "default", "EU")
    assert [each["type"] for each in of_a["events"]] == ["StockReserved", "ReservationReleased"]
    assert moved(of_a, "demand") == ["StockReserved", "ReservationReleased"]
    assert moved(of_a, "allocated") == ["StockReserved"]
    assert [each["type"] for each in of_a_eu["events"]] == ["StockReserved"]
    assert [each["type"] for each in of_b["events"]] == [
        "StockReserved", "StockReceived", "BackorderAllocated",
    ]
    assert moved(of_b, "on_hand at default") == ["StockReceived"]
    assert moved(of_b_eu, "on_hand at default") == ["StockReceived"]
    [order] = found["orders"]
    assert moved(order, "priority") == ["OrderPlaced", "OrderPrioritised"]
    assert moved(order, "line 1 cancelled") == ["OrderPlaced", "OrderCancelled"]
    assert moved(order, "line 2 allocated") == [
        "OrderPlaced", "StockReserved", "BackorderAllocated",
    ]
    first, second = found["backorders"]
    assert [each["type"] for each in first["events"]] == [
        "OrderPlaced", "StockReserved", "OrderCancelled",
    ]
    assert [each["type"] for each in second["events"]] == [
        "OrderPlaced", "StockReserved", "BackorderAllocated",
    ]


def test_a_setting_is_named_where_it_moved_what_may_be_sold(busy: Shop) -> None:
    busy.carry("B", 1)
    before = busy.ledger.head().position
    of_a = busy.send("change-threshold", threshold="out_of_stock", value=-1, sku="A")
    busy.send("set-backorder-policy", sku="B", backorders="no")
    of_all = busy.send("change-threshold", threshold="out_of_stock", value=1)
    found = difference(busy.models, before, busy.ledger.head().position)
    named = {row["sku"]: [each["position"] for each in row["events"]] for row in found["stock"]}
    assert named == {"A": [of_a], "B": [of_all]}


def test_what_a_command_only_passes_through_moved_nothing(busy: Shop) -> None:
    before = busy.ledger.head().position
    busy.sell("SO-2", "A", 5)
    reserved = busy.ledger.head().position
    busy.send("ship-order", order="SO-2", shipment="S-2")
    found = difference(busy.models, before, busy.ledger.head().position)
    [line] = found["backorders"]
    assert {each["position"] for each in line["events"]} <= set(range(before + 1, reserved + 1))


def test_the_difference_backwards_is_the_difference_turned_around(busy: Shop) -> None:
    forwards, backwards = difference(busy.models, 3, 6), difference(busy.models, 6, 3)
    for one, other in zip(forwards["stock"], backwards["stock"], strict=True):
        assert one["changes"] == {
            name: {"from": each["to"], "to": each["from"]}
            for name, each in other["changes"].items()
        }
