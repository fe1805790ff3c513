"""What can ship, and where it is picked: shipping is the measure of both, after any history."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stocktrail.commands.scripts.results import DONE
from stocktrail.commands.scripts.submission import submit
from stocktrail.ledger.orders.events import OrderShipped
from stocktrail.ledger.quantity import parse_quantity, to_number
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.stock.events import StockShipped
from stocktrail.projections.models.orders import ORDER
from stocktrail.projections.questions.orders import OrderList
from stocktrail.projections.questions.pick_list import PickList
from stocktrail.projections.questions.ready_to_ship import ReadyToShip
from tests.projections.purchasing import Purchasing
from tests.projections.shipping.test_receipt import owing
from tests.projections.shop import Shop
from tests.projections.test_all_items_whatever_happens import more_wishes
from tests.projections.test_promises_whatever_happens import shop_of_its_own


def ready(shop: Shop, **fields: Any) -> dict[str, Any]:
    """Ask which orders can ship."""
    return ReadyToShip(**fields).answer(shop.models)


def picks(shop: Shop, **fields: Any) -> list[tuple[Any, ...]]:
    """Ask what to pick where."""
    rows = PickList(**fields).answer(shop.models)["rows"]
    return [(row["source"], row["sku"], row["quantity"], row["order"]) for row in rows]


def named(report: dict[str, Any]) -> list[str]:
    """Return the orders of a list."""
    return [row["order"] for row in report["rows"]]


def test_orders_are_ready_when_what_they_wait_for_has_come(shop: Shop) -> None:
    owing(shop)
    assert ready(shop)["total"] == 0
    received = shop.send("receive-goods", purchase_order="PO-1", receipt="R-1",
                         lines=[{"line": 1, "quantity": 4}])
    shop.send("receive-goods", purchase_order="PO-1", receipt="R-2", lines=[{"line": 2}])
    report = ready(shop, today="2100-01-01")
    assert [(row["order"], row["ready"], row["remaining"], row["whole"])
            for row in report["rows"]] == [
        ("SO-1", 3, 3, True), ("SO-2", 4, 4, True), ("SO-3", 1, 5, False),
    ]
    assert report["totals"] == {"lines_ready": 3, "ready": 8, "remaining": 12}
    assert report["facets"] == {"whole": 2, "in_part": 1, "due": 3, "late": 3}
    assert named(ready(shop, receipt="R-1")) == ["SO-1", "SO-3"]
    assert named(ready(shop, purchase_order="PO-1", receipt="R-2")) == ["SO-2"]
    assert named(ready(shop, purchase_order="PO-1")) == ["SO-1", "SO-2", "SO-3"]
    assert named(ready(shop, customer="Ben")) == named(ready(shop, q="bE")) == ["SO-2"]
    assert named(ready(shop, order=["SO-3", "SO-9"], facet=["in_part"])) == ["SO-3"]
    assert named(ready(shop, sort="-ready", limit=1)) == ["SO-2"]
    assert named(ready(shop, as_of=received)) == ["SO-1", "SO-3"]
    shop.send("prioritise-order", order="SO-3", priority=1, reason="asked twice")
    assert named(ready(shop)) == ["SO-3", "SO-1", "SO-2"]
    for asked in ({"receipt": "R-9"}, {"purchase_order": "PO-9"}, {"receipt": "R-2", "as_of": 3}):
        with pytest.raises(Refusal) as refused:
            ready(shop, **asked)
        assert refused.value.code == "unknown_receipt"


def test_units_are_picked_by_the_priority_of_sources_one_order_after_the_other(shop: Shop) -> None:
    for source in ("near", "far"):
        shop.send("register-source", source=source)
    shop.send("define-pool", pool="default", sources=["near", "far"])
    shop.send("register-product", sku="CUP", name="Cup, blue")
    for source, quantity in (("near", 4), ("far", 9)):
        shop.send("receive-stock", sku="CUP", source=source, quantity=quantity)
    for order, quantity in (("SO-1", 3), ("SO-2", 5)):
        shop.send("place-order", order=order, customer="Ann",
                  lines=[{"sku": "CUP", "quantity": quantity}])
    then = shop.models.catch_up()
    shop.send("set-stock-status", sku="CUP", source="far", status="out_of_stock")
    assert picks(shop) == [("near", "CUP", 3, "SO-1"), ("near", "CUP", 1, "SO-2")]
    shut = shop.models.catch_up()
    shop.send("set-stock-status", sku="CUP", source="far", status="in_stock")
    assert picks(shop, as_of=shut) == [("near", "CUP", 3, "SO-1"), ("near", "CUP", 1, "SO-2")]
    assert picks(shop) == picks(shop, as_of=then) == [
        ("far", "CUP", 4, "SO-2"), ("near", "CUP", 3, "SO-1"), ("near", "CUP", 1, "SO-2"),
    ]
    assert picks(shop, source="far", order=["SO-2"]) == [("far", "CUP", 1, "SO-2")]
    assert picks(shop, limit=1) == [("near", "CUP", 3, "SO-1")]
    report = PickList(limit=1).answer(shop.models)
    assert (len(report["orders"]), report["left_out"]) == (1, 1)
    assert report["rows"][0]["name"] == "Cup, blue"
    with pytest.raises(Refusal, match="There is no source"):
        picks(shop, source="moon")


@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 2), more_wishes), min_size=8, max_size=24))
def test_an_order_is_ready_if_and_only_if_it_would_ship_and_from_where_the_list_says(
    drawn: list[tuple[int, dict[str, Any]]]
) -> None:
    with shop_of_its_own() as shop:
        answered = []
        for passed, wished in drawn:
            shop.on_day(shop.today + passed)
            shop.try_to(**wished)
            answered.append((shop.models.catch_up(), ready(shop), picks(shop)))
        report = ready(shop)
        assert {row["order"]: row["ready"] for row in report["rows"]} == dict(would_ship(shop))
        listed = OrderList(facets=["ready"]).answer(shop.models)
        assert sorted(named(listed)) == sorted(named(report))
        if report["rows"]:
            assert picked(shop) == shipped_together(shop, named(report))
        for position, then, fetched in answered:
            assert ready(shop, as_of=position, today=then["today"]) == then
            assert picks(shop, as_of=position) == fetched


def would_ship(shop: Purchasing) -> Iterator[tuple[str, float]]:
    """Try to ship every order by itself, and return how many units of each would go."""
    with shop.models.reading() as (place, cursor, _):
        orders = [row["order_id"] for row in place.table(ORDER).all_rows(cursor)]
    for order in orders:
        row = shop.row("ship-order", order=order, shipment="tried")
        [result] = submit(shop.ledger, [[row]], dry_run=True)
        if result.status in DONE:
            shipped = result.recorded[0].payload
            assert isinstance(shipped, OrderShipped)
            yield order, to_number(sum(line.quantity for line in shipped.lines))


def shipped_together(shop: Purchasing, orders: list[str]) -> Counter[tuple[Any, ...]]:
    """Try to ship orders as one group, and count from where how many units would go.

    What is shipped of an order and leaves no source is not picked from stock.
    """
    rows = [shop.row("ship-order", order=each, shipment=f"of {each}") for each in orders]
    found: Counter[tuple[Any, ...]] = Counter()
    for result in submit(shop.ledger, [rows], mode="atomic", dry_run=True):
        assert result.status in DONE
        for recorded in result.recorded:
            event = recorded.payload
            if isinstance(event, OrderShipped):
                for line in event.lines:
                    found[None, line.sku, event.order] += line.quantity
            elif isinstance(event, StockShipped):
                for pick in event.picks:
                    found[pick.source, event.sku, event.order] += pick.quantity
                    found[None, event.sku, event.order] -= pick.quantity
    return +found


def picked(shop: Purchasing) -> Counter[tuple[Any, ...]]:
    """Count how many units the pick list fetches from where, in ten-thousandths."""
    found: Counter[tuple[Any, ...]] = Counter()
    for source, sku, quantity, order in picks(shop):
        found[source, sku, order] += parse_quantity(quantity)
    return found
