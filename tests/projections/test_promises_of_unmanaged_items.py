"""Rule 2.4: while an item is not managed its older open lines wait for nothing, and then again."""

from datetime import timedelta
from typing import Any

import pytest

from stocktrail.projections.answers.backorder_views.filters import Filters
from stocktrail.projections.questions.explain_order import explain_order
from stocktrail.projections.questions.explain_promise import explain_promise
from stocktrail.projections.verify import verify
from tests.projections.purchasing import DAY_0, Purchasing, day


def manage(shop: Purchasing, switch: str, **fields: Any) -> int:
    """Switch the counting of stock on or off, for item A unless nothing is named."""
    return shop.send("set-manage-stock", manage=switch, **(fields or {"sku": "A"}))


@pytest.fixture
def waiting(purchasing: Purchasing) -> Purchasing:
    """Three are there, ten are wanted, two are to come, and so five are uncovered."""
    purchasing.send("receive-stock", sku="A", quantity=3)
    purchasing.order_of("SO-1", 4, 2)
    purchasing.order_of("SO-2", 6, 9)
    purchasing.buy("PO-1", 2, 5)
    return purchasing


def explained(shop: Purchasing, name: str, line: int, today: int = 0) -> dict[str, Any]:
    """Return why a line of an order is promised what it is."""
    return explain_promise(shop.models, name, line, today=DAY_0 + timedelta(days=today))


def open_line(shop: Purchasing, name: str) -> dict[str, Any]:
    """Return the only line of an order, as the view by customer shows it."""
    [row] = [row for row in shop.ask("customer") if row["order"] == name]
    return row


def test_older_lines_are_ready_today_and_nothing_of_them_is_uncovered(waiting: Purchasing) -> None:
    assert open_line(waiting, "SO-2")["uncovered"] == 5
    manage(waiting, "off")
    for name, requested in (("SO-1", 2), ("SO-2", 9)):
        row = open_line(waiting, name)
        assert (row["uncovered"], row["pegged_to"], row["late"]) == (0, [], False)
        assert (row["ready_date"], row["promise_date"]) == (day(0), day(requested))
    [line] = waiting.order("SO-2", today=DAY_0)["lines"]
    assert line["promises"] == [{
        **line["promises"][0], "quantity": 6, "ready_date": day(0), "promise_date": day(9),
        "purchase_order": None,
    }]
    assert (line["uncovered"], line["promise_date"]) == (0, day(9))


def test_they_are_neither_suggested_to_be_ordered_nor_counted_as_waiting(
    waiting: Purchasing
) -> None:
    [before] = waiting.ask("item")
    assert (before["suggested_order_quantity"], before["customers_waiting"]) == (6, 2)
    manage(waiting, "off")
    [row] = waiting.ask("item")
    assert (row["uncovered"], row["suggested_order_quantity"]) == (0, 0)
    assert (row["sales_orders_waiting"], row["customers_waiting"]) == (0, 0)
    assert (row["oldest_requested_date"], row["last_promise_date"]) == (None, None)
    for column in ("customers_waiting", "uncovered", "last_promise_date"):
        assert waiting.ask("item", sort=column) == [row]
    assert waiting.ask("item", Filters(uncovered=True)) == []
    assert waiting.ask("customer", Filters(waiting=True)) == []
    [receipt] = waiting.ask("vendor")
    assert (receipt["pegged"], receipt["waiting"]) == (0, [])


@pytest.mark.parametrize("of", [{"sku": "A"}, {"sku": None}])
def test_switched_on_again_they_wait_as_before(waiting: Purchasing, of: dict[str, Any]) -> None:
    before = {name: open_line(waiting, name) for name in ("SO-1", "SO-2")}
    manage(waiting, "off", **of)
    assert waiting.promised() == {"SO-1": 2, "SO-2": 9}
    manage(waiting, "on", **of)
    for name, then in before.items():
        now = open_line(waiting, name)
        for column in ("promise_date", "ready_date", "uncovered", "pegged_to", "allocated"):
            assert now[column] == then[column]


def test_switching_is_a_cause_of_slips_like_any_other(waiting: Purchasing) -> None:
    manage(waiting, "off", sku=None)
    assert waiting.promised() == {"SO-1": 2, "SO-2": 9}
    manage(waiting, "on", sku=None)
    [slip] = [row for row in waiting.notices() if row["kind"] == "slip"]
    assert (slip["order"], slip["told_date"], slip["new_date"]) == ("SO-2", day(9), None)
    assert slip["cause"]["sentence"] == "Managing stock was set to on."


def test_an_items_own_setting_goes_before_that_of_all(waiting: Purchasing) -> None:
    manage(waiting, "on")
    manage(waiting, "off", sku=None)
    assert waiting.promised()["SO-2"] is None
    manage(waiting, "inherit")
    assert waiting.promised()["SO-2"] == 9
    manage(waiting, "on", sku=None)
    assert waiting.promised()["SO-2"] is None


def test_an_item_without_open_lines_remembers_that_it_is_not_managed(
    purchasing: Purchasing
) -> None:
    purchasing.send("receive-stock", sku="A", quantity=1)
    purchasing.order_of("SO-1", 3, 1)
    purchasing.send("cancel-order", order="SO-1")
    manage(purchasing, "off")
    manage(purchasing, "on", sku=None)
    purchasing.models.catch_up()
    purchasing.order_of("SO-2", 3, 1)
    [line] = purchasing.order("SO-2")["lines"]
    assert line["managed"] is False


def test_lines_of_an_order_that_ships_complete_follow_the_one_that_waits_no_more(
    purchasing: Purchasing
) -> None:
    purchasing.send("receive-stock", sku="A", quantity=1)
    purchasing.carry_none("B")
    purchasing.send("place-order", order="SO-1", customer="Ann", ship_policy="complete", lines=[
        {"sku": "A", "quantity": 1, "requested_date": day(1)},
        {"sku": "B", "quantity": 1, "requested_date": day(1)},
    ])
    manage(purchasing, "off", sku="B")
    lines = purchasing.order("SO-1", today=DAY_0)["lines"]
    assert [line["promise_date"] for line in lines] == [day(1), day(1)]
    manage(purchasing, "on", sku="B")
    lines = purchasing.order("SO-1", today=DAY_0)["lines"]
    assert [line["promise_date"] for line in lines] == [None, None]


def test_what_was_ready_is_told_as_of_an_earlier_moment(waiting: Purchasing) -> None:
    off = manage(waiting, "off")
    manage(waiting, "on")
    [then] = waiting.ask("item", as_of=off)
    assert (then["uncovered"], then["customers_waiting"]) == (0, 0)
    [now] = waiting.ask("item")
    assert (now["uncovered"], now["customers_waiting"]) == (5, 2)


def test_why_says_that_it_waits_for_nothing(waiting: Purchasing) -> None:
    manage(waiting, "off")
    said = waiting.explain("SO-2")["sentences"]
    assert (
        "Stock of A is not managed: the line waits for nothing, and can be picked today." in said
    )
    said = explain_order(waiting.models, "SO-2")["sentences"]
    assert not any("waits for 6 units" in sentence for sentence in said)
    assert "Line 1 waits for nothing: stock of A is not managed, and it ships any time." in said


def test_it_is_the_same_after_a_rebuild(waiting: Purchasing) -> None:
    manage(waiting, "off")
    waiting.send("ship-order", order="SO-1", shipment="S-1")
    waiting.send("receive-goods", purchase_order="PO-1", receipt="R-1")
    assert waiting.pegged_from_scratch(["A"])
    verification = verify(waiting.models)
    assert verification.ok, verification.findings


def test_what_was_accepted_unmanaged_ships_any_time_also_when_managed_again(
    purchasing: Purchasing,
) -> None:
    manage(purchasing, "off")
    purchasing.order_of("SO-1", 4, 0)
    purchasing.order_of("SO-2", 6, 9)
    for switch in ("off", "on"):
        manage(purchasing, switch)
        for name, quantity, requested in (("SO-1", 4, 0), ("SO-2", 6, 9)):
            [line] = purchasing.order(name, today=DAY_0)["lines"]
            assert (line["ready_date"], line["promise_date"]) == (day(0), day(requested))
            [part] = line["promises"]
            assert (part["quantity"], part["promise_date"]) == (quantity, day(requested))
            assert (line["uncovered"], line["backordered"]) == (0, 0)
            assert explained(purchasing, name, 1)["promises"] == [part]
    purchasing.send("ship-order", order="SO-1", shipment="S-1")
    [line] = purchasing.order("SO-1", today=DAY_0)["lines"]
    assert (line["promises"], line["promise_date"]) == ([], None)


def test_in_an_order_that_ships_whole_it_waits_for_the_other_lines(purchasing: Purchasing) -> None:
    purchasing.send("register-product", sku="U")
    manage(purchasing, "off", sku="U")
    purchasing.send(
        "place-order", order="SO-1", customer="C-1", ship_policy="complete",
        lines=[{"sku": "U", "quantity": 2}, {"sku": "A", "quantity": 3}],
    )
    assert [line["promise_date"] for line in purchasing.order("SO-1")["lines"]] == [None, None]
    purchasing.buy("PO-1", 3, 5)
    for today, expected, uncertain in ((0, 5, False), (8, 9, True)):
        lines = purchasing.order("SO-1", today=DAY_0 + timedelta(days=today))["lines"]
        assert [line["promise_date"] for line in lines] == [day(expected)] * 2
        assert [line["uncertain"] for line in lines] == [uncertain] * 2
        assert lines[0]["ready_date"] == day(today)
        why = explained(purchasing, "SO-1", 1, today)
        assert (why["promise_date"], why["uncertain"]) == (day(expected), uncertain)
        assert "waits for nothing but the other lines" in why["sentences"][0]
