"""Rule 5.3: what rests on an overdue receipt is uncertain, and no date to tell a customer."""

from datetime import timedelta
from typing import Any

import pytest

from stocktrail.ledger.quantity import parse_quantity
from stocktrail.projections.answers.backorder_views.filters import Filters
from stocktrail.projections.questions.flow import flow
from stocktrail.projections.questions.promise import promise
from stocktrail.projections.verify import verify
from tests.projections.purchasing import DAY_0, Purchasing, day

OVERDUE = {
    "purchase_order": "PO-1", "purchase_line": 1, "expected_date": day(2), "days_overdue": 3,
}


@pytest.fixture
def late(purchasing: Purchasing) -> Purchasing:
    """Three orders wait: two for a receipt that is overdue on day 5, one for a later one."""
    purchasing.order_of("SO-1", 5, 1)
    purchasing.order_of("SO-2", 4, 2)
    purchasing.order_of("SO-3", 2, 3)
    purchasing.buy("PO-1", 6, 2)
    purchasing.buy("PO-2", 9, 7)
    return purchasing


def uncertain(shop: Purchasing, today: int, **asked: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the orders whose promises are uncertain, with the overdue receipts."""
    return {
        row["order"]: row["overdue_receipts"]
        for row in shop.ask("customer", today=today, **asked) if row["uncertain"]
    }


def test_whatever_rests_on_an_overdue_receipt_is_uncertain(late: Purchasing) -> None:
    assert uncertain(late, today=2) == {}
    assert uncertain(late, today=5) == {"SO-1": [OVERDUE], "SO-2": [OVERDUE]}
    [line] = late.order("SO-2", today=DAY_0 + timedelta(days=5))["lines"]
    assert (line["promise_date"], line["uncertain"]) == (day(7), True)
    assert line["overdue_receipts"] == [OVERDUE]
    assert [(part["promise_date"], part["uncertain"]) for part in line["promises"]] == [
        (day(6), True), (day(7), False),
    ]
    [of_1, of_2] = late.ask("vendor", today=5)
    assert [each["uncertain"] for each in of_1["waiting"]] == [True, True]
    assert [each["uncertain"] for each in of_2["waiting"]] == [True, False]
    [item] = late.ask("item", today=5)
    assert (item["uncertain"], item["overdue_receipts"]) == (True, [OVERDUE])
    assert (item["first_promise_date"], item["first_promise_uncertain"]) == (day(6), True)
    assert (item["last_promise_date"], item["last_promise_uncertain"]) == (day(7), True)


def test_uncertain_promises_have_a_filter_of_their_own(late: Purchasing) -> None:
    late.carry_none("B")
    late.order_of("SO-4", 1, 1, sku="B")
    late.buy("PO-3", 1, 9, sku="B")
    late.buy("PO-4", 1, 2, sku="B")
    only = Filters(uncertain=True)
    for today, orders, receipts, items in (
        (2, [], [], []), (5, ["SO-1", "SO-2", "SO-4"], ["PO-1", "PO-4"], ["A", "B"]),
    ):
        assert [row["order"] for row in late.ask("customer", only, today=today)] == orders
        assert [row["purchase_order"] for row in late.ask("vendor", only, today=today)] == receipts
        assert [row["sku"] for row in late.ask("item", only, today=today)] == items
    late.on_day(5)
    late.send("receive-stock", sku="B", quantity=1)
    assert [row["order"] for row in late.ask("customer", only)] == ["SO-1", "SO-2"]
    assert [row["purchase_order"] for row in late.ask("vendor", only)] == ["PO-1"]
    assert [row["sku"] for row in late.ask("item", only)] == ["A"]
    assert [row["order"] for row in late.ask("customer", sort="-uncertain")][:2] == ["SO-1", "SO-2"]


def test_a_whole_order_is_uncertain_with_any_of_its_lines(purchasing: Purchasing) -> None:
    purchasing.carry_none("B")
    purchasing.send("place-order", order="SO-1", customer="Cy", ship_policy="complete", lines=[
        {"sku": sku, "quantity": 2, "requested_date": day(1)} for sku in "AB"
    ])
    purchasing.buy("PO-1", 2, 2)
    purchasing.buy("PO-2", 2, 9, sku="B")
    [first, second] = purchasing.ask("customer", today=5)
    assert (first["promise_date"], second["promise_date"]) == (day(9), day(9))
    assert first["overdue_receipts"] == second["overdue_receipts"] == [OVERDUE]
    for today in (0, 5):
        asked = purchasing.ask("customer", Filters(uncertain=True), today=today)
        assert [row["line"] for row in asked] == ([1, 2] if today else [])
    position = purchasing.ledger.head().position
    known = purchasing.page("customer", today=5)
    purchasing.send("receive-stock", sku="A", quantity=2)
    assert uncertain(purchasing, today=5) == {}
    assert purchasing.page("customer", today=5, as_of=position) == known


def test_as_of_an_earlier_moment_it_is_as_uncertain_as_it_was_then(late: Purchasing) -> None:
    position = late.ledger.head().position
    known = {today: late.page("customer", today=today) for today in (2, 5)}
    late.delay("PO-1", 8)
    assert uncertain(late, today=5) == {}
    for today, page in known.items():
        assert late.page("customer", today=today, as_of=position) == page
    assert uncertain(late, today=5, as_of=position) == {"SO-1": [OVERDUE], "SO-2": [OVERDUE]}


def test_flows_promises_and_explanations_mark_it(late: Purchasing) -> None:
    late.on_day(5)
    today = DAY_0 + timedelta(days=5)
    sales = [row for row in flow(late.models, "A", today=today)["rows"] if "order" in row]
    assert {row["order"]: row["uncertain"] for row in sales} == {
        "SO-1": True, "SO-2": True, "SO-3": False,
    }
    found = promise(late.models, "A", parse_quantity("4"), today=today)
    assert (found["first_date"], found["uncertain"]) == (day(7), True)
    assert found["overdue_receipts"] == [OVERDUE]
    late.delay("PO-1", 6)
    found = promise(late.models, "A", parse_quantity("4"), today=today)
    assert (found["first_date"], found["uncertain"]) == (day(7), False)
    late.on_day(8)
    why = late.explain("SO-1")
    assert why["uncertain"] is True
    assert "That is uncertain, and no date to tell a customer: it rests on line 1 of purchase " \
        "order PO-1 (2 days overdue)." in why["sentences"]
    late.send("set-promise-rules", overdue_offset_days=1)
    assert "it is counted 1 day after today" in " ".join(late.explain("SO-1")["sentences"])


def test_a_slip_to_an_uncertain_date_says_so(late: Purchasing) -> None:
    late.on_day(5)
    late.send("cancel-purchase-order", purchase_order="PO-2")
    late.buy("PO-3", 9, 1)
    notices = {row["order"]: row for row in late.notices() if row["kind"] == "promise_found"}
    assert {order: row["uncertain"] for order, row in notices.items()} == {
        "SO-2": True, "SO-3": True,
    }
    assert [each["purchase_order"] for each in notices["SO-2"]["overdue_receipts"]] == [
        "PO-3", "PO-1",
    ]
    assert verify(late.models).findings == []
