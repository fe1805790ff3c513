"""Purchase orders on a real ledger: placed, confirmed, delayed, received and cancelled."""

from datetime import date

import pytest

from stocktrail.ledger.purchase_orders.events import PurchaseLineTerms, PurchaseOrderPlaced
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.store import Ledger
from tests.commands.purchasing_scenes import (
    about,
    expected,
    goods,
    line,
    purchase,
    to_come,
    vendor_order,
)
from tests.commands.scenes import (
    Command,
    backorders,
    given,
    levels,
    on_hand,
    order,
    pool,
    product,
    receive,
    send,
    source,
    types,
    waiting,
    when,
)

SHOP = [
    product("A"), product("B", decimal=True), source("berlin"), backorders(),
    purchase("PO-1", 10, line(7, sku="B", quantity="2.5", expected_date="2026-03-20")),
]


def test_placed_for_a_source_with_lines_by_number(ledger: Ledger) -> None:
    given(ledger, product("A"), source("berlin"))
    result = when(ledger, **purchase(
        "PO-1", 10, line(7, sku="A", quantity=5, expected_date="2026-03-20"), source="berlin"
    ))
    assert result.status == "accepted"
    assert types(result) == ["PurchaseOrderPlaced", "SourceItemCreated"]
    assert result.events[0]["stream"] == "purchase-order/PO-1"
    assert to_come(ledger) == {1: 10, 7: 5}
    assert expected(ledger) == {1: "2026-03-14", 7: "2026-03-20"}
    assert (vendor_order(ledger).vendor, vendor_order(ledger).source) == ("Acme", "berlin")


def test_a_vendor_is_a_name_however_badly_another_system_wrote_it(ledger: Ledger) -> None:
    given(ledger, product("A"), purchase("PO-1", 1, vendor="Gro\u00c3\u009fm\u00c3\u00a4rkte AG"))
    assert vendor_order(ledger).vendor == "Gro\u00c3\u009fm\u00c3\u00a4rkte AG"
    for never in ("", "Acme\x00"):
        assert when(ledger, **purchase("PO-2", 1, vendor=never)).status == "invalid"


def test_what_is_ordered_is_not_on_hand_and_sells_nothing(ledger: Ledger) -> None:
    given(ledger, *SHOP)
    assert on_hand(ledger, "A") == {"default": 0}
    assert levels(ledger, "A").supply == 0


def test_confirmed_as_ordered_then_with_other_dates_and_quantities(ledger: Ledger) -> None:
    given(ledger, *SHOP)
    assert types(when(ledger, **about("confirm"))) == ["PurchaseOrderConfirmed"]
    assert vendor_order(ledger).confirmed
    result = when(ledger, **about(
        "confirm", expected_date="2026-03-16", reason="letter 4711", lines=[
            line(1, quantity=8), line(7, expected_date="2026-03-30", quantity="2.25"),
        ],
    ))
    assert types(result) == ["PurchaseOrderConfirmed"]
    assert result.events[0]["data"]["reason"] == "letter 4711"
    assert to_come(ledger) == {1: 8, 7: 2.25}
    assert expected(ledger) == {1: "2026-03-16", 7: "2026-03-30"}


def test_delayed_with_a_reason_whole_or_by_line(ledger: Ledger) -> None:
    given(ledger, *SHOP)
    late = when(ledger, **about("delay", expected_date="2026-03-25", reason="strike"))
    assert types(late) == ["PurchaseOrderDelayed"]
    assert late.events[0]["data"]["reason"] == "strike"
    assert expected(ledger) == {1: "2026-03-25", 7: "2026-03-25"}
    given(ledger, about("delay", reason="storm", lines=[
        line(7, expected_date="2026-04-01", quantity=2)
    ]))
    assert expected(ledger) == {1: "2026-03-25", 7: "2026-04-01"}
    assert to_come(ledger) == {1: 10, 7: 2}


def test_only_open_lines_are_delayed_when_none_is_named(ledger: Ledger) -> None:
    given(ledger, *SHOP, goods(lines=[line(1)]), about("delay", expected_date="2026-03-25"))
    assert expected(ledger) == {1: "2026-03-14", 7: "2026-03-25"}


@pytest.mark.parametrize("again", [
    about("confirm"),
    about("confirm", lines=[line(1, quantity=10)]),
    about("delay", expected_date="2026-03-14", lines=[line(1)]),
])
def test_the_same_again_changes_nothing(ledger: Ledger, again: Command) -> None:
    given(ledger, *SHOP, about("confirm"))
    head = ledger.head()
    result = when(ledger, **again)
    assert (result.status, result.events) == ("accepted", [])
    assert ledger.head().position == head.position


# ------------------------------------------------------------------ receiving


def test_goods_are_put_on_hand_and_serve_the_queue_in_the_same_transaction(
    ledger: Ledger,
) -> None:
    given(ledger, *SHOP, {"command": "count-stock", "sku": "A", "counted": 0})
    given(ledger, order("SO-1", 6), order("SO-2", 3, priority=1))
    result = when(ledger, **goods(lines=[line(1, quantity=7)]))
    assert types(result) == [
        "PurchaseOrderReceived", "GoodsReceived", "BackorderAllocated", "BackorderAllocated",
    ]
    assert [event["data"].get("order") for event in result.events[2:]] == ["SO-2", "SO-1"]
    assert on_hand(ledger, "A") == {"default": 7}
    assert waiting(ledger, "A") == {("SO-1", 1): (4, 2), ("SO-2", 1): (3, 0)}
    assert to_come(ledger) == {1: 3, 7: 2.5}
    assert len({event["command_id"] for event in result.events}) == 1


def test_all_that_is_open_is_received_unless_lines_are_named(ledger: Ledger) -> None:
    given(ledger, *SHOP, goods("GR-1", lines=[line(1, quantity=4)]))
    result = when(ledger, **goods("GR-2"))
    assert types(result) == ["PurchaseOrderReceived", "GoodsReceived", "GoodsReceived"]
    assert (on_hand(ledger, "A"), on_hand(ledger, "B")) == ({"default": 10}, {"default": 2.5})
    assert to_come(ledger) == {1: 0, 7: 0}


def test_goods_may_arrive_at_another_source(ledger: Ledger) -> None:
    given(ledger, *SHOP, pool("north", "berlin"), receive(1, source="berlin"))
    given(ledger, order("SO-N", 4, pool="north"), goods(source="berlin", lines=[line(1)]))
    assert on_hand(ledger, "A") == {"default": 0, "berlin": 11}
    assert waiting(ledger, "A") == {("SO-N", 1): (4, 0)}


def test_more_than_was_ordered_is_accepted_and_flagged(ledger: Ledger) -> None:
    given(ledger, *SHOP)
    result = when(ledger, **goods(lines=[line(1, quantity=13)]))
    assert result.status == "accepted"
    assert list(result.messages) == [
        "3 of A on line 1 of purchase order PO-1 are more than was ordered."
    ]
    assert [event["data"].get("over") for event in result.events] == [None, 3]
    assert result.events[0]["data"]["lines"][0]["over"] == 3
    assert on_hand(ledger, "A") == {"default": 13}
    assert to_come(ledger) == {1: 0, 7: 2.5}


def test_two_lines_of_one_item_arrive_together(ledger: Ledger) -> None:
    given(ledger, product(), backorders(), purchase("PO-1", 3, 4), receive(1))
    given(ledger, order("SO-1", 9))
    result = when(ledger, **goods())
    assert types(result) == [
        "PurchaseOrderReceived", "GoodsReceived", "GoodsReceived", "BackorderAllocated",
    ]
    assert waiting(ledger, "A") == {("SO-1", 1): (8, 1)}


def test_the_same_receipt_twice_changes_nothing(ledger: Ledger) -> None:
    given(ledger, *SHOP)
    arrived = goods("GR-1", lines=[line(1, quantity=4)])
    first, again = send(ledger, {**arrived, "id": "one"}, {**arrived, "id": "two"})
    assert (first.status, again.status) == ("accepted", "duplicate")
    assert again.events == first.events
    other = when(ledger, **goods("GR-1", lines=[line(1, quantity=5)]))
    assert (other.status, other.code) == ("rejected", "already_exists")
    assert other.details == {"purchase_order": "PO-1", "receipt": "GR-1"}
    assert on_hand(ledger, "A") == {"default": 4}


def test_the_same_purchase_order_twice_changes_nothing(ledger: Ledger) -> None:
    given(ledger, *SHOP[:-1])
    first, again, other = send(
        ledger, {**SHOP[-1], "id": "one"}, {**SHOP[-1], "id": "two"},
        {**SHOP[-1], "id": "three", "vendor": "Other"},
    )
    assert [first.status, again.status] == ["accepted", "duplicate"]
    assert (other.status, other.code) == ("rejected", "already_exists")


# ------------------------------------------------------------------ cancelling


def test_cancelled_in_part_by_line_and_whole(ledger: Ledger) -> None:
    given(ledger, *SHOP, about("cancel", reason="too many", lines=[line(1, quantity=4)]))
    assert to_come(ledger) == {1: 6, 7: 2.5}
    given(ledger, about("cancel", lines=[line(7)]))
    assert to_come(ledger) == {1: 6, 7: 0}
    given(ledger, about("cancel"))
    assert to_come(ledger) == {1: 0, 7: 0}
    again = when(ledger, **about("cancel", id="again"))
    assert (again.status, again.events) == ("accepted", [])


def test_what_has_come_stays_when_the_rest_is_cancelled(ledger: Ledger) -> None:
    given(ledger, *SHOP, goods(lines=[line(1, quantity=4)]), about("cancel"))
    assert on_hand(ledger, "A") == {"default": 4}
    refused = when(ledger, **about("cancel", id="again"))
    assert (refused.code, refused.details["remaining"]) == ("not_enough_remaining", 0)


def test_promise_rules_are_set_once(ledger: Ledger) -> None:
    result = when(ledger, command="set-promise-rules", overdue_offset_days=3)
    assert types(result) == ["PromiseRulesChanged"]
    again = when(ledger, command="set-promise-rules", overdue_offset_days=3, id="again")
    assert (again.status, again.events) == ("accepted", [])
    invalid = when(ledger, command="set-promise-rules", overdue_offset_days=-1)
    assert invalid.status == "invalid"


UNDATED = {"sku": "A", "quantity": 10}


def test_a_line_without_an_expected_date_is_undated_until_it_is_confirmed(ledger: Ledger) -> None:
    given(ledger, product("A"), purchase("PO-1", UNDATED, 5))
    assert expected(ledger) == {1: None, 2: "2026-03-14"}
    given(ledger, about("confirm"))
    assert expected(ledger) == {1: None, 2: "2026-03-14"}
    given(ledger, about("confirm", lines=[line(1, expected_date="2026-03-20")]))
    assert expected(ledger) == {1: "2026-03-20", 2: "2026-03-14"}


def test_an_undated_line_is_received_like_any_other(ledger: Ledger) -> None:
    given(ledger, product("A"), purchase("PO-1", UNDATED), goods())
    assert on_hand(ledger, "A") == {"default": 10}
    assert to_come(ledger) == {1: 0}


def test_written_out_as_null_or_left_out_it_is_the_same_purchase_order(ledger: Ledger) -> None:
    given(ledger, product("A"), purchase("PO-1", UNDATED))
    again = when(ledger, **purchase("PO-1", {**UNDATED, "expected_date": None}))
    assert again.status == "duplicate"


def test_goods_that_come_make_an_item_sellable(ledger: Ledger) -> None:
    given(ledger, product("A"), product("B"), source("berlin"), pool("EU", "berlin"), backorders())
    assert when(ledger, **order("SO-1", 1, pool="EU")).code == "not_assigned_to_pool"
    result = when(ledger, **purchase(
        "PO-1", 10, 5, {"sku": "B", "quantity": 1}, source="berlin"
    ))
    assert types(result) == ["PurchaseOrderPlaced", "SourceItemCreated", "SourceItemCreated"]
    assert on_hand(ledger, "A") == on_hand(ledger, "B") == {"berlin": 0}
    given(ledger, order("SO-1", 4, pool="EU"))
    assert waiting(ledger, "A") == {("SO-1", 1): (0, 4)}
    assert types(when(ledger, **purchase("PO-2", 1, source="berlin"))) == ["PurchaseOrderPlaced"]


def test_goods_that_come_are_sold_before_they_are_there_only_as_backorders(
    ledger: Ledger
) -> None:
    given(ledger, product("A"), purchase("PO-1", 10))
    assert when(ledger, **order("SO-1", 1)).code == "not_enough_salable"


def test_where_an_earlier_version_placed_it_goods_are_carried_once_the_vendor_is_heard_of(
    ledger: Ledger
) -> None:
    given(ledger, product("A"))
    placed = PurchaseOrder(PurchaseOrder.stream_of("PO-1"))
    terms = PurchaseLineTerms(line=1, sku="A", quantity=100000, expected_date=date(2026, 3, 14))
    placed.trigger(PurchaseOrderPlaced(
        purchase_order="PO-1", vendor="Acme", source="default", lines=(terms,), content="content"
    ))
    ledger.save(placed)
    assert on_hand(ledger, "A") == {}
    assert types(when(ledger, **about("delay", expected_date="2026-03-20"))) == [
        "PurchaseOrderDelayed", "SourceItemCreated",
    ]
    assert types(when(ledger, **about("confirm"))) == ["PurchaseOrderConfirmed"]
