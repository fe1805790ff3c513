"""The worked example, rule 2.3, typed into the command line."""

import json

import pytest

from tests.interfaces.terminal import Answer, Terminal


@pytest.fixture
def widgets(shop: Terminal) -> Terminal:
    """Quantity 25, notify below 10, only-X-left 5, threshold -50, backorders allowed."""
    for words in (
        ("change-threshold", "--threshold", "notify_below", "--value", "10"),
        ("change-threshold", "--threshold", "only_x_left", "--value", "5"),
        ("change-threshold", "--threshold", "out_of_stock", "--value", "-50"),
        ("set-backorder-policy", "--backorders", "allow"),
    ):
        assert shop.type(*words, "--sku", "WIDGET").status == 0
    return shop


def sell(widgets: Terminal, order: str, quantity: int) -> Answer:
    """Place an order of one line."""
    line = json.dumps({"sku": "WIDGET", "quantity": quantity})
    return widgets.type(
        "place-order", "--order", order, "--customer", "Ada", "--lines", line, "--json"
    )


def test_salable_is_75(widgets: Terminal) -> None:
    stock = widgets.ask("stock", "WIDGET")
    assert (stock["salable_quantity"], stock["unlimited"], stock["message"]) == (
        75, False, "In Stock",
    )
    assert stock["settings"]["out_of_stock_threshold"] == {"value": -50, "level": "product"}


def test_after_25_are_sold_the_26th_unit_is_backordered(widgets: Terminal) -> None:
    assert sell(widgets, "SO-1", 25).status == 0
    assert widgets.ask("stock", "WIDGET")["backordered"] == 0
    asked = widgets.ask("availability", "WIDGET", "--quantity", "1")
    assert (asked["satisfiable"], asked["backordered_quantity"]) == (True, 1)


def test_after_70_are_sold_only_5_are_left(widgets: Terminal) -> None:
    sell(widgets, "SO-1", 70)
    stock = widgets.ask("stock", "WIDGET")
    assert (stock["salable_quantity"], stock["message"]) == (5, "Only 5 left")
    assert "Only 5 left" in widgets.type("stock", "WIDGET").out


def test_after_75_it_is_out_of_stock_and_the_76th_unit_is_refused(widgets: Terminal) -> None:
    sell(widgets, "SO-1", 75)
    stock = widgets.ask("stock", "WIDGET")
    assert (stock["salable_quantity"], stock["is_salable"], stock["message"]) == (
        0, False, "Out of Stock",
    )
    refused = sell(widgets, "SO-2", 1)
    assert (refused.status, refused.json["status"], refused.json["code"]) == (
        3, "rejected", "not_enough_salable",
    )
    assert refused.json["details"]["shortfall"] == 1


def test_cancelling_10_gives_them_back_to_the_pool_and_to_no_source(widgets: Terminal) -> None:
    sell(widgets, "SO-1", 65)
    sell(widgets, "SO-2", 10)
    assert widgets.type("cancel-order", "--order", "SO-2").status == 0
    stock = widgets.ask("stock", "WIDGET")
    assert (stock["salable_quantity"], stock["on_hand"]) == (10, {"default": 25})
    assert widgets.ask("order", "SO-2")["status"] == "cancelled"


def test_the_low_stock_notice_is_raised_at_10_once(widgets: Terminal) -> None:
    sell(widgets, "SO-1", 64)
    assert widgets.ask("low-stock")["rows"] == []
    sell(widgets, "SO-2", 1)
    sell(widgets, "SO-3", 10)
    widgets.type("cancel-order", "--order", "SO-3")
    (notice,) = widgets.ask("notices")["rows"]
    assert (notice["basis"], notice["threshold"], notice["cleared_at"]) == (10, 10, None)
    (row,) = widgets.ask("low-stock")["rows"]
    assert (row["sku"], row["pool"], row["level"]) == ("WIDGET", "default", "product")


def test_every_number_can_be_explained(widgets: Terminal) -> None:
    sell(widgets, "SO-1", 70)
    why = widgets.ask("explain", "stock", "WIDGET")
    assert (
        "Salable quantity = supply 25 - demand 70 - effective threshold -50 = 5."
        in why["sentences"]
    )
    assert why["arithmetic"]["salable_quantity"] == 5
    assert [event["type"] for event in why["events"]][-1] == "StockReserved"
    shown = widgets.type("explain", "stock", "WIDGET").out
    assert "effective threshold -50 = 5." in shown
    order = widgets.ask("explain", "order", "SO-1")
    assert any("backordered = remaining 70 - allocated 25 = 45" in each
               for each in order["sentences"])


def test_every_number_can_be_asked_as_of_a_position(widgets: Terminal) -> None:
    before = sell(widgets, "SO-1", 70).json["position"]
    sell(widgets, "SO-2", 5)
    assert widgets.ask("stock", "WIDGET", "--as-of", str(before))["salable_quantity"] == 5
    assert widgets.ask("stock", "WIDGET")["salable_quantity"] == 0
    assert len(widgets.ask("history", "WIDGET", "--as-of", str(before))["rows"]) == 3
