"""Rule 4.3: whenever supply grows, free units go to the waiting lines at once, in order."""

from datetime import date

import pytest

from stocktrail.ledger.base.event import Event
from tests.ledger.decisions import (
    adjust,
    cancel,
    count,
    define_pool,
    enable,
    prioritise,
    receive,
    reschedule,
    set_status,
    take_back,
    transfer,
)
from tests.ledger.facts import (
    DAY,
    adjusted,
    allocated,
    counted,
    pool_defined,
    prioritised,
    received,
    registered,
    released,
    rescheduled,
    reserved,
    returned,
    source_disabled,
    source_enabled,
    source_registered,
    status_set,
    transferred,
    two_pools,
)
from tests.scenes import Decision, given

EARLIER = date(2026, 2, 1)
LATER = date(2026, 4, 1)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            reserved("SO-2", 5, waits_for=5, priority=1, day=LATER),
            reserved("SO-1", 5, waits_for=5, priority=2, day=EARLIER),
        ),
        (
            reserved("SO-2", 5, waits_for=5, day=EARLIER),
            reserved("SO-1", 5, waits_for=5, day=LATER),
        ),
    ],
)
def test_priority_goes_before_the_requested_date_whenever_placed(
    first: Event, second: Event
) -> None:
    for placed in ([first, second], [second, first]):
        shop = given(registered(), received(0), *placed)
        assert [line.order for line in shop.stock.waiting({})] == ["SO-2", "SO-1"]


def test_of_the_same_day_who_was_placed_first_goes_first() -> None:
    shop = given(
        registered(),
        received(0),
        reserved("SO-9", 5, waits_for=5),
        reserved("SO-1", 5, waits_for=5, line=2),
        reserved("SO-1", 5, waits_for=5, line=10),
    )
    assert [(line.order, line.line) for line in shop.stock.waiting({})] == [
        ("SO-9", 1),
        ("SO-1", 2),
        ("SO-1", 10),
    ]


def test_free_units_go_to_the_first_then_to_the_next_then_to_salable() -> None:
    shop = given(
        registered(),
        received(0),
        reserved("SO-1", 5, waits_for=5),
        reserved("SO-2", 5, waits_for=5, priority=1),
    )
    shop = shop.when(receive(3)).then(received(3), allocated(3, "SO-2"))
    shop = shop.when(receive(4)).then(received(4), allocated(2, "SO-2"), allocated(2, "SO-1"))
    shop = shop.when(receive(9)).then(received(9), allocated(3, "SO-1"))
    assert shop.salable() == 6


@pytest.mark.parametrize(
    ("decision", "events"),
    [
        (receive(3), [received(3), allocated(3, "SO-1")]),
        (adjust(3), [adjusted(3), allocated(3, "SO-1")]),
        (count(3), [counted(3, delta=3), allocated(3, "SO-1")]),
        (
            transfer(3, "aside", "default"),
            [transferred(3, "aside", "default"), allocated(3, "SO-1")],
        ),
        (take_back(returned(3, "SO-0")), [returned(3, "SO-0"), allocated(3, "SO-1")]),
        (set_status("in_stock", "back"), [status_set("in_stock", "back"), allocated(4, "SO-1")]),
        (enable("closed"), [source_enabled("closed"), allocated(6, "SO-1")]),
        (
            define_pool("default", "default", "aside"),
            [pool_defined("default", "default", "aside"), allocated(8, "SO-1")],
        ),
    ],
)
def test_whatever_makes_supply_grow_serves_the_queue(
    decision: Decision, events: list[Event]
) -> None:
    shop = given(
        registered(),
        *(source_registered(source) for source in ("aside", "back", "closed")),
        pool_defined("default", "default", "back", "closed"),
        source_disabled("closed"),
        received(0),
        received(8, "aside"),
        received(4, "back"),
        status_set("out_of_stock", "back"),
        received(6, "closed"),
        reserved("SO-1", 9, waits_for=9),
    )
    shop.when(decision).then(*events)


def test_a_cancellation_serves_the_queue() -> None:
    shop = given(registered(), received(5), reserved("SO-1", 5), reserved("SO-2", 9, waits_for=9))
    shop.when(cancel("SO-1", 3)).then(released("SO-1", allocated=3), allocated(3, "SO-2"))


def test_each_line_is_served_as_far_as_its_pool_can_reach() -> None:
    shop = given(
        *two_pools(),
        registered(),
        reserved("SO-1", 5, waits_for=5, pool="A"),
        reserved("SO-2", 5, waits_for=5, pool="B"),
    )
    shop.when(receive(7, "of-b")).then(received(7, "of-b"), allocated(5, "SO-2", pool="B"))
    shop.when(receive(7, "shared")).then(
        received(7, "shared"), allocated(5, "SO-1", pool="A"), allocated(2, "SO-2", pool="B")
    )


def test_a_receipt_at_one_pools_own_source_frees_shared_units_for_the_other() -> None:
    shop = given(
        *two_pools(),
        registered(),
        received(5, "shared"),
        reserved("SO-1", 5, pool="A"),
        reserved("SO-2", 4, waits_for=4, pool="B"),
    )
    shop.when(receive(3, "of-a")).then(received(3, "of-a"), allocated(3, "SO-2", pool="B"))


def test_a_receipt_that_nobody_waits_for_is_free() -> None:
    shop = given(registered(), received(0), source_registered("aside"))
    shop.when(receive(5)).then(received(5))
    shop.happen(reserved("SO-1", 5, waits_for=5)).when(receive(5, "aside")).then(
        received(5, "aside")
    )


def test_rescheduling_and_prioritising_change_the_place_in_the_queue() -> None:
    shop = given(
        registered(),
        received(0),
        reserved("SO-1", 5, waits_for=5),
        reserved("SO-2", 5, waits_for=5),
        reserved("SO-3", 5, waits_for=5),
    )
    shop = shop.when(prioritise("SO-3", 1)).then(prioritised("SO-3", 1))
    shop = shop.when(reschedule("SO-1", line_1=LATER)).then(rescheduled("SO-1", LATER))
    assert [line.order for line in shop.stock.waiting({})] == ["SO-3", "SO-2", "SO-1"]
    shop = shop.when(reschedule("SO-1", line_1=DAY)).then(rescheduled("SO-1", DAY))
    assert [line.order for line in shop.stock.waiting({})] == ["SO-3", "SO-1", "SO-2"]
    shop.when(reschedule("SO-1", line_1=DAY)).then_nothing()


def test_what_a_line_has_it_keeps_when_others_go_before_it() -> None:
    shop = given(registered(), received(5), reserved("SO-1", 5), reserved("SO-2", 5, waits_for=5))
    shop = shop.when(prioritise("SO-2", 1)).then(prioritised("SO-2", 1))
    assert shop.lines() == {("SO-1", 1): (5, 0), ("SO-2", 1): (0, 5)}
