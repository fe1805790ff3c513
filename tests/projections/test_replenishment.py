"""Rule 5.11: what to replenish, why, from whom, by when, and what another source gives."""

from collections.abc import Callable
from typing import Any

import pytest

from stocktrail.ledger.refusal import Refusal
from tests.projections.purchasing import Purchasing, day
from tests.projections.replenishing import adds_up, asked
from tests.projections.shop import Report, Shop


def row(shop: Purchasing, sku: str = "A") -> Report:
    """Return what is said of one item."""
    found: Report
    [found] = [each for each in asked(shop)["rows"] if each["sku"] == sku]
    return found


def buy_undated(shop: Purchasing, name: str, quantity: int, **fields: Any) -> None:
    """Place a purchase order of one line without a date."""
    shop.send("place-purchase-order", purchase_order=name, vendor="Acme",
              lines=[{"sku": "A", "quantity": quantity}], **fields)


def test_what_nothing_covers_is_ordered_and_the_level_beside_it(purchasing: Purchasing) -> None:
    purchasing.send("change-threshold", threshold="notify_below", value=3)
    purchasing.order_of("SO-1", 4, 6)
    purchasing.order_of("SO-2", 2, 5)
    purchasing.buy("PO-1", 1, 2)
    found = row(purchasing)
    [need] = found["needs"]
    assert need == {
        "pools": ["default"], "source": None, "level": 3, "demand": 6, "supply": 0,
        "open_supply": 1, "undated_supply": 0, "uncovered": 5, "missing": 8,
        "destination": "default", "why": "level 3 + wanted 6 - there 0 - on order 1",
    }
    assert (found["missing"], found["order_quantity"], found["uncovered"]) == (8, 8, 5)
    assert (found["needed_by"], found["orders_waiting"]) == (day(5), 2)


def test_an_item_below_its_level_is_listed_though_nothing_of_it_is_open(
    purchasing: Purchasing,
) -> None:
    purchasing.send("change-threshold", sku="A", threshold="notify_below", value=4)
    purchasing.send("count-stock", sku="A", counted=3)
    assert row(purchasing)["missing"] == 1
    purchasing.send("count-stock", sku="A", counted=4)
    assert asked(purchasing)["rows"] == []


def test_what_is_on_order_without_a_date_is_not_ordered_twice(purchasing: Purchasing) -> None:
    purchasing.send("change-threshold", threshold="notify_below", value=0)
    purchasing.order_of("SO-1", 5, 1)
    buy_undated(purchasing, "PO-1", 3)
    assert row(purchasing)["missing"] == 2
    [view] = purchasing.ask("item")
    assert view["suggested_order_quantity"] == 5
    buy_undated(purchasing, "PO-2", 2)
    assert asked(purchasing)["rows"] == []


def test_what_is_not_managed_lacks_nothing(purchasing: Purchasing) -> None:
    purchasing.order_of("SO-1", 5, 1)
    purchasing.send("set-manage-stock", sku="A", manage="off")
    assert asked(purchasing)["rows"] == []


def test_the_vendor_is_who_delivered_last(purchasing: Purchasing) -> None:
    purchasing.order_of("SO-1", 50, 1)
    assert row(purchasing)["vendor"] is None
    purchasing.buy("PO-1", 1, 3, vendor="Acme")
    assert row(purchasing)["vendor"] == "Acme"
    purchasing.buy("PO-2", 1, 9, vendor="Best")
    assert row(purchasing)["vendor"] == "Best", "ordered last, while nothing came"
    purchasing.on_day(4)
    purchasing.send("receive-goods", purchase_order="PO-1", receipt="R-1")
    found = row(purchasing)
    assert (found["vendor"], found["last_purchase_order"]) == ("Acme", "PO-1")
    assert (found["days_taken"], found["expected_date"]) == (4, day(8))
    purchasing.send("cancel-purchase-order", purchase_order="PO-2")
    assert row(purchasing)["vendor"] == "Acme", "cancelled is not delivered"


def test_an_order_that_is_coming_in_is_the_last_one(purchasing: Purchasing) -> None:
    purchasing.order_of("SO-1", 50, 1)
    purchasing.buy("PO-1", 2, 3, vendor="Acme")
    purchasing.buy("PO-2", 1, 3, vendor="Best")
    purchasing.send("receive-goods", purchase_order="PO-1", receipt="R-1",
                    lines=[{"line": 1, "quantity": 1}])
    purchasing.send("receive-goods", purchase_order="PO-2", receipt="R-2")
    found = row(purchasing)
    assert (found["vendor"], found["days_taken"], found["expected_date"]) == ("Acme", None, None)


def with_two_sources(shop: Purchasing) -> None:
    """Open a depot that sells to a pool of its own."""
    shop.send("change-threshold", threshold="notify_below", value=0)
    shop.send("register-source", source="depot")
    shop.send("define-pool", pool="trade", sources=["depot"])
    shop.send("count-stock", sku="A", counted=10, source="depot")


def test_another_source_gives_what_its_own_pools_do_not_need(purchasing: Purchasing) -> None:
    with_two_sources(purchasing)
    purchasing.send("change-threshold", sku="A", pool="trade", threshold="notify_below", value=3)
    purchasing.order_of("SO-1", 2, 1, pool="trade")
    purchasing.order_of("SO-2", 8, 1)
    found = row(purchasing)
    assert found["transfers"] == [
        {"from_source": "depot", "to_source": "default", "quantity": 5}
    ]
    assert (found["missing"], found["order_quantity"]) == (8, 3)
    purchasing.send("transfer-stock", sku="A", quantity=5, from_source="depot",
                    to_source="default")
    found = row(purchasing)
    assert (found["missing"], found["transfers"], found["order_quantity"]) == (3, [], 3)


@pytest.mark.parametrize("command", [
    {"command": "disable-source", "source": "depot"},
    {"command": "set-stock-status", "sku": "A", "source": "depot", "status": "out_of_stock"},
])
def test_what_a_source_cannot_sell_it_does_not_give(
    purchasing: Purchasing, command: dict[str, Any]
) -> None:
    with_two_sources(purchasing)
    purchasing.order_of("SO-1", 8, 1)
    purchasing.send(**command)
    found = row(purchasing)
    assert (found["transfers"], found["order_quantity"]) == ([], 8)


def with_three_pools(shop: Purchasing) -> None:
    """Open a pool that sells from both sources, beside one for each of them."""
    with_two_sources(shop)
    shop.send("define-pool", pool="web", sources=["depot", "default"])


@pytest.mark.parametrize("open_pools", [with_two_sources, with_three_pools])
def test_what_one_pool_waits_for_and_its_group_has_is_moved_and_not_ordered(
    purchasing: Purchasing, open_pools: Callable[[Purchasing], None]
) -> None:
    open_pools(purchasing)
    purchasing.send("count-stock", sku="A", counted=500, source="depot")
    purchasing.send("count-stock", sku="A", counted=1)
    purchasing.order_of("SO-1", 20, 1)
    found = row(purchasing)
    [need] = found["needs"]
    assert (need["uncovered"], need["missing"]) == (19, 19)
    assert found["transfers"] == [
        {"from_source": "depot", "to_source": "default", "quantity": 19}
    ]
    assert found["orders"] == []
    [command] = asked(purchasing, commands=True)["commands"]
    fields = {name: value for name, value in command.items() if name not in ("command", "id")}
    purchasing.send(command["command"], **fields)
    assert asked(purchasing)["rows"] == []


def test_what_pools_lack_that_share_a_source_is_counted_once_and_says_so(
    purchasing: Purchasing,
) -> None:
    with_three_pools(purchasing)
    purchasing.send("count-stock", sku="A", counted=0, source="depot")
    purchasing.buy("PO-1", 3, 2)
    for pool in ("default", "web"):
        purchasing.send("change-threshold", sku="A", pool=pool, threshold="notify_below", value=5)
    for number, pool in enumerate(("default", "web", "trade")):
        purchasing.order_of(f"SO-{number}", 4, 1, pool=pool)
    needs = row(purchasing)["needs"]
    assert any("counted already" in need["why"] for need in needs)
    for need in needs:
        assert adds_up(need["why"]) == need["missing"], need["why"]


def test_only_whole_units_are_moved_and_ordered_of_what_has_no_fractions(
    purchasing: Purchasing,
) -> None:
    with_two_sources(purchasing)
    for pool, value in (("trade", "8.5"), ("default", "4.25")):
        purchasing.send(
            "change-threshold", sku="A", pool=pool, threshold="notify_below", value=value
        )
    found = row(purchasing)
    assert found["missing"] == 4.25
    assert (found["transfer_quantity"], found["order_quantity"]) == (1, 4)


def test_a_source_with_a_level_of_its_own_is_lifted_to_it(purchasing: Purchasing) -> None:
    purchasing.send("change-threshold", threshold="notify_below", value=0)
    purchasing.send("register-source", source="shelf")
    purchasing.send("define-pool", pool="default", sources=["default", "shelf"])
    purchasing.send("count-stock", sku="A", counted=1, source="shelf")
    purchasing.send("count-stock", sku="A", counted=2)
    purchasing.send("change-threshold", sku="A", source="shelf", threshold="notify_below", value=5)
    found = row(purchasing)
    assert [(need["source"], need["missing"]) for need in found["needs"]] == [("shelf", 4)]
    assert found["transfers"] == [{"from_source": "default", "to_source": "shelf", "quantity": 2}]
    assert found["orders"][0]["destination"] == "shelf"
    assert found["order_quantity"] == 2


def test_what_no_source_could_sell_is_told_and_not_ordered(purchasing: Purchasing) -> None:
    purchasing.order_of("SO-1", 5, 1)
    purchasing.send("disable-source", source="default")
    found = row(purchasing)
    assert [need["destination"] for need in found["needs"]] == [None]
    assert (found["missing"], found["orders"], found["transfers"]) == (6, [], [])


def test_sent_twice_nothing_is_ordered_twice(purchasing: Purchasing) -> None:
    purchasing.carry_none("B")
    for sku in ("A", "B"):
        purchasing.order_of(f"SO-{sku}", 5, 1, sku=sku)
        purchasing.buy(f"PO-{sku}", 1, 2, sku=sku)
    proposed = asked(purchasing, commands=True)
    assert proposed["commands"] == asked(purchasing, commands=True, limit=1)["commands"]
    [command] = proposed["commands"]
    assert [line["sku"] for line in command["lines"]] == ["A", "B"]
    assert {each["purchase_order"] for one in proposed["rows"] for each in one["orders"]} == {
        command["purchase_order"]
    }
    fields = {name: value for name, value in command.items() if name != "command"}
    purchasing.send(command["command"], **fields)
    assert asked(purchasing, commands=True)["commands"] == []
    assert proposed["left_out"] == 0


def test_pages_and_facets_add_up_to_the_list(purchasing: Purchasing) -> None:
    for number in range(5):
        sku = f"I{number}"
        purchasing.carry_none(sku)
        if number % 2:
            purchasing.order_of(f"SO-{number}", 2, 1, sku=sku)
            purchasing.buy(f"PO-{number}", 1, 2, sku=sku, vendor=f"V{number}")
    whole = asked(purchasing)
    keys = [(each["vendor"], each["sku"]) for each in whole["rows"]]
    assert keys == [("V1", "I1"), ("V3", "I3"), *((None, sku) for sku in ("A", "I0", "I2", "I4"))]
    pages, after = [], None
    while True:
        page = asked(purchasing, limit=2, after=after)
        assert page["total"] == 6
        pages += page["rows"]
        after = page["next"]
        if after is None:
            break
    assert pages == whole["rows"]
    for facet, number in whole["facets"].items():
        assert len(asked(purchasing, facet=[facet])["rows"]) == number
    for each in whole["vendors"]:
        if each["vendor"] is not None:
            assert asked(purchasing, vendor=each["vendor"])["total"] == each["items"]
    with pytest.raises(Refusal, match="does not go on"):
        asked(purchasing, after="x")


def test_a_transfer_from_where_no_pool_sells_is_seen_in_the_pool(shop: Shop) -> None:
    shop.send("register-source", source="depot")
    shop.send("register-product", sku="A")
    shop.send("receive-stock", sku="A", quantity=2)
    shop.send("receive-stock", sku="A", quantity=30, source="depot")
    shop.send("transfer-stock", sku="A", quantity=3, from_source="depot", to_source="default")
    assert [
        (each["delta"], each["quantity_after"]) for each in shop.history("A")
        if each["pool"] == "default"
    ] == [(2, 2), (3, 5)]
