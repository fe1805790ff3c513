"""Rule 4, place: an order over several items is one decision, all of its lines or none."""

from datetime import date

import pytest

from stocktrail.ledger.money import parse_price
from stocktrail.ledger.orders.events import LinePlaced, OrderPlaced
from stocktrail.ledger.settings import TimeZoneChanged
from stocktrail.ledger.stock.events import StockReserved
from tests.ledger.facts import (
    DAY,
    backorders_set,
    managed,
    received,
    registered,
    reserved,
    units,
)
from tests.ledger.ordering import OTHER, NewLine, line, of_other, place
from tests.ledger.streams import Streams
from tests.scenes import ORDER


@pytest.fixture
def shop() -> Streams:
    """Ten of one item, three of another that may be backordered with notice."""
    return Streams(
        registered(), received(10), of_other(registered()), of_other(received(3)),
        of_other(backorders_set("allow_and_notify")),
    )


def placed(shop: Streams, *lines: NewLine, told: tuple[str, ...] = ()) -> OrderPlaced:
    """Place an order, and return how it was accepted."""
    asked = shop.when_asked(place(*lines))
    first, *_ = asked.events
    assert isinstance(first, OrderPlaced)
    asked.then(*asked.events, told=told)
    return first


def test_the_order_comes_first_and_then_what_each_item_reserves(shop: Streams) -> None:
    asked = shop.when_asked(place(
        line(1, 4, price="9.80"), line(2, 5, sku=OTHER), line(3, 2, price="1.05")
    ))
    order = asked.events[0]
    asked.then(
        order, reserved(ORDER, 4), reserved(ORDER, 2, line=3),
        of_other(reserved(ORDER, 5, line=2, waits_for=2)),
        told=["2 of GADGET will be backordered and shipped later."],
    )
    assert shop.stock(OTHER).allocated == {"default": units(3)}
    assert [line.sku for line in shop.order(ORDER).lines.values()] == ["WIDGET", OTHER, "WIDGET"]


def test_lines_are_accepted_with_the_policy_in_force_and_their_amount_is_captured(
    shop: Streams
) -> None:
    order = placed(
        shop, line(2, 5, sku=OTHER), line(1, 2, price="9.99"),
        told=("2 of GADGET will be backordered and shipped later.",),
    )
    assert order.captured_amount == parse_price("19.98")
    assert order.lines[1] == LinePlaced(
        line=2, sku=OTHER, quantity=units(5), requested_date=DAY, backordered=units(2),
        backorders="allow_and_notify", backorders_level="product",
    )


def test_lines_written_down_in_another_order_take_by_number_too() -> None:
    shop = Streams(registered(), received(10), backorders_set("allow"))
    asked = shop.when_asked(place(line(2, 8), line(1, 8)))
    asked.then(asked.events[0], reserved(ORDER, 8), reserved(ORDER, 8, line=2, waits_for=6))


def test_without_a_requested_date_a_line_is_wanted_on_the_shops_day(shop: Streams) -> None:
    shop.happen(TimeZoneChanged(zone="America/Los_Angeles"))
    order = placed(shop, line(1, 1, day=None))
    assert order.lines[0].requested_date == date(1969, 12, 31)


def test_lines_of_an_unmanaged_item_reserve_nothing(shop: Streams) -> None:
    shop.happen(managed("off"))
    asked = shop.when_asked(place(line(1, 40)))
    order, *reservations = asked.events
    assert isinstance(order, OrderPlaced)
    assert (order.lines[0].managed, order.captured_amount) == (False, None)
    assert not [each for each in reservations if isinstance(each, StockReserved)]


def test_everything_that_forbids_an_order_is_said_at_once(shop: Streams) -> None:
    refusal = shop.when_asked(place(
        line(1, 8), line(2, 3), line(3, 1.5, sku=OTHER), line(4, 1, sku="NOBODY")
    )).then_refused("not_enough_salable", shortfall=1)
    assert [each["code"] for each in refusal.details["failures"]] == [
        "not_enough_salable", "decimal_not_allowed", "unknown_sku",
    ]


def test_an_order_is_placed_once(shop: Streams) -> None:
    shop.when_asked(place(line(1, 1))).then_something()
    shop.when_asked(place(line(1, 1))).then_known_since(1)
    shop.when_asked(place(line(1, 2), content="another")).then_refused("already_exists")


def test_a_pool_that_nobody_defined_is_refused(shop: Streams) -> None:
    shop.when_asked(place(line(1, 1), pool="web")).then_refused("unknown_pool", pool="web")


def test_an_order_is_worth_no_more_than_can_be_written(shop: Streams) -> None:
    shop.happen(received(10_000), of_other(received(10_000)))
    dear = line(1, 10_000, price="99999999999")
    shop.when_asked(place(dear, dear._replace(line=2, sku=OTHER))).then_refused(
        "amount_too_large", order=ORDER
    )
    shop.when_asked(place(dear)).then_something()
