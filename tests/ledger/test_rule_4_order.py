"""Rules 1.4 and 4.7 to 4.12 as far as an order alone decides them: status, money, dates and ids."""

from datetime import date

import pytest

from stocktrail.ledger.base.decision import AlreadyRecorded
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.money import to_decimal_string
from stocktrail.ledger.orders.state import AtMost, Order
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.refusal import Refusal
from tests.ledger.decisions import taken
from tests.ledger.facts import DAY, Number, units
from tests.ledger.order_facts import (
    line_placed,
    order_cancelled,
    order_placed,
    order_prioritised,
    order_refunded,
    order_rescheduled,
    order_shipped,
)
from tests.scenes import ORDER, Decision, given

LATER = date(2026, 4, 1)
TEN = order_placed(line_placed(1, 10))
TWO_LINES = order_placed(line_placed(1, 10), line_placed(2, 5))


def remaining(order: Order) -> list[int | float]:
    """Return what remains of each line, in units."""
    return [to_number(line.remaining) for line in order.lines.values()]


def refused(
    order: Order, *wanted: tuple[int, int | None], at_most: AtMost = "remaining"
) -> Refusal:
    """Ask for more than there is."""
    with pytest.raises(Refusal) as refusal:
        order.taken_off(wanted, "taken", at_most=at_most)
    return refusal.value


def test_remaining_is_ordered_less_shipped_less_cancelled_less_released() -> None:
    shop = given(
        TEN,
        order_shipped((1, 3)),
        order_cancelled((1, 2)),
        order_refunded((1, 1), outcome="release"),
        order_refunded((1, 2), outcome="return", refund="R-2"),
    )
    assert remaining(shop.order) == [4]


def test_units_are_taken_line_by_line_and_nothing_named_means_all_that_is_left() -> None:
    order = given(TWO_LINES, order_shipped((1, 3))).order
    assert order.taken_off([(1, None), (2, units(4))], "cancelled") == taken((1, 7), (2, 4))
    assert order.taken_off([(1, units(2)), (1, None)], "cancelled") == taken((1, 2), (1, 5))


def test_never_more_than_remains() -> None:
    order = given(TEN, order_shipped((1, 3))).order
    refusal = refused(order, (1, units(8)))
    assert refusal.code == "not_enough_remaining"
    assert refusal.details == {
        "order": ORDER,
        "line": 1,
        "sku": "WIDGET",
        "quantity": 8,
        "remaining": 7,
    }
    assert refused(order, (1, units(4)), (1, units(4))).code == "not_enough_remaining"


def test_nothing_is_taken_off_a_line_on_which_nothing_remains() -> None:
    order = given(TEN, order_cancelled((1, 10))).order
    assert refused(order, (1, None)).code == "not_enough_remaining"


def test_never_more_comes_back_than_was_shipped_and_not_given_back() -> None:
    order = given(
        TEN, order_shipped((1, 5)), order_refunded((1, 2), outcome="write_off", refund="R-1")
    ).order
    assert order.taken_off([(1, None)], "returned", at_most="shipped") == taken(3)
    refusal = refused(order, (1, units(4)), at_most="shipped")
    assert (refusal.code, refusal.details["shipped"]) == ("not_enough_shipped", 3)


def test_an_unmanaged_line_stays_so() -> None:
    order = given(order_placed(line_placed(1, 10, managed=False))).order
    (take,) = order.taken_off([(1, None)], "shipped")
    assert not take.managed


def test_a_line_that_the_order_does_not_have_is_unknown() -> None:
    refusal = refused(given(TWO_LINES).order, (3, None))
    assert refusal.code == "unknown_line"
    assert "its lines are 1, 2." in refusal.message


def test_an_order_that_was_never_placed_is_unknown() -> None:
    with pytest.raises(Refusal, match="There is no order SO-1") as refusal:
        given().order.require()
    assert refusal.value.code == "unknown_order"
    given(TEN).order.require()


@pytest.mark.parametrize(
    ("taking", "shipping", "status"),
    [
        ([(1, 10)], False, "processing"),
        ([(1, 10), (2, 4)], True, "processing"),
        ([(1, 10), (2, 5)], True, "complete"),
        ([(1, 10), (2, 5)], False, "cancelled"),
    ],
)
def test_the_status_is_processing_until_nothing_remains(
    taking: list[tuple[int, Number]], shipping: bool, status: str
) -> None:
    assert given(TWO_LINES).order.status_after(taken(*taking), shipping=shipping) == status


def test_the_status_is_complete_if_anything_ever_shipped_and_was_given_back() -> None:
    shop = given(
        TEN,
        order_shipped((1, 1)),
        order_refunded((1, 1), outcome="return"),
        order_cancelled((1, 8)),
    )
    assert shop.order.status_after(taken(1)) == "complete"
    assert shop.order.status_after([]) == shop.order.status == "processing"


@pytest.mark.parametrize(
    ("last", "status"),
    [(order_shipped((1, 1)), "complete"), (order_cancelled((1, 1)), "cancelled")],
)
def test_the_status_of_an_order_of_which_nothing_remains(last: Event, status: str) -> None:
    shop = given(TEN, order_cancelled((1, 9)))
    assert shop.order.status == "processing"
    assert shop.happen(last).order.status == status


def test_the_captured_amount_of_units_is_exact_and_parts_add_up() -> None:
    order = given(order_placed(line_placed(1, 3, price="0.3333"), line_placed(2, 2))).order
    parts = [order.amount_of(taken(quantity)) or 0 for quantity in (1.5, 0.0001, 1.4999)]
    assert to_decimal_string(parts[1]) == "0.00003333"
    assert sum(parts) == order.amount_of(taken(3))
    assert to_decimal_string(sum(parts)) == "0.9999"


def test_without_a_price_there_is_no_amount() -> None:
    order = given(order_placed(line_placed(1, 3, price="2"), line_placed(2, 2))).order
    assert order.amount_of(taken((2, 2))) is None
    assert to_decimal_string(order.amount_of(taken(1, (2, 2))) or 0) == "2.00"


def reschedule(*dates: tuple[int, date]) -> Decision:
    return lambda scene: scene.order.reschedule(dates, "the customer asked")


def prioritise(priority: int) -> Decision:
    return lambda scene: scene.order.prioritise(priority, "the customer asked")


def test_a_line_is_rescheduled_and_the_date_that_stands_changes_nothing() -> None:
    shop = given(TWO_LINES)
    shop = shop.when(reschedule((1, DAY), (2, LATER))).then(order_rescheduled((2, LATER)))
    assert [line.requested_date for line in shop.order.lines.values()] == [DAY, LATER]
    shop.when(reschedule((1, DAY), (2, LATER))).then_nothing()


def test_a_line_of_which_nothing_remains_is_not_rescheduled() -> None:
    shop = given(TEN, order_cancelled((1, 10)))
    shop.when(reschedule((1, LATER))).then_refused("not_enough_remaining", line=1)
    shop.when(reschedule((2, LATER))).then_refused("unknown_line", line=2)
    given().when(reschedule((1, LATER))).then_refused("unknown_order")


def test_an_order_is_prioritised_and_the_priority_it_has_changes_nothing() -> None:
    shop = given(TEN).when(prioritise(1)).then(order_prioritised(1))
    assert shop.order.priority == 1
    shop.when(prioritise(1)).then_nothing()
    given().when(prioritise(1)).then_refused("unknown_order")


def test_a_known_business_id_is_a_duplicate_only_with_the_same_content() -> None:
    order = given(
        TEN, order_shipped((1, 1)), order_refunded((1, 1), outcome="return", refund="R-1")
    ).order
    known = {
        ("order", "as placed"): 1, ("shipment/SH-1", "as shipped in SH-1"): 2,
        ("refund/R-1", "as refunded in R-1"): 3,
    }
    for (what, content), version in known.items():
        with pytest.raises(AlreadyRecorded, match=f"order/SO-1 version {version}") as recorded:
            order.require_new(what, content)
        assert (recorded.value.stream, recorded.value.version) == (order.id, version)
    with pytest.raises(AlreadyRecorded):
        order.require_new("refund/R-1", "in words of today", "as refunded in R-1")
    order.require_new("shipment/SH-2", "anything")
    given().order.require_new("order", "anything")
    for what, named, details in (
        ("order", "Order SO-1 is", {"order": ORDER}),
        ("shipment/SH-1", "Shipment SH-1 of order SO-1 is", {"order": ORDER, "shipment": "SH-1"}),
        ("refund/R-1", "Refund R-1 of order SO-1 is", {"order": ORDER, "refund": "R-1"}),
    ):
        with pytest.raises(Refusal, match=named) as refusal:
            order.require_new(what, "something else")
        assert (refusal.value.code, refusal.value.details) == ("already_exists", details)


def test_an_order_names_each_item_once_in_the_order_of_its_lines() -> None:
    order = given(
        order_placed(
            line_placed(1, 1, sku="B"), line_placed(2, 1, sku="A"), line_placed(3, 1, sku="B")
        )
    ).order
    assert order.skus == ["B", "A"]
