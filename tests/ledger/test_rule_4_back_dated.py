"""Rule 4.14: a count says what was there when it occurred, and stands."""

import pytest

from stocktrail.ledger.quantity import LIMIT, SCALE
from stocktrail.ledger.stock.timeline import KEPT, Movement, Timeline
from tests.ledger.books import Books
from tests.ledger.decisions import (
    adjust,
    change,
    count,
    place,
    receive,
    ship,
    ship_unmanaged,
    take_back,
    transfer,
)
from tests.ledger.facts import (
    adjusted,
    allocated,
    backorders_set,
    counted,
    managed,
    pool_defined,
    received,
    recounted,
    registered,
    returned,
    revoked,
    shipped,
    source_registered,
    transferred,
)
from tests.ledger.reallocating import goods_received, receive_goods
from tests.scenes import given


@pytest.fixture
def books() -> Books:
    """Open the books of an item with backorders, at a source of its own and at two of a pool."""
    return Books(given(
        registered(), backorders_set("allow"), source_registered("east"), source_registered("west"),
        pool_defined("both", "east", "west"),
    ))


def test_a_count_is_judged_against_what_was_there_when_it_occurred(books: Books) -> None:
    books.must(8, receive(100))
    books.must(32, receive(50))
    assert books.must(18, count(98)).events == [counted(98, delta=-2)]
    assert books.on_hand() == 148
    assert [books.as_it_occurred(at) for at in (7, 8, 17, 18, 31, 32)] == [
        0, 100, 100, 98, 98, 148
    ]


def test_a_count_stands_against_a_count_that_comes_later_for_an_earlier_day(books: Books) -> None:
    books.must(1, receive(40))
    books.must(5, count(30))
    assert books.must(3, count(38)).events == [
        recounted(2, at=5, count=3 + 1), counted(38, delta=-2),
    ]
    assert books.on_hand() == 30
    assert [books.as_it_occurred(at) for at in (2, 3, 4, 5)] == [40, 38, 38, 30]


def test_what_a_count_saw_already_leaves_what_it_found(books: Books) -> None:
    books.must(1, receive(40))
    books.must(5, count(30))
    assert books.must(3, receive(7)).events == [received(7), recounted(-7, at=5, count=4)]
    assert books.must(4, adjust(-6)).events == [recounted(6, at=5, count=4), adjusted(-6)]
    assert books.on_hand() == 30
    assert [books.as_it_occurred(at) for at in (2, 3, 4, 5)] == [40, 47, 41, 30]


def test_only_the_first_count_after_a_fact_takes_it_over(books: Books) -> None:
    books.must(1, receive(40))
    books.must(5, count(30))
    books.must(9, count(20))
    books.must(3, receive(7))
    assert [books.as_it_occurred(at) for at in (3, 5, 9)] == [47, 30, 20]
    assert books.must(7, receive(4)).events[1:] == [recounted(-4, at=9, count=5)]
    assert [books.as_it_occurred(at) for at in (3, 5, 7, 9)] == [47, 30, 34, 20]


def test_what_occurs_when_a_source_is_counted_was_not_counted(books: Books) -> None:
    books.must(1, receive(40))
    books.must(5, count(30))
    assert books.must(5, receive(7)).events == [received(7)]
    assert (books.on_hand(), books.as_it_occurred(5)) == (37, 37)


def test_a_count_that_has_not_happened_yet_keeps_nothing_as_it_is(books: Books) -> None:
    books.must(1, receive(40))
    books.must(9_000, count(30))
    books.until = 100
    assert books.must(50, receive(7)).events == [received(7)]
    assert books.must(60, count(45)).events == [counted(45, delta=-2)]
    books.until = 10_000
    assert books.must(50, receive(7)).events == [received(7), recounted(-7, at=60, count=6)]
    assert books.must(70, adjust(-1)).events == [recounted(1, at=9_000, count=4), adjusted(-1)]


def test_other_sources_were_not_counted(books: Books) -> None:
    books.must(1, receive(40, "east"))
    books.must(1, receive(10, "west"))
    books.must(5, count(30, "east"))
    assert books.must(3, transfer(6, "east", "west")).events == [
        recounted(6, "east", at=5, count=5), transferred(6, "east", "west"),
    ]
    assert (books.on_hand("east"), books.on_hand("west")) == (30, 16)
    assert books.must(3, transfer(6, "west", "east")).events == [
        transferred(6, "west", "east"), recounted(-6, "east", at=5, count=5),
    ]
    assert (books.on_hand("east"), books.on_hand("west")) == (30, 10)


def test_units_that_were_counted_away_need_not_be_there_now(books: Books) -> None:
    books.must(1, receive(40, "east"))
    books.must(5, count(0, "east"))
    books.must(3, transfer(40, "east", "west"))
    assert (books.on_hand("east"), books.on_hand("west")) == (0, 40)


def test_a_fact_that_no_count_followed_moves_what_is_on_hand(books: Books) -> None:
    books.must(5, receive(40))
    assert books.must(3, receive(7)).events == [received(7)]
    assert books.on_hand() == 47


@pytest.mark.parametrize("decision", [adjust(-6), count(4), transfer(6, "default", "west")])
def test_nothing_that_was_recorded_late_puts_a_source_below_zero_now(
    books: Books, decision: object
) -> None:
    books.must(1, receive(10))
    books.must(9, adjust(-5))
    refused = books.record(5, decision)                        # type: ignore[arg-type]
    assert refused.refusal is not None
    assert refused.refusal.code == "not_enough_on_hand"
    assert refused.refusal.details["shortfall"] == 1


def test_a_moment_of_the_past_below_zero_is_recorded_and_named(books: Books) -> None:
    books.must(1, receive(10))
    books.must(5, adjust(-8))
    books.must(9, receive(20))
    assert books.must(3, adjust(-2)).told == []
    [told] = books.must(3, adjust(-1)).told
    assert told.startswith("past_below_zero: by what is recorded now, source default held -1 of ")
    assert "at 1970-01-01T00:00:00.000005Z" in told
    assert (books.as_it_occurred(5), books.on_hand()) == (-1, 19)


def test_the_first_moment_below_zero_may_be_that_of_the_fact_itself(books: Books) -> None:
    books.must(5, receive(10))
    [told] = books.must(3, adjust(-4)).told
    assert "held -4" in told
    assert "00.000003Z" in told


def test_what_moved_at_one_instant_moved_at_once(books: Books) -> None:
    books.must(1, receive(4))
    books.must(5, adjust(-4))
    books.must(5, receive(9))
    assert books.must(3, adjust(-4)).told == []


def test_what_moved_when_a_source_was_counted_was_counted(books: Books) -> None:
    books.must(1, receive(4))
    books.must(5, adjust(-4))
    books.must(5, count(0))
    assert books.must(3, adjust(-4)).told == []
    assert books.as_it_occurred(5) == 0


def test_a_moment_after_the_count_is_as_it_was(books: Books) -> None:
    books.must(1, receive(10))
    books.must(5, count(0))
    books.must(9, receive(20))
    [told] = books.must(3, adjust(-11)).told
    assert "00.000003Z" in told
    assert books.must(1, count(11)).told == []
    assert books.on_hand() == 20


def test_what_was_shipped_before_a_count_serves_who_waits(books: Books) -> None:
    books.must(1, receive(10))
    books.must(1, place("SO-1", 10))
    books.must(2, place("SO-2", 4))
    books.must(5, count(10))
    entry = books.must(3, ship("SO-1", 6))
    assert entry.events == [
        recounted(6, at=5, count=6), shipped(6, "SO-1"), allocated(4, "SO-2"),
    ]
    assert (books.on_hand(), entry.told) == (10, [])


def test_so_it_is_for_lines_of_an_item_that_is_not_managed_any_more(books: Books) -> None:
    books.must(1, receive(10))
    books.must(1, place("SO-1", 10))
    books.must(2, place("SO-2", 4))
    books.must(5, count(10))
    books.must(6, change(managed("off")))
    assert books.must(3, ship_unmanaged("SO-1", 6)).events == [
        recounted(6, at=5, count=6), shipped(6, "SO-1"), allocated(4, "SO-2"),
    ]
    assert books.on_hand() == 10


def test_a_source_that_was_counted_since_ships_what_had_been_there(books: Books) -> None:
    books.must(1, receive(6, "east"))
    books.must(1, receive(6, "west"))
    books.must(1, place("SO-1", 6, pool="both"))
    books.must(5, count(0, "west"))
    assert books.record(6, ship("SO-1", 6, source="west")).refusal is not None
    assert books.must(3, ship("SO-1", 6, source="west")).events == [
        recounted(6, "west", at=5, count=6), shipped(6, "SO-1", pool="both", west=6),
    ]
    assert (books.on_hand("east"), books.on_hand("west")) == (6, 0)


def test_a_shipment_from_many_sources_is_booked_on_the_counts_of_each(books: Books) -> None:
    books.must(1, receive(3, "east"))
    books.must(1, receive(6, "west"))
    books.must(1, place("SO-1", 5, pool="both"))
    books.must(5, count(2, "east"))
    assert books.must(3, ship("SO-1", 5)).events == [
        recounted(2, "east", at=5, count=6), shipped(5, "SO-1", pool="both", east=2, west=3),
    ]
    assert (books.on_hand("east"), books.on_hand("west")) == (2, 3)


def test_what_came_back_or_was_delivered_before_a_count_was_counted(books: Books) -> None:
    books.must(1, receive(6))
    books.must(1, place("SO-1", 6))
    books.must(2, ship("SO-1", 6))
    books.must(5, count(4))
    assert books.must(3, take_back(returned(1, "SO-1"), returned(2, "SO-1"))).events == [
        returned(1, "SO-1"), returned(2, "SO-1"), recounted(-3, at=5, count=6),
    ]
    assert books.must(3, receive_goods(goods_received(5))).events == [
        goods_received(5), recounted(-5, at=5, count=6),
    ]
    assert books.on_hand() == 4


def test_allocations_follow_a_count_of_an_earlier_day(books: Books) -> None:
    books.must(1, receive(10))
    books.must(1, place("SO-1", 12))
    books.must(4, receive(1))
    assert books.must(2, count(8)).events == [revoked(2, "SO-1"), counted(8, delta=-2)]
    assert books.must(3, count(11)).events == [counted(11, delta=3), allocated(3, "SO-1")]


def test_no_moment_of_the_past_holds_more_than_a_quantity_can_say(books: Books) -> None:
    most = (LIMIT - SCALE) // SCALE
    books.must(1, receive(most))
    books.must(5, count(0))
    entry = books.record(3, receive(2))
    assert entry.refusal is not None
    assert entry.refusal.code == "quantity_too_large"
    assert entry.refusal.details["occurred_at"] == "1970-01-01T00:00:00.000003Z"


def test_it_is_moments_that_are_looked_at_and_not_what_moved_at_one_of_them(books: Books) -> None:
    most = (LIMIT - 2 * SCALE) // SCALE
    books.must(5, receive(most))
    books.must(5, adjust(-most))
    assert books.record(3, receive(2)).refusal is None
    books.must(7, receive(most - 2))
    books.must(9, count(0))
    entry = books.record(2, receive(2))
    assert entry.refusal is not None
    assert entry.refusal.details["occurred_at"] == "1970-01-01T00:00:00.000007Z"


def test_small_disorder_is_settled_without_the_log(books: Books) -> None:
    for at in range(100, 100 + 2 * KEPT):
        books.must(at, receive(1))
    books.must(100 + KEPT, adjust(-1))
    assert books.looked_back == 0
    books.must(99, adjust(-1))
    assert books.looked_back > 0
    assert len(books.scene.stock.timelines["default"]) == KEPT


def test_an_item_from_an_earlier_snapshot_remembers_what_the_log_says(books: Books) -> None:
    books.must(1, receive(40))
    books.must(5, count(30))
    stock = books.scene.stock
    state = {name: part for name, part in stock.to_state().items() if name != "timelines"}
    kept = stock.timelines["default"].copy()
    stock.restore(state)
    assert not stock.knows_what_moved
    assert stock.to_state() == state
    assert stock.clone().to_state() == state
    stock.timelines["default"].add(7, SCALE)
    assert books.must(3, receive(7)).events[1:] == [recounted(-7, at=5, count=4)]
    assert books.looked_back > 0
    assert books.must(9, receive(1)).events == [received(1)]
    whole = Timeline()
    whole.add(1, 40 * SCALE)
    whole.add(5, -10 * SCALE, 4)
    assert kept == whole
    stock.remember({"default": whole})
    assert stock.knows_what_moved
    assert stock.timelines["default"] == whole


def test_a_timeline_keeps_the_last_movements_in_order_of_time() -> None:
    timeline = Timeline()
    for at in (5, 1, 9, 5, 7):
        timeline.add(at, at, kept=3)
    assert list(timeline) == [Movement(5, 5, 0), Movement(7, 7, 0), Movement(9, 9, 0)]
    assert (timeline.floor, timeline.latest, len(timeline)) == (5, 9, 3)
    assert (timeline.covers(4), timeline.covers(5)) == (False, True)
    assert [timeline[place] for place in (timeline.place_after(5), timeline.place_at(5))] == [
        Movement(7, 7, 0), Movement(5, 5, 0)
    ]
    assert timeline != [5, 7, 9]
    assert Timeline.of_state(timeline.to_state()) == timeline
