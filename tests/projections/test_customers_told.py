"""Rule 5.5: what customers are told of, by how many days, and once."""

from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stocktrail.projections.verify import verify
from tests.projections.customers_told import CustomersTold
from tests.projections.purchasing import Purchasing, day, number_of
from tests.projections.test_promises_whatever_happens import open_shop
from tests.projections.test_read_models_agree import wish

Told = list[tuple[str, int | None, int | None, int | None]]


def told_of(shop: Purchasing, name: str) -> Told:
    """List what the customer of an order was told: the kind, instead of which day, which, and days.
    """
    return [
        (row["kind"], number_of(row["told_date"]), number_of(row["new_date"]), row["days"])
        for row in shop.notices() if row.get("order") == name
    ]


def promise(shop: Purchasing, *days: int | None) -> None:
    """Let an order wait, and promise it for one day after the other; ``None`` cancels its date."""
    shop.order_of("SO-1", 5, 0)
    bought = ""
    for number, wanted in enumerate(days):
        if wanted is None:
            shop.send("cancel-purchase-order", purchase_order=bought)
            bought = ""
        elif bought:
            shop.delay(bought, wanted)
        else:
            bought = f"PO-{number}"
            shop.buy(bought, 5, wanted)


@pytest.mark.parametrize(
    ("days", "told", "slips", "net"),
    [
        ((5, 15), [("slip", 5, 15, 10)], 1, 10),
        ((5, 15, 10), [("slip", 5, 15, 10)], 1, 5),
        ((5, 15, 10, 13), [("slip", 5, 15, 10)], 1, 8),
        ((5, 15, 10, 17), [("slip", 5, 15, 10), ("slip", 15, 17, 2)], 2, 12),
        ((5, 3), [], 0, 0),
        ((5, 3, 5), [], 0, 0),
        ((5, 3, 6), [("slip", 5, 6, 1)], 1, 1),
        ((5, None), [("slip", 5, None, None)], 1, 0),
        ((5, 3, None), [("slip", 5, None, None)], 1, 0),
        ((5, None, 5), [("slip", 5, None, None), ("promise_found", 5, 5, 0)], 1, 0),
        ((5, None, 4), [("slip", 5, None, None), ("promise_found", 5, 4, -1)], 1, 0),
        (
            (5, 15, None, 27),
            [("slip", 5, 15, 10), ("slip", 15, None, None), ("promise_found", 15, 27, 12)], 3, 22,
        ),
        (
            (5, None, 9, None, 8),
            [
                ("slip", 5, None, None), ("promise_found", 5, 9, 4), ("slip", 9, None, None),
                ("promise_found", 9, 8, -1),
            ],
            3, 3,
        ),
    ],
)
def test_a_line_slips_from_the_date_last_told_and_its_days_are_net(
    purchasing: Purchasing, days: tuple[int | None, ...], told: Told, slips: int, net: int
) -> None:
    promise(purchasing, *days)
    assert told_of(purchasing, "SO-1") == told
    [row] = purchasing.ask("customer")
    assert (row["slips"], row["days_slipped"], row["lost"]) == (slips, net, days[-1] is None)
    [line] = purchasing.order("SO-1")["lines"]
    assert (line["slips"], line["days_slipped"], line["lost"]) == (slips, net, days[-1] is None)
    known = purchasing.page("customer")
    purchasing.send("register-product", sku="B")
    assert purchasing.page("customer", as_of=known["as_of"]) == known
    purchasing.models.rebuild()
    assert told_of(purchasing, "SO-1") == told
    assert verify(purchasing.models).findings == []


def test_the_first_date_of_a_line_that_had_none_is_its_first_promise_and_tells_nothing(
    purchasing: Purchasing,
) -> None:
    purchasing.order_of("SO-1", 5, 0)
    assert purchasing.promised() == {"SO-1": None}
    purchasing.buy("PO-1", 5, 20)
    purchasing.delay("PO-1", 21)
    assert told_of(purchasing, "SO-1") == [("slip", 20, 21, 1)]


def test_lines_that_ship_together_slip_together(purchasing: Purchasing) -> None:
    purchasing.carry_none("B")
    purchasing.send("place-order", order="SO-1", customer="Cy", ship_policy="complete", lines=[
        {"sku": sku, "quantity": 2, "requested_date": day(1)} for sku in "AB"
    ])
    purchasing.buy("PO-A", 2, 3)
    purchasing.buy("PO-B", 2, 6, sku="B")
    purchasing.delay("PO-A", 5)
    assert told_of(purchasing, "SO-1") == []
    purchasing.send("cancel-purchase-order", purchase_order="PO-A")
    purchasing.buy("PO-C", 2, 8)
    told: Told = [("slip", 6, None, None), ("promise_found", 6, 8, 2)]
    assert sorted(told_of(purchasing, "SO-1")) == sorted(told * 2)
    assert {(row["slips"], row["days_slipped"]) for row in purchasing.ask("customer")} == {(2, 2)}


def test_a_date_that_only_a_day_made_later_is_told_once_its_receipt_is_certain_again(
    purchasing: Purchasing,
) -> None:
    purchasing.order_of("SO-1", 5, 0)
    purchasing.buy("PO-1", 5, 2)
    purchasing.on_day(4)
    purchasing.send("register-product", sku="B")
    assert purchasing.promised() == {"SO-1": 5}
    assert told_of(purchasing, "SO-1") == []
    purchasing.delay("PO-1", 5)
    assert told_of(purchasing, "SO-1") == [("slip", 2, 5, 3)]


def test_goods_that_come_late_tell_nothing_more(purchasing: Purchasing) -> None:
    purchasing.order_of("SO-1", 5, 0)
    purchasing.buy("PO-1", 5, 2)
    purchasing.on_day(4)
    purchasing.send("receive-goods", purchase_order="PO-1", receipt="R-1")
    assert told_of(purchasing, "SO-1") == []


@pytest.mark.parametrize(("loses", "finds", "cause"), [
    (
        ("disable-source", {"source": "default"}), ("enable-source", {"source": "default"}),
        "Source default disabled.",
    ),
    (
        ("set-stock-status", {"sku": "A", "status": "out_of_stock"}),
        ("set-stock-status", {"sku": "A", "status": "in_stock"}),
        "Status at source default set to out_of_stock.",
    ),
])
def test_a_date_is_lost_while_its_receipt_can_help_nobody(
    purchasing: Purchasing, loses: tuple[str, dict[str, str]], finds: tuple[str, dict[str, str]],
    cause: str,
) -> None:
    promise(purchasing, 5)
    purchasing.send(loses[0], **loses[1])
    [slip] = [notice for notice in purchasing.notices() if notice["kind"] == "slip"]
    assert (slip["told_date"], slip["new_date"]) == (day(5), None)
    assert slip["cause"]["sentence"] == cause
    purchasing.send(finds[0], **finds[1])
    assert told_of(purchasing, "SO-1") == [("slip", 5, None, None), ("promise_found", 5, 5, 0)]
    [row] = purchasing.ask("customer")
    assert (row["promise_date"], row["slips"], row["days_slipped"]) == (day(5), 1, 0)


def test_lost_dates_are_sorted_as_the_worst(purchasing: Purchasing) -> None:
    for name, days in (("SO-1", 3), ("SO-2", 4), ("SO-3", 5)):
        purchasing.order_of(name, 2, 1)
        purchasing.buy(name.replace("SO", "PO"), 2, days)
    purchasing.delay("PO-2", 8)
    purchasing.send("cancel-purchase-order", purchase_order="PO-3")
    for sort, orders in (
        ("-days_slipped", ["SO-3", "SO-2", "SO-1"]), ("days_slipped", ["SO-1", "SO-2", "SO-3"]),
        ("-promise_date", ["SO-3", "SO-2", "SO-1"]), ("promise_date", ["SO-1", "SO-2", "SO-3"]),
    ):
        rows = purchasing.ask("customer", sort=sort)
        assert [row["order"] for row in rows] == orders


expected = st.integers(-2, 9).map(day)
purchases = st.sampled_from(("PO-1", "PO-2", "PO-3"))
whatever_vendors_do = st.one_of(
    wish("delay-purchase-order", purchase_order=purchases, expected_date=expected),
    wish("delay-purchase-order", purchase_order=purchases, expected_date=expected),
    wish("cancel-purchase-order", purchase_order=purchases),
    wish("place-purchase-order", purchase_order=st.uuids().map(str), vendor=st.just("V"),
         lines=expected.map(lambda day: [{"sku": "A", "quantity": 5, "expected_date": day}])),
    wish("receive-goods", purchase_order=purchases, receipt=st.uuids().map(str)),
    wish("place-order", order=st.uuids().map(str), customer=st.just("VIP"),
         priority=st.sampled_from((1, 9)), lines=st.just([{"sku": "A", "quantity": 2}])),
    wish("set-promise-rules", overdue_offset_days=st.integers(0, 3)),
    wish("set-manage-stock", manage=st.sampled_from(("on", "off")), sku=st.just("A")),
    wish("disable-source", source=st.just("default")),
    wish("enable-source", source=st.just("default")),
    wish("set-stock-status", sku=st.just("A"),
         status=st.sampled_from(("in_stock", "out_of_stock"))),
)


def waiting_shop(folder: str) -> Purchasing:
    """Open a shop in which three orders wait for three purchase orders, one order only whole."""
    shop = open_shop(folder)
    for sku in "AB":
        for source in ("default", "berlin", "boston"):
            shop.send("count-stock", sku=sku, counted=0, source=source)
    shop.order_of("SO-1", 5, 1)
    shop.order_of("SO-2", 4, 2)
    shop.send("place-order", order="SO-3", customer="Cy", ship_policy="complete", lines=[
        {"sku": sku, "quantity": 3, "requested_date": day(1)} for sku in "AB"
    ])
    shop.buy("PO-1", 6, 2)
    shop.buy("PO-2", 6, 4)
    shop.buy("PO-3", 3, 3, sku="B")
    return shop


together = st.lists(whatever_vendors_do, min_size=1, max_size=3)
steps = st.tuples(st.sampled_from((0, 0, 1, 2)), together)


@given(st.lists(steps, min_size=3, max_size=7))
def test_customers_are_told_of_every_slip_and_of_every_date_that_is_found_again(
    drawn: list[tuple[int, list[dict[str, Any]]]],
) -> None:
    with TemporaryDirectory() as folder:
        shop = waiting_shop(folder)
        told, noticed = CustomersTold(), shop.notices()
        told.begin(shop.ask("customer"))
        for passed, wished in drawn:
            shop.on_day(shop.today + passed)
            for unit in shop.units_of(wished):
                before = shop.ask("customer")
                shop.try_together(unit)
                already, noticed = noticed, shop.notices()
                told.follow(before, shop.ask("customer"), noticed[len(already):])
        assert verify(shop.models).findings == []
        shop.ledger.close()
