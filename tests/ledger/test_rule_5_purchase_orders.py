"""Rule 5.1: a purchase order is confirmed, delayed, received in part or over, and cancelled."""

from typing import Any

import orjson
import pytest

from stocktrail.ledger.base.aggregate import Snapshot
from stocktrail.ledger.base.decision import AlreadyRecorded
from stocktrail.ledger.catalogue import CATALOGUE
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.refusal import Refusal
from tests.ledger.purchasing import (
    PURCHASE_ORDER,
    arrived,
    cancel,
    changed,
    confirm,
    confirmed,
    day,
    delay,
    delayed,
    given_purchase,
    goods,
    place,
    placed,
    receive,
    terms,
    will_not_come,
)
from tests.ledger.streams import Request

TWO_LINES = placed(terms(1, 10, 7), terms(4, 5, 9, "OTHER"))


def test_what_is_placed_is_open_until_it_comes() -> None:
    ordered = given_purchase().when(place(*TWO_LINES.lines)).then(TWO_LINES)
    assert ordered.remaining() == {1: 10, 4: 5}
    assert ordered.purchase_order.vendor == "Acme"
    assert ordered.purchase_order.source == "default"
    assert not ordered.purchase_order.confirmed


def test_confirmed_as_ordered_changes_no_terms_but_is_recorded_once() -> None:
    ordered = given_purchase(TWO_LINES).when(confirm(changed(1), changed(4))).then(confirmed())
    assert ordered.purchase_order.confirmed
    ordered.when(confirm(changed(1), changed(4))).then()


def test_confirmed_with_another_date_and_quantity() -> None:
    ordered = given_purchase(TWO_LINES).when(
        confirm(changed(1, quantity=8, expected=12), changed(4))
    ).then(confirmed(terms(1, 8, 12)))
    assert ordered.remaining() == {1: 8, 4: 5}
    assert ordered.expected() == {1: day(12), 4: day(9)}
    ordered.when(confirm(changed(1, quantity=8, expected=12))).then()


def test_a_vendor_who_confirms_more_brings_more() -> None:
    ordered = given_purchase(TWO_LINES).when(confirm(changed(1, quantity=12))).then(
        confirmed(terms(1, 12, 7))
    )
    assert ordered.remaining() == {1: 12, 4: 5}


def test_what_came_or_was_cancelled_cannot_be_confirmed_away() -> None:
    ordered = given_purchase(TWO_LINES, goods(arrived(1, 4)), will_not_come(1, 2))
    ordered.when(confirm(changed(1, quantity=5))).then_refused(
        "not_enough_remaining", line=1, quantity=5, remaining=4, shortfall=1
    )
    closed = ordered.when(confirm(changed(1, quantity=6, expected=12))).then(
        confirmed(terms(1, 6, 12, remaining=0))
    )
    assert closed.remaining()[1] == 0


def test_a_line_may_be_undated_until_it_is_confirmed_with_a_date() -> None:
    undated = given_purchase(placed(terms(1, 10, None), terms(4, 5, 9, "OTHER")))
    assert undated.expected() == {1: None, 4: day(9)}
    undated.when(confirm(changed(1), changed(4))).then(confirmed())
    undated.when(confirm(changed(1, quantity=8))).then(confirmed(terms(1, 8, None)))
    dated = undated.when(confirm(changed(1, expected=12))).then(confirmed(terms(1, 8, 12)))
    assert dated.expected() == {1: day(12), 4: day(9)}


def test_what_a_vendor_calls_a_delay_dates_an_undated_line_too() -> None:
    undated = given_purchase(placed(terms(1, 10, None)))
    undated.when(delay(changed(1, expected=12))).then(delayed(terms(1, 10, 12)))


def test_an_undated_line_comes_and_is_cancelled_like_any_other() -> None:
    undated = given_purchase(placed(terms(1, 10, None)), goods(arrived(1, 4)))
    assert undated.when(cancel((1, 5))).then(will_not_come(1, 5)).remaining() == {1: 1}


def test_an_undated_line_is_kept_in_snapshots() -> None:
    undated = given_purchase(placed(terms(1, 10, None), terms(2, 5, 9))).purchase_order
    restored = Snapshot.take(undated).mutate(None)
    assert restored.to_state() == undated.to_state()


def test_a_delay_moves_the_date_and_nothing_else() -> None:
    late = given_purchase(TWO_LINES).when(delay(changed(4, expected=20))).then(
        delayed(terms(4, 5, 20, "OTHER"))
    )
    assert late.expected() == {1: day(7), 4: day(20)}
    assert late.remaining() == {1: 10, 4: 5}
    assert not late.purchase_order.confirmed
    late.when(delay(changed(4, expected=20))).then()


def test_a_delay_after_a_part_came_is_about_what_remains() -> None:
    part = given_purchase(TWO_LINES, goods(arrived(1, 4)), will_not_come(1, 1))
    late = part.when(delay(changed(1, expected=20))).then(
        delayed(terms(1, 10, 20, remaining=5))
    )
    assert late.remaining()[1] == 5


def test_what_remains_is_written_only_where_it_is_not_all() -> None:
    whole, part = delayed(terms(1, 10, 20)), delayed(terms(1, 10, 20, remaining=5))
    assert b"remaining" not in whole.to_json()
    for event in (whole, part):
        assert CATALOGUE.read(event.topic, event.to_json()) == event


def test_a_delay_may_bring_the_news_that_fewer_will_come() -> None:
    late = given_purchase(TWO_LINES).when(delay(changed(1, quantity=6, expected=14))).then(
        delayed(terms(1, 6, 14))
    )
    assert late.remaining()[1] == 6


@pytest.mark.parametrize("decision", [delay(changed(1, expected=20)), confirm(
    changed(1, expected=20)
)])
def test_nobody_waits_for_another_date_when_nothing_is_to_come(decision: Request) -> None:
    for history in ([goods(arrived(1, 10))], [goods(arrived(1, 12))], [will_not_come(1, 10)]):
        given_purchase(TWO_LINES, *history).when(decision).then_refused(
            "not_enough_remaining", line=1, remaining=0
        )


def test_a_line_is_reopened_by_confirming_more() -> None:
    more = given_purchase(TWO_LINES, goods(arrived(1, 10))).when(
        confirm(changed(1, quantity=15, expected=20))
    ).then(confirmed(terms(1, 15, 20, remaining=5)))
    assert more.remaining()[1] == 5


def test_received_in_parts() -> None:
    part = given_purchase(TWO_LINES).when(receive((1, 4))).then(goods(arrived(1, 4)))
    assert part.remaining() == {1: 6, 4: 5}
    whole = part.when(receive((1, None), receipt="GR-2")).then(
        goods(arrived(1, 6), receipt="GR-2")
    )
    assert whole.remaining() == {1: 0, 4: 5}


def test_more_than_was_ordered_is_accepted_and_flagged() -> None:
    over = given_purchase(TWO_LINES, goods(arrived(1, 4))).when(
        receive((1, 9), receipt="GR-2")
    ).then(goods(arrived(1, 9, over=3), receipt="GR-2"))
    assert over.remaining()[1] == 0
    again = over.when(receive((1, 1), receipt="GR-3")).then(
        goods(arrived(1, 1, over=1), receipt="GR-3")
    )
    assert again.remaining()[1] == 0
    again.when(receive((1, None), receipt="GR-4")).then_refused(
        "not_enough_remaining", line=1, remaining=0
    )


def test_what_was_cancelled_and_comes_all_the_same_is_over() -> None:
    given_purchase(TWO_LINES, will_not_come(1, 10)).when(receive((1, 2))).then(
        goods(arrived(1, 2, over=2))
    )


def test_cancelled_in_part_and_then_whole() -> None:
    part = given_purchase(TWO_LINES, goods(arrived(1, 4))).when(cancel((1, 1))).then(
        will_not_come(1, 1)
    )
    assert part.remaining()[1] == 5
    part.when(cancel((1, 6))).then_refused(
        "not_enough_remaining", line=1, quantity=6, remaining=5, shortfall=1
    )
    rest = part.when(cancel((1, None))).then(will_not_come(1, 5))
    assert rest.remaining()[1] == 0
    rest.when(cancel((1, None))).then_refused("not_enough_remaining", line=1, remaining=0)
    assert not rest.purchase_order.is_cancelled


def test_it_is_cancelled_when_nothing_came_and_nothing_will() -> None:
    ordered = given_purchase(placed(terms(1, 10, 7)))
    assert not ordered.purchase_order.is_cancelled
    assert ordered.happen(will_not_come(1, 10)).purchase_order.is_cancelled


def test_the_open_lines_are_those_with_units_to_come() -> None:
    ordered = given_purchase(TWO_LINES)
    assert ordered.purchase_order.all_open("received") == [(1, None), (4, None)]
    ordered.happen(will_not_come(1, 10))
    assert ordered.purchase_order.all_open("received") == [(4, None)]
    done = given_purchase(placed(terms(1, 10, 7)), goods(arrived(1, 10)))
    with pytest.raises(Refusal, match=r"Nothing of purchase order PO-1 remains to be received\."):
        done.purchase_order.all_open("received")


@pytest.mark.parametrize("decision", [
    confirm(changed(2)), delay(changed(2, expected=9)), receive((2, 1)), cancel((2, 1)),
])
def test_an_unknown_line_is_refused(decision: Request) -> None:
    given_purchase(TWO_LINES).when(decision).then_refused(
        "unknown_line", purchase_order=PURCHASE_ORDER, line=2
    )


def test_an_unknown_purchase_order_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        given_purchase().purchase_order.require()
    assert refused.value.code == "unknown_purchase_order"
    given_purchase(TWO_LINES).purchase_order.require()


@pytest.mark.parametrize(("what", "details", "named"), [
    ("purchase_order", {}, "Purchase order PO-1"),
    ("receipt/GR-1", {"receipt": "GR-1"}, "Receipt GR-1 of purchase order PO-1"),
])
def test_a_business_id_stands_for_one_content(
    what: str, details: dict[str, Any], named: str
) -> None:
    known = given_purchase(TWO_LINES, goods(arrived(1, 4))).purchase_order
    known.require_new("receipt/GR-2", "anything")
    content, version = known.contents[what]
    with pytest.raises(AlreadyRecorded) as recorded:
        known.require_new(what, content)
    assert (recorded.value.stream, recorded.value.version) == (known.id, version)
    with pytest.raises(Refusal, match=named) as refused:
        known.require_new(what, "something else")
    assert refused.value.code == "already_exists"
    assert refused.value.details == {"purchase_order": PURCHASE_ORDER, **details}


def test_a_snapshot_keeps_everything() -> None:
    known = given_purchase(
        TWO_LINES, confirmed(), delayed(terms(1, 10, 8)), goods(arrived(1, 4)), will_not_come(1, 2)
    ).purchase_order
    stored = orjson.loads(orjson.dumps(Snapshot.take(known).state))
    taken = Snapshot(known.id, known.version, stored).mutate(None)
    assert isinstance(taken, PurchaseOrder)
    assert (taken.version, taken.lines, taken.contents) == (5, known.lines, known.contents)
    assert taken.to_state() == known.to_state()
