"""Whatever happens: pegging step by step is pegging from scratch, and the views add up."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stocktrail.ledger.store import open_ledger
from stocktrail.projections.questions.backorders import View
from stocktrail.projections.verify import verify
from tests.projections.customers_told import CustomersTold
from tests.projections.fronts_of_queues import assert_fronts_are_parts_of_queues
from tests.projections.purchasing import DAY_0, Purchasing, day
from tests.projections.test_read_models_agree import (
    POOLS,
    SKUS,
    SOURCES,
    orders,
    part,
    pools,
    quantities,
    skus,
    sources,
    wish,
)

VIEWS: tuple[View, ...] = ("item", "customer", "vendor")
days = st.integers(-3, 12).map(day)
purchases = st.sampled_from(("PO-1", "PO-2", "PO-3", "PO-4"))
ship_policies = st.sampled_from(("partial", "complete"))

buying = st.one_of(
    wish("place-purchase-order", purchase_order=purchases, vendor=st.sampled_from(("V", "W")),
         source=sources, lines=st.lists(
             st.fixed_dictionaries(
                 {"sku": skus, "quantity": quantities}, optional={"expected_date": days}
             ), min_size=1, max_size=2,
         )),
    wish("delay-purchase-order", purchase_order=purchases, expected_date=days),
    wish("confirm-purchase-order", purchase_order=purchases, lines=part),
    wish("receive-goods", purchase_order=purchases, receipt=st.uuids().map(str)),
    wish("receive-goods", purchase_order=purchases, receipt=st.uuids().map(str), lines=part),
    wish("cancel-purchase-order", purchase_order=purchases),
    wish("cancel-purchase-order", purchase_order=purchases, lines=part),
)
wishes = st.one_of(
    wish("place-order", order=orders, customer=st.sampled_from(("Ann", "Bob")), pool=pools,
         priority=st.integers(1, 3), ship_policy=ship_policies, lines=st.lists(
             st.fixed_dictionaries({"sku": skus, "quantity": quantities, "requested_date": days}),
             min_size=1, max_size=3,
         )),
    buying,
    wish("receive-stock", sku=skus, quantity=quantities, source=sources),
    wish("count-stock", sku=skus, counted=quantities, source=sources),
    wish("transfer-stock", sku=skus, quantity=quantities, from_source=sources, to_source=sources),
    wish("set-stock-status", sku=skus, source=sources,
         status=st.sampled_from(("in_stock", "out_of_stock"))),
    wish("cancel-order", order=orders),
    wish("cancel-order", order=orders, lines=part),
    wish("ship-order", order=orders, shipment=st.uuids().map(str)),
    wish("prioritise-order", order=orders, priority=st.integers(1, 3), reason=st.just("drawn")),
    wish("reschedule-order", order=orders, reason=st.just("drawn"), lines=st.fixed_dictionaries(
        {"line": st.just(1), "requested_date": days}).map(lambda line: [line])),
    wish("mark-told", order=orders, how=st.sampled_from(("phone", "e-mail"))),
    wish("allocate-backorders", sku=skus,
         strategy=st.sampled_from(("gain", "redistribute", "fair_share", "lose"))),
    wish("define-pool", pool=pools, sources=st.lists(sources, min_size=1, unique=True)),
    wish("disable-source", source=sources),
    wish("enable-source", source=sources),
    wish("set-manage-stock", sku=skus, manage=st.sampled_from(("on", "off", "inherit"))),
    wish("set-manage-stock", manage=st.sampled_from(("on", "off"))),
    wish("set-promise-rules", overdue_offset_days=st.integers(0, 3)),
    wish("set-time-zone", zone=st.sampled_from(("UTC", "America/Los_Angeles", "Asia/Tokyo"))),
)
steps = st.tuples(st.integers(0, 2), wishes)
"""How many days pass, and then a command."""

units = st.tuples(st.integers(0, 2), st.lists(wishes, min_size=1, max_size=2))
"""How many days pass, and then commands that are recorded together if they can be."""


def open_shop(folder: str) -> Purchasing:
    """Open a shop with two items, three sources and three pools that share them."""
    shop = Purchasing(open_ledger(f"sqlite:///{Path(folder) / 'stocktrail.db'}"))
    shop.allow_backorders()
    for source in SOURCES[1:]:
        shop.send("register-source", source=source)
    shop.send("define-pool", pool="EU", sources=["berlin", "default"])
    shop.send("define-pool", pool="US", sources=["boston", "default"])
    for sku in SKUS:
        shop.carry(sku, 2)
        for source in SOURCES[1:]:
            shop.send("count-stock", sku=sku, counted=1, source=source)
    return shop


@contextmanager
def shop_of_its_own() -> Iterator[Purchasing]:
    """Open such a shop in a folder that goes with it, as each example of a random test needs."""
    with TemporaryDirectory() as folder:
        shop = open_shop(folder)
        yield shop
        shop.ledger.close()


@given(st.lists(units, min_size=4, max_size=10))
def test_pegging_step_by_step_is_pegging_from_scratch(
    drawn: list[tuple[int, list[dict[str, Any]]]],
) -> None:
    with shop_of_its_own() as shop:
        answered: dict[int, list[Any]] = {}
        told, noticed = CustomersTold(), shop.notices()
        for passed, wished in drawn:
            shop.on_day(shop.today + passed)
            for unit in shop.units_of(wished):
                before = shop.ask("customer")
                _, position = shop.try_together(unit)
                already, noticed = noticed, shop.notices()
                told.follow(before, shop.ask("customer"), noticed[len(already):])
                assert list(map(told_of, noticed[: len(already)])) == list(map(told_of, already))
                assert {notice["position"] for notice in noticed[len(already):]} <= {position}
            assert shop.pegged_from_scratch(SKUS)
            assert_no_receipt_is_promised_twice(shop)
            for today in (shop.today, shop.today + 3):
                assert_whole_orders_promise_one_date(shop, today)
            assert_views_add_up(shop)
            answered[position] = [shop.page(by) for by in VIEWS]
        for number in (shop.today, shop.today + 3):
            assert_fronts_are_parts_of_queues(
                shop.models, SKUS, DAY_0 + timedelta(days=number)
            )
        assert_history_explains_the_slips(shop)
        live = verify(shop.models)
        assert live.findings == []
        shop.models.rebuild()
        assert verify(shop.models).digests == live.digests
        position = max(answered)
        assert answered[position] == [shop.page(by, as_of=position) for by in VIEWS]


def assert_no_receipt_is_promised_twice(shop: Purchasing) -> None:
    """See that no receipt is pegged beyond what is open, and no line beyond what it waits for."""
    for row in shop.ask("vendor"):
        assert 0 <= row["pegged"] <= row["remaining"]
        assert row["pegged"] == sum(waiting["quantity"] for waiting in row["waiting"])
    for row in shop.ask("customer"):
        pegged = sum(peg["quantity"] for peg in row["pegged_to"])
        managed = shop.stock(row["sku"])["settings"]["manage_stock"]["value"] == "on"
        assert pegged + row["uncovered"] == (row["backordered"] if managed else 0)
        if row["ship_policy"] == "partial":
            own = None if row["uncovered"] else max(row["requested_date"], row["ready_date"])
            assert row["promise_date"] == own


def assert_whole_orders_promise_one_date(shop: Purchasing, today: int) -> None:
    """See that an order that ships complete promises the latest date that any line has."""
    rows = [row for row in shop.ask("customer", today=today) if row["ship_policy"] == "complete"]
    for name in {row["order"] for row in rows}:
        lines = [row for row in rows if row["order"] == name]
        uncovered = any(row["uncovered"] for row in lines)
        latest = max(max(row["requested_date"], row["ready_date"] or "") for row in lines)
        assert {row["promise_date"] for row in lines} == {None if uncovered else latest}


def assert_views_add_up(shop: Purchasing) -> None:
    """See that all views and the stock report count the same units."""
    lines, receipts = shop.ask("customer"), shop.ask("vendor")
    for item in shop.ask("item"):
        own = [line for line in lines if line["sku"] == item["sku"]]
        stocks = [shop.stock(item["sku"], pool) for pool in POOLS]
        assert item["open_demand"] == sum(line["remaining"] for line in own)
        assert item["open_demand"] == sum(stock["demand"] for stock in stocks)
        assert item["allocated"] == sum(line["allocated"] for line in own)
        assert item["allocated"] == sum(stock["allocated"] for stock in stocks)
        assert item["backordered"] == sum(stock["backordered"] for stock in stocks)
        assert item["uncovered"] == sum(line["uncovered"] for line in own)
        assert item["open_supply"] == sum(
            receipt["remaining"] for receipt in receipts if receipt["sku"] == item["sku"]
        )


def told_of(notice: dict[str, Any]) -> dict[str, Any]:
    """Keep of a notice what never changes any more: not whether it stands."""
    return {name: value for name, value in notice.items() if not name.startswith("cleared")}


def assert_history_explains_the_slips(shop: Purchasing) -> None:
    """See that every notice has its cause, and every open line the slips of its history."""
    told = [notice for notice in shop.notices() if notice["kind"] != "low_stock"]
    assert all(notice["cause"]["sentence"] for notice in told)
    for row in shop.ask("customer"):
        changes = shop.explain(row["order"], row["line"])["changes"]
        assert row["slips"] == sum(change["slip"] for change in changes)
        assert len([change for change in changes if change["notice"]]) == len([
            notice for notice in told
            if (notice["order"], notice["line"]) == (row["order"], row["line"])
        ])
