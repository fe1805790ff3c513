"""Rule 4, cancel and refund: units of an order over several items, and what becomes of them."""

import pytest

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.orders.events import LineOutcome, LineRefunded, OrderRefunded, Status
from tests.ledger.facts import (
    Number,
    allocated,
    backorders_set,
    pool_defined,
    received,
    registered,
    released,
    reserved,
    returned,
    shipped,
    source_registered,
    units,
)
from tests.ledger.order_facts import line_placed, order_cancelled, order_placed, order_shipped
from tests.ledger.ordering import OTHER, cancel, of_other, pay_back
from tests.ledger.streams import Streams
from tests.scenes import ORDER, SKU


@pytest.fixture
def shop() -> Streams:
    """Three of four are allocated; somebody else waits for two."""
    return Streams(
        registered(), received(3), backorders_set("allow"), of_other(registered()),
        of_other(received(5)), order_placed(line_placed(1, 4), line_placed(2, 5, sku=OTHER)),
        reserved(ORDER, 4, waits_for=1), reserved("SO-2", 2, waits_for=2),
        of_other(reserved(ORDER, 5, line=2)),
    )


def test_cancelling_takes_units_off_and_gives_them_to_the_queue(shop: Streams) -> None:
    shop.when_asked(cancel((1, 3))).then(
        order_cancelled((1, 3)), released(ORDER, backordered=1, allocated=2),
        allocated(2, "SO-2"),
    )


def test_cancelling_an_order_takes_all_that_remains(shop: Streams) -> None:
    first, *others = shop.when_asked(cancel()).events
    assert first.status == "cancelled"  # type: ignore[attr-defined]
    assert others == [
        released(ORDER, backordered=1, allocated=3), allocated(2, "SO-2"),
        of_other(released(ORDER, allocated=5, line=2)),
    ]
    shop.happen(first, *others).when_asked(cancel()).then()


def test_nothing_of_a_complete_order_is_cancelled() -> None:
    shop = Streams(registered(), order_placed(line_placed(1, 1)), order_shipped((1, 1)))
    shop.when_asked(cancel()).then_refused("not_enough_remaining", remaining=0)


def test_fractions_of_whole_units_are_not_cancelled(shop: Streams) -> None:
    shop.when_asked(cancel((1, 0.5))).then_refused("decimal_not_allowed", sku=SKU)


def refunded(*parts: LineRefunded, status: Status = "processing") -> OrderRefunded:
    return OrderRefunded(
        order=ORDER, refund="R-1", lines=parts, status=status, content="as refunded in R-1"
    )


def part(
    line: int, quantity: Number, outcome: LineOutcome, source: str | None = None
) -> LineRefunded:
    return LineRefunded(
        line=line, sku=SKU, quantity=units(quantity), outcome=outcome, source=source
    )


@pytest.fixture
def sold() -> Streams:
    """Of ten units three left one source and two another; four more are allocated."""
    return Streams(
        source_registered("east"), pool_defined("default", "default", "east"), registered(),
        received(7), received(2, "east"), backorders_set("allow"), order_placed(line_placed(1, 10)),
        reserved(ORDER, 10, waits_for=1), reserved("SO-2", 5, waits_for=5),
    ).happen(order_shipped((1, 5)), shipped(5, ORDER, default=3, east=2))


def test_returned_units_go_where_they_came_from_what_left_last_first(sold: Streams) -> None:
    sold.when_asked(pay_back((1, 3, "return"))).then(
        refunded(part(1, 2, "return", "east"), part(1, 1, "return", "default")),
        returned(2, ORDER, source="east"), returned(1, ORDER),
        allocated(1, ORDER), allocated(2, "SO-2"),
    )


def test_two_returns_of_one_refund_go_on_where_the_first_ended(sold: Streams) -> None:
    asked = sold.when_asked(pay_back((1, 2, "return"), (1, 2, "return"), (1, 1, "write_off")))
    asked.then_something()
    assert asked.events[0] == refunded(
        part(1, 2, "return", "east"), part(1, 2, "return", "default"), part(1, 1, "write_off")
    )


def test_what_left_without_a_trace_in_the_log_comes_back_to_the_default_source() -> None:
    shop = Streams(
        registered(), order_placed(line_placed(1, 2)), reserved(ORDER, 2), order_shipped((1, 2))
    )
    shop.when_asked(pay_back((1, 2, "return"))).then(
        refunded(part(1, 2, "return", "default"), status="complete"), returned(2, ORDER)
    )


def test_a_release_is_of_the_item_as_it_is_once_returned_units_have_come_back(
    sold: Streams
) -> None:
    asked = sold.when_asked(pay_back((1, 1, "return", "default"), (1, 5, "release")))
    asked.then(
        refunded(part(1, 1, "return", "default"), part(1, 5, "release"), status="complete"),
        returned(1, ORDER), allocated(1, ORDER),
        released(ORDER, allocated=5, cause="released"), allocated(5, "SO-2"),
    )


def test_released_units_alone_serve_the_queue(sold: Streams) -> None:
    sold.when_asked(pay_back((1, 2, "release"))).then(
        refunded(part(1, 2, "release")), released(ORDER, backordered=1, allocated=1,
                                                  cause="released"),
        allocated(1, "SO-2"),
    )


def test_what_was_accepted_unmanaged_comes_back_to_no_source() -> None:
    history: list[Event] = [registered(), order_placed(line_placed(1, 2, managed=False))]
    shop = Streams(*history, order_shipped((1, 2)), source_registered("east"))
    shop.when_asked(pay_back((1, 1, "return"), (1, 1, "return", "east"))).then(
        refunded(part(1, 1, "return"), part(1, 1, "return", "east"), status="complete")
    )


def test_a_refund_is_refused_whole(sold: Streams) -> None:
    sold.when_asked(pay_back((1, 6, "return"))).then_refused("not_enough_shipped", shipped=5)
    sold.when_asked(pay_back((1, 6, "release"))).then_refused("not_enough_remaining", remaining=5)
    sold.when_asked(pay_back((1, 0.5, "write_off"))).then_refused("decimal_not_allowed")
    sold.when_asked(pay_back((1, 1, "return", "moon"))).then_refused("unknown_source")
    Streams().when_asked(pay_back((1, 1, "return"))).then_refused("unknown_order")


def test_a_refund_is_recorded_once(sold: Streams) -> None:
    version = sold.when_asked(pay_back((1, 1, "write_off"))).then_something().order(ORDER).version
    sold.when_asked(pay_back((1, 1, "write_off"))).then_known_since(version)
