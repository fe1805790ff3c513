"""The stock report: salable quantity read from a few rows, now and as of an earlier position."""

import pytest

from stocktrail.ledger.refusal import Refusal
from stocktrail.projections.as_of.moment import resolve_as_of
from stocktrail.projections.questions.stock_list import stock_list
from tests.projections.shop import Shop


def the_worked_example(shop: Shop) -> None:
    """Set up the item of rule 2.3: 25 on hand, at most 50 backordered."""
    shop.carry("WIDGET", 25)
    shop.send("set-backorder-policy", backorders="allow", sku="WIDGET")
    shop.send("change-threshold", threshold="out_of_stock", value=-50, sku="WIDGET")
    shop.send("change-threshold", threshold="only_x_left", value=5, sku="WIDGET")
    shop.send("change-threshold", threshold="notify_below", value=10, sku="WIDGET")


def test_rule_2_3_the_worked_example_as_the_stock_report_tells_it(shop: Shop) -> None:
    the_worked_example(shop)
    assert shop.stock("WIDGET")["salable_quantity"] == 75
    shop.sell("SO-1", "WIDGET", 70)
    report = shop.stock("WIDGET")
    assert (report["salable_quantity"], report["message"]) == (5, "Only 5 left")
    assert (report["supply"], report["demand"], report["backordered"]) == (25, 70, 45)
    assert report["low_stock"] is True
    shop.sell("SO-2", "WIDGET", 5)
    report = shop.stock("WIDGET")
    assert (report["salable_quantity"], report["message"]) == (0, "Out of Stock")
    shop.send("cancel-order", order="SO-1", lines=[{"line": 1, "quantity": 10}])
    report = shop.stock("WIDGET")
    assert (report["salable_quantity"], report["on_hand"]) == (10, {"default": 25})


def test_every_setting_says_which_level_gave_it(shop: Shop) -> None:
    the_worked_example(shop)
    shop.send("change-threshold", threshold="notify_below", value=3, sku="WIDGET", pool="default")
    settings = shop.stock("WIDGET")["settings"]
    assert settings["backorders"] == {"value": "allow", "level": "product"}
    assert settings["notify_below"] == {"value": 3, "level": "product_in_pool"}
    assert settings["max_sale_quantity"] == {"value": 10000, "level": "default"}


def test_a_global_setting_reaches_every_item_at_once(shop: Shop) -> None:
    for sku in ("A", "B"):
        shop.carry(sku, 10)
    shop.send("change-threshold", threshold="out_of_stock", value=4)
    assert [row["salable_quantity"] for row in stock_list(shop.models)["rows"]] == [6, 6]
    shop.send("change-threshold", threshold="out_of_stock", value="inherit")
    assert [row["salable_quantity"] for row in stock_list(shop.models)["rows"]] == [10, 10]


def test_pools_that_share_a_source_never_promise_the_same_unit_twice(shop: Shop) -> None:
    shop.send("define-pool", pool="EU", sources=["default"])
    shop.carry("A", 10)
    shop.sell("SO-1", "A", 7, pool="EU")
    assert shop.stock("A", "EU")["free"] == 3
    report = shop.stock("A", "default")
    assert (report["supply"], report["salable_quantity"]) == (3, 3)


def test_a_disabled_source_stays_in_the_report_but_is_not_sold_from(shop: Shop) -> None:
    shop.carry("A", 10)
    shop.send("disable-source", source="default")
    report = shop.stock("A")
    assert (report["on_hand"], report["salable_quantity"]) == ({"default": 10}, 0)
    assert (report["sources"]["default"]["enabled"], report["is_salable"]) == (False, False)


def test_stock_as_of_an_earlier_position_is_what_was_answered_then(shop: Shop) -> None:
    shop.carry("A", 10)
    answered = {}
    for number in range(1, 4):
        position = shop.sell(f"SO-{number}", "A", 2)
        answered[position] = shop.stock("A")
    assert {position: shop.stock("A", as_of=position) for position in answered} == answered


def test_a_recorded_time_means_the_last_position_by_then(shop: Shop) -> None:
    position = shop.carry("A", 10)
    recorded = shop.history("A")[-1]["recorded_at"]
    shop.sell("SO-1", "A", 1)
    assert resolve_as_of(shop.ledger, recorded) == position
    assert resolve_as_of(shop.ledger, str(position)) == position
    assert resolve_as_of(shop.ledger, "1999-12-31") == 0


@pytest.mark.parametrize(
    ("asked", "code"), [("999", "unknown_position"), ("9" * 40, "unknown_position"),
                        ("soon", "bad_moment"), ("2026-99-99", "bad_moment")],
)
def test_a_moment_that_cannot_be_is_refused(shop: Shop, asked: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        resolve_as_of(shop.ledger, asked)
    assert refused.value.code == code


def test_unknown_items_pools_and_positions_are_refused(shop: Shop) -> None:
    position = shop.carry("A", 10)
    for asked, code in (
        (("B",), "unknown_sku"), (("A", "EU"), "unknown_pool"),
        (("A", "default", position + 1), "unknown_position"),
        (("A", "default", 0), "unknown_sku"),
    ):
        with pytest.raises(Refusal) as refused:
            shop.stock(*asked)
        assert refused.value.code == code


def test_a_list_comes_in_pages_and_the_same_from_the_log(shop: Shop) -> None:
    for sku in ("A", "B", "C"):
        position = shop.carry(sku, 10)
    first = stock_list(shop.models, limit=2)
    assert ([row["sku"] for row in first["rows"]], first["next"]) == (["A", "B"], "B")
    assert stock_list(shop.models, limit=2, as_of=position) == first
    rest = stock_list(shop.models, after="B", limit=2)
    assert ([row["sku"] for row in rest["rows"]], rest["next"]) == (["C"], None)
