"""Rule 7.2: explanations list events, settings with their level, and the arithmetic, in words."""

from typing import Any

import pytest

from stocktrail.ledger.refusal import Refusal
from stocktrail.projections.questions.explain_order import explain_order
from stocktrail.projections.questions.explain_stock import explain_stock
from tests.projections.shop import Shop
from tests.projections.test_stock_report import the_worked_example


def told(shop: Shop, sku: str, **asked: Any) -> str:
    """Return the sentences about an item as one text."""
    return " ".join(explain_stock(shop.models, sku, **asked)["sentences"])


def test_the_worked_example_is_explained_step_by_step(shop: Shop) -> None:
    the_worked_example(shop)
    shop.sell("SO-1", "WIDGET", 70)
    text = told(shop, "WIDGET")
    for part in (
        "25 at default (sellable)",
        "Supply is 25: 25 allocated to order lines and 0 free.",
        "Demand is 70: what open order lines still want, of which 45 are backordered.",
        "The backorder policy is allow, set for the product; the out-of-stock threshold is -50",
        "At most 50 units may be backordered",
        "Salable quantity = supply 25 - demand 70 - effective threshold -50 = 5.",
        "The storefront says: Only 5 left.",
        "Stock is low: the salable quantity 5 is at or below 10 (notify below, set for the",
    ):
        assert part in text


def test_the_arithmetic_stands_beside_the_sentences(shop: Shop) -> None:
    the_worked_example(shop)
    shop.sell("SO-1", "WIDGET", 70)
    explained = explain_stock(shop.models, "WIDGET")
    assert explained["arithmetic"] == {
        "allocated": 25, "free": 0, "supply": 25, "demand": 70, "stored_threshold": -50,
        "effective_threshold": -50, "threshold_ignored": False, "salable_quantity": 5,
    }
    assert explained["settings"]["out_of_stock_threshold"] == {"value": -50, "level": "product"}
    assert explained["stock"] == shop.stock("WIDGET")


@pytest.mark.parametrize(
    ("backorders", "threshold", "sentence"),
    [
        ("allow", 5, "The threshold 5 is ignored: with backorders allowed"),
        ("no", -5, "The threshold -5 is ignored: a negative threshold counts only with backorders"),
        ("allow", 0, "With a threshold of 0 backorders are unlimited."),
        ("no", 5, "5 units are kept as safety stock."),
    ],
)
def test_rule_2_2_an_ignored_threshold_is_said_to_be_ignored(
    shop: Shop, backorders: str, threshold: int, sentence: str
) -> None:
    shop.carry("A", 10)
    shop.send("set-backorder-policy", backorders="allow_and_notify")
    shop.send("set-backorder-policy", backorders=backorders)
    if threshold:
        shop.send("change-threshold", threshold="out_of_stock", value=threshold)
    assert sentence in told(shop, "A")
    ignored = explain_stock(shop.models, "A")["arithmetic"]["threshold_ignored"]
    assert ignored is ("ignored" in sentence)


def test_what_keeps_an_item_from_being_sold_is_said(shop: Shop) -> None:
    shop.send("register-product", sku="A")
    assert "No source of pool default (default) carries A." in told(shop, "A")
    shop.send("receive-stock", sku="A", quantity=3)
    shop.send("disable-source", source="default")
    assert "(not sellable: the source is disabled)" in told(shop, "A")
    assert "No source of the pool can be sold from" in told(shop, "A")
    shop.send("set-manage-stock", manage="off", sku="A")
    assert "Stock is not managed, so any quantity may be sold." in told(shop, "A")


def test_units_that_other_pools_hold_are_accounted_for(shop: Shop) -> None:
    shop.send("define-pool", pool="EU", sources=["default"])
    shop.carry("A", 10)
    shop.sell("SO-1", "A", 4, pool="EU")
    assert "Of the 10 at sellable sources 4 are allocated in other pools" in told(shop, "A")


def test_the_events_of_the_item_and_of_its_places_are_told(shop: Shop) -> None:
    shop.send("define-pool", pool="EU", sources=["default"])
    shop.carry("A", 10)
    shop.carry("B", 10)
    shop.send("change-threshold", threshold="notify_below", value=3)
    shop.sell("SO-1", "A", 4)
    shop.sell("SO-2", "A", 4, pool="EU")
    explained = explain_stock(shop.models, "A")
    assert [event["sentence"] for event in explained["events"]] == [
        "A was registered.",
        "10 were received at default.",
        "notify_below was set to 3 globally.",
        "Order SO-1 line 1 reserved 4 in pool default: 4 allocated.",
    ]
    assert explained["events"][-1]["data"]["quantity"] == 4
    shortened = explain_stock(shop.models, "A", last=1)
    assert (len(shortened["events"]), shortened["earlier_events"]) == (1, 3)


def test_an_earlier_position_is_explained_as_it_was(shop: Shop) -> None:
    position = shop.carry("A", 10)
    before = explain_stock(shop.models, "A")
    shop.sell("SO-1", "A", 4)
    assert explain_stock(shop.models, "A", as_of=position) == before


def test_an_order_is_explained_line_by_line(shop: Shop) -> None:
    shop.allow_backorders()
    shop.carry("A", 10)
    shop.sell("SO-1", "A", 12, occurred_at="2026-03-01T09:00:00Z")
    shop.send(
        "place-order", order="SO-2", customer="C-2", currency="EUR",
        lines=[{"sku": "A", "quantity": 5, "unit_price": 2, "requested_date": "2026-04-01"}],
    )
    shop.send("cancel-order", order="SO-2", lines=[{"line": 1, "quantity": 1}])
    explained = explain_order(shop.models, "SO-2")
    text = " ".join(explained["sentences"])
    for part in (
        "Order SO-2 of C-2 in pool default is processing",
        "10.00 EUR were captured, 2.00 EUR of it refunded.",
        "remaining = ordered 5 - cancelled 1 = 4.",
        "accepted with backorders allow, set globally.",
        "backordered = remaining 4 - allocated 0 = 4.",
        "waits for 4 units, requested for 2026-04-01, behind 1 line that waits for 2.",
    ):
        assert part in text
    assert [event["type"] for event in explained["events"]] == [
        "OrderPlaced", "StockReserved", "OrderCancelled", "ReservationReleased",
    ]
    assert explained["report"] == shop.order("SO-2")


def test_moved_units_are_told_to_both_orders(shop: Shop) -> None:
    shop.allow_backorders()
    shop.carry("A", 3)
    for name in ("SO-1", "SO-2"):
        shop.sell(name, "A", 3)
    shop.send("move-allocation", sku="A", from_order="SO-1", to_order="SO-2", quantity=2,
              reason="split")
    for name in ("SO-1", "SO-2"):
        assert explain_order(shop.models, name)["events"][-1]["sentence"] == (
            "2 were moved by hand from order SO-1 line 1 to order SO-2 line 1 (split)."
        )


def test_an_unmanaged_line_says_so(shop: Shop) -> None:
    shop.carry("A", 3)
    shop.send("set-manage-stock", manage="off")
    shop.sell("SO-1", "A", 5)
    sentences = explain_order(shop.models, "SO-1")["sentences"]
    assert "was accepted while stock was not managed" in sentences[-1]


def test_what_is_unknown_cannot_be_explained(shop: Shop) -> None:
    with pytest.raises(Refusal, match="There is no product"):
        explain_stock(shop.models, "A")
    with pytest.raises(Refusal, match="There is no order"):
        explain_order(shop.models, "SO-1")
