"""Rule 5.8: what to order of an item, which is never less than what nothing covers.

``max(uncovered, notify_below + demand - supply - open supply that can reach the pool, 0)``.
"""

from datetime import date

import pytest

from stocktrail.projections.answers.backorder_views.filters import Filters
from tests.projections.purchasing import DAY_0, Purchasing, day
from tests.projections.test_pegs_are_what_receipts_do import (
    the_pool_that_waits_and_the_pool_that_has,
)


def to_order(shop: Purchasing, pool: str | None = None, cutoff: date | None = None) -> float:
    """Return how many units of the item to order, as the row and its sorting say alike."""
    filters = Filters(pool=pool, cutoff=cutoff)
    [row] = shop.ask("item", filters)
    assert row["suggested_order_quantity"] >= row["uncovered"]
    assert shop.ask("item", filters, sort="-suggested_order_quantity") == [row]
    suggested: float = row["suggested_order_quantity"]
    return suggested


@pytest.fixture
def apart(purchasing: Purchasing) -> Purchasing:
    """Open two pools that share no source; nothing is kept back for notices."""
    purchasing.send("change-threshold", sku="A", threshold="notify_below", value=0)
    for source, pool in (("E", "P1"), ("W", "P2")):
        purchasing.send("register-source", source=source)
        purchasing.send("define-pool", pool=pool, sources=[source])
        purchasing.send("count-stock", sku="A", counted=0, source=source)
    return purchasing


def test_a_pool_is_never_told_to_order_less_than_what_nothing_covers(apart: Purchasing) -> None:
    apart.order_of("O1", 4, 0, pool="P1")
    apart.buy("PO-1", 6, 2, source="W")
    assert to_order(apart, "P1") == 4
    assert to_order(apart, "P2") == 0
    assert to_order(apart) == 4


def test_open_supply_that_a_line_of_low_priority_cannot_get_is_ordered_once_more(
    apart: Purchasing,
) -> None:
    apart.send("define-pool", pool="P2", sources=["E", "W"])
    apart.order_of("O1", 4, 0, pool="P1", priority=9)
    apart.order_of("O2", 6, 0, pool="P2")
    apart.buy("PO-1", 6, 2, source="E")
    assert to_order(apart, "P1") == 4
    assert to_order(apart, "P2") == 0
    assert to_order(apart) == 4


def test_open_supply_that_frees_units_for_a_pool_can_reach_it(purchasing: Purchasing) -> None:
    purchasing.send("change-threshold", sku="A", threshold="notify_below", value=0)
    the_pool_that_waits_and_the_pool_that_has(purchasing)
    assert to_order(purchasing, "P1") == 0
    assert to_order(purchasing) == 0


def test_blocked_supply_can_reach_nobody(apart: Purchasing) -> None:
    apart.order_of("O1", 4, 0, pool="P1")
    apart.buy("PO-1", 9, 2, source="E")
    assert to_order(apart, "P1") == 0
    apart.send("set-stock-status", sku="A", source="E", status="out_of_stock")
    assert to_order(apart, "P1") == 4
    assert to_order(apart) == 4


def test_undated_supply_can_reach_a_pool_but_covers_no_line(apart: Purchasing) -> None:
    apart.send("change-threshold", sku="A", threshold="notify_below", value=3)
    apart.send(
        "place-purchase-order", purchase_order="PO-1", vendor="V", source="E",
        lines=[{"sku": "A", "quantity": 5}],
    )
    assert to_order(apart, "P1") == 0
    apart.order_of("O1", 4, 0, pool="P1")
    assert to_order(apart, "P1") == 4


def test_with_a_cutoff_it_is_for_the_lines_and_by_the_receipts_before_it(
    apart: Purchasing,
) -> None:
    apart.order_of("O1", 4, 2, pool="P1")
    apart.order_of("O2", 10, 20, pool="P1")
    assert to_order(apart, "P1") == 14
    assert to_order(apart, "P1", DAY_0.replace(day=20)) == 4
    apart.buy("PO-1", 14, 5, source="E")
    assert to_order(apart, "P1", DAY_0.replace(day=20)) == 0
    assert to_order(apart, "P1") == 0
    page = apart.page("item", Filters(pool="P1", cutoff=DAY_0.replace(day=20)))
    assert page["cutoff"] == day(10)
    assert apart.page("item")["cutoff"] is None


def test_of_an_unmanaged_item_nothing_has_to_be_ordered(apart: Purchasing) -> None:
    apart.send("change-threshold", sku="A", threshold="notify_below", value=9)
    apart.buy("PO-1", 1, 5, source="E")
    assert to_order(apart, "P1") == 8
    apart.send("set-manage-stock", sku="A", manage="off")
    assert to_order(apart, "P1") == 0
