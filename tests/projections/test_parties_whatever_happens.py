"""Customers, vendors, sources, pools and settings, whatever happens: then what they were live."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stocktrail.ledger.purchase_orders.events import PurchaseOrderPlaced
from stocktrail.ledger.refusal import Refusal
from stocktrail.projections.questions.backorders import Backorders
from stocktrail.projections.questions.customer_overview import CustomerOverview
from stocktrail.projections.questions.customers import CustomerList
from stocktrail.projections.questions.pools import PoolList
from stocktrail.projections.questions.products import ItemGrid
from stocktrail.projections.questions.purchase_lines import PurchaseLineList
from stocktrail.projections.questions.question import Question
from stocktrail.projections.questions.settings_list import SettingList
from stocktrail.projections.questions.sources import SourceList
from stocktrail.projections.questions.vendor import VendorStatus
from stocktrail.projections.questions.vendors import VendorList
from tests.projections.purchasing import DAY_0, Purchasing
from tests.projections.test_promises_whatever_happens import shop_of_its_own, units, wishes
from tests.projections.test_read_models_agree import pools, skus, sources, wish

Report = dict[str, Any]

more = st.one_of(
    wishes,
    wish("register-customer", customer=st.sampled_from(("Ann", "Eve")), name=st.just("A")),
    wish("change-threshold", threshold=st.just("notify_below"), value=st.integers(0, 9), sku=skus),
    wish("change-threshold", threshold=st.just("notify_below"), value=st.just("inherit"), sku=skus),
    wish("change-threshold", threshold=st.just("notify_below"), value=st.integers(0, 9), sku=skus,
         source=sources),
    wish("set-backorder-policy", backorders=st.sampled_from(("allow", "inherit")), pool=pools),
    wish("change-threshold", threshold=st.just("notify_below"), value=st.integers(0, 9),
         source=sources),
)
histories = st.lists(st.tuples(st.integers(0, 2), st.one_of(units.map(lambda unit: unit[1]),
                                                            more.map(lambda each: [each]))),
                     min_size=5, max_size=14)


def answers(shop: Purchasing, as_of: int | None = None) -> list[Report]:
    """Ask every question about customers, vendors, sources, pools and settings."""
    day, when = DAY_0 + timedelta(days=shop.today), None if as_of is None else str(as_of)
    lists: tuple[Question[Any], ...] = (
        CustomerList(as_of=when), SourceList(as_of=when), PoolList(as_of=when),
        SettingList(as_of=when), VendorList(as_of=when, today=day),
        PurchaseLineList(as_of=when, today=day),
    )
    found = [each.answer(shop.models) for each in lists]
    for kind, name, field in (
        (VendorStatus, "V", "vendor"), (VendorStatus, "W", "vendor"),
        (CustomerOverview, "Ann", "customer"), (CustomerOverview, "Eve", "customer"),
    ):
        asked = kind.model_validate({field: name, "as_of": when, "today": day})
        try:
            found.append(asked.answer(shop.models))
        except Refusal as refusal:
            found.append({"refused": refusal.code})
    return found


def assert_numbers_are_totals(shop: Purchasing, found: list[Report]) -> None:
    """See that each number of a list is the total of the list behind it."""
    models, day = shop.models, DAY_0 + timedelta(days=shop.today)
    customers, sources, pools, _, vendors, lines, *_ = found

    def total(**asked: Any) -> int:
        counted: int = Backorders(today=day, limit=1, **asked).answer(models)["total"]
        return counted

    for row in customers["rows"]:
        name = row["customer"]
        assert row["open_lines"] == total(by="customer", customer=name)
        assert row["waiting_lines"] == total(by="customer", customer=name, waiting=True)
        assert row["slipped_lines"] == total(by="customer", customer=name, slipped=True)
    for row in sources["rows"]:
        assert row["lines_to_come"] == total(by="vendor", source=row["source"])
    for row in pools["rows"]:
        grid = ItemGrid(pool=row["pool"]).answer(models)
        assert row["items_backordered"] == grid["facets"]["backordered"]
        assert row["items_low"] == grid["facets"]["low_stock"]
    for row in vendors["rows"]:
        name = row["vendor"]
        assert row["open_lines"] == total(by="vendor", vendor=name)
        assert row["overdue_lines"] == total(by="vendor", vendor=name, overdue=True)
        of_vendor = PurchaseLineList(vendor=name, today=day).answer(models)
        for counted in ("due", "on_time", "late", "in_full", "short", "on_time_in_full"):
            assert row[counted] == of_vendor["facets"][counted]
    placed = [
        each.payload for each in shop.ledger.read(0, 10_000)
        if isinstance(each.payload, PurchaseOrderPlaced)
    ]
    assert lines["total"] == sum(len(each.lines) for each in placed)


@settings(max_examples=3)
@given(histories)
def test_as_of_is_what_was_answered_live(drawn: list[tuple[int, list[Report]]]) -> None:
    with shop_of_its_own() as shop:
        answered = []
        for passed, wished in drawn:
            shop.on_day(shop.today + passed)
            for unit in shop.units_of(wished):
                _, position = shop.try_together(unit)
                answered.append((position, shop.today, answers(shop)))
        assert_numbers_are_totals(shop, answered[-1][2])
        for position, today, found in answered:
            shop.on_day(today)
            assert answers(shop, position) == found


def test_every_database_answers_of_then_what_it_answered_live(purchasing: Purchasing) -> None:
    shop = purchasing
    for sku in ("B", "C"):
        shop.carry_none(sku)
    shop.send("register-source", source="north", name="Depot")
    shop.send("define-pool", pool="EU", sources=["north", "default"])
    shop.send("register-customer", customer="Ann", name="Ann Onym")
    shop.send("change-threshold", threshold="notify_below", value=4, sku="A", source="north")
    shop.buy("PO-1", 5, 2, vendor="V")
    shop.buy("PO-2", 5, 3, vendor="W", sku="B", source="north")
    for number, (customer, sku, pool) in enumerate(
        (("Ann", "A", "default"), ("Ann", "B", "EU"), ("Bob", "A", "default"), ("Eve", "C", "EU"))
    ):
        shop.order_of(f"SO-{number}", 3, 1, sku=sku, customer=customer, pool=pool)
    shop.send("set-manage-stock", sku="C", manage="off")
    shop.delay("PO-1", 6)
    position, found = shop.models.position(), answers(shop)
    assert found[0]["totals"] == {
        "orders": 4, "open_lines": 4, "waiting_lines": 3, "slipped_lines": 2}
    shop.send("set-manage-stock", sku="C", manage="on")
    shop.send("set-manage-stock", manage="off")
    shop.send("change-threshold", threshold="notify_below", value="inherit", sku="A",
              source="north")
    shop.send("register-customer", customer="Bob", name="Bob")
    shop.send("receive-goods", purchase_order="PO-1", receipt="R-1")
    shop.send("ship-order", order="SO-0", shipment="S-1")
    shop.order_of("SO-9", 1, 1, customer="Zoe")
    assert answers(shop, position) == found
    assert CustomerList(q="onym").answer(shop.models)["total"] == 1
    assert CustomerList(q="onym", names=False).answer(shop.models)["total"] == 0


def test_who_never_ordered_and_was_not_registered_is_unknown(purchasing: Purchasing) -> None:
    for asked, code in (
        (CustomerOverview(customer="NOBODY"), "unknown_customer"),
        (VendorStatus(vendor="NOBODY"), "unknown_vendor"),
    ):
        with pytest.raises(Refusal) as refused:
            asked.answer(purchasing.models)
        assert refused.value.code == code
