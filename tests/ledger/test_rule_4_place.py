"""Rule 4.1: each line allocates what is free and backorders the rest."""

from datetime import date

from tests.ledger.decisions import place, reschedule
from tests.ledger.facts import (
    backorders_set,
    received,
    registered,
    rescheduled,
    reserved,
    two_pools,
    units,
)
from tests.scenes import given


def test_a_line_allocates_what_is_free_and_backorders_the_rest() -> None:
    shop = given(registered(), received(10), backorders_set("allow"))
    shop = shop.when(place("SO-1", 15)).then(reserved("SO-1", 15, waits_for=5))
    assert shop.lines() == {("SO-1", 1): (10, 5)}


def test_placing_takes_units_from_no_source() -> None:
    shop = given(registered(), received(10)).when(place("SO-1", 4)).then(reserved("SO-1", 4))
    assert shop.stock.on_hand == {"default": units(10)}


def test_all_lines_are_accepted_or_none() -> None:
    given(registered(), received(10)).when(place("SO-1", 8, 3)).then_refused("not_enough_salable")


def test_lines_of_one_order_take_by_number() -> None:
    shop = given(registered(), received(10), backorders_set("allow"))
    shop = shop.when(place("SO-1", 8, 5, 1)).then(
        reserved("SO-1", 8),
        reserved("SO-1", 5, line=2, waits_for=3),
        reserved("SO-1", 1, line=3, waits_for=1),
    )
    assert [(line.line, line.backordered) for line in shop.stock.waiting({})] == [
        (2, units(3)),
        (3, units(1)),
    ]


def test_what_is_free_goes_to_an_orders_own_lines_in_queue_order() -> None:
    june, april = date(2026, 6, 1), date(2026, 4, 1)
    shop = given(registered(), received(6), backorders_set("allow"))
    shop = shop.when(place("SO-1", 5, 5, 2, days=[june, april, april])).then(
        reserved("SO-1", 5, waits_for=5, day=june),
        reserved("SO-1", 5, line=2, day=april),
        reserved("SO-1", 2, line=3, waits_for=1, day=april),
    )
    assert [line.line for line in shop.stock.waiting({})] == [3, 1]


def test_lines_of_one_order_that_come_to_one_date_wait_by_number() -> None:
    june, april = date(2026, 6, 1), date(2026, 4, 1)
    shop = given(registered(), received(0), backorders_set("allow"))
    shop = shop.when(place("SO-1", 5, 5, days=[june, april])).then(
        reserved("SO-1", 5, waits_for=5, day=june),
        reserved("SO-1", 5, line=2, waits_for=5, day=april),
    )
    shop = shop.when(reschedule("SO-1", line_1=april)).then(rescheduled("SO-1", april))
    assert [line.line for line in shop.stock.waiting({})] == [1, 2]


def test_a_line_keeps_its_priority_and_its_requested_date() -> None:
    day = date(2026, 5, 1)
    shop = given(registered(), received(10))
    shop.when(place("SO-1", 1, priority=2, day=day)).then(reserved("SO-1", 1, priority=2, day=day))


def test_a_new_order_never_jumps_the_queue() -> None:
    shop = given(registered(), received(0), backorders_set("allow"))
    shop = shop.when(place("SO-1", 5, priority=9)).then(
        reserved("SO-1", 5, waits_for=5, priority=9)
    )
    shop.when(place("SO-2", 5, priority=1)).then(reserved("SO-2", 5, waits_for=5, priority=1))


def test_a_new_order_of_high_priority_takes_nothing_from_those_who_have() -> None:
    shop = given(registered(), received(5), backorders_set("allow"), reserved("SO-1", 5))
    shop.when(place("SO-2", 5, priority=1)).then(reserved("SO-2", 5, waits_for=5, priority=1))


def test_a_line_allocates_only_what_its_pool_can_reach() -> None:
    shop = given(
        *two_pools(),
        registered(),
        received(5, "of-a"),
        received(2, "shared"),
        backorders_set("allow"),
    )
    shop.when(place("SO-1", 6, pool="B")).then(reserved("SO-1", 6, waits_for=4, pool="B"))
