"""Rule 4.11: allocated units go from one order's line to another's by hand."""

from tests.ledger.decisions import move
from tests.ledger.facts import moved, received, registered, reserved, two_pools
from tests.scenes import given


def test_the_items_on_hand_are_split_between_two_orders() -> None:
    shop = given(registered(), received(10), reserved("SO-1", 10), reserved("SO-2", 8, waits_for=8))
    shop = shop.when(move(4, "SO-1", "SO-2")).then(moved(4, "SO-1", "SO-2"))
    assert shop.lines() == {("SO-1", 1): (6, 4), ("SO-2", 1): (4, 4)}


def test_the_givers_last_lines_give_and_the_takers_first_lines_take() -> None:
    shop = given(
        registered(),
        received(6),
        reserved("SO-1", 3),
        reserved("SO-1", 3, line=2),
        reserved("SO-2", 2, waits_for=2),
        reserved("SO-2", 3, line=2, waits_for=3),
    )
    shop.when(move(4, "SO-1", "SO-2")).then(
        moved(2, "SO-1", "SO-2", from_line=2),
        moved(1, "SO-1", "SO-2", from_line=2, to_line=2),
        moved(1, "SO-1", "SO-2", to_line=2),
    )


def test_not_more_than_the_giver_has() -> None:
    shop = given(registered(), received(3), reserved("SO-1", 3), reserved("SO-2", 9, waits_for=9))
    shop.when(move(4, "SO-1", "SO-2")).then_refused(
        "not_enough_allocated", order="SO-1", allocated=3, shortfall=1
    )


def test_not_more_than_the_taker_waits_for() -> None:
    shop = given(registered(), received(9), reserved("SO-1", 9), reserved("SO-2", 3, waits_for=3))
    shop.when(move(4, "SO-1", "SO-2")).then_refused(
        "not_enough_remaining", order="SO-2", shortfall=1
    )


def test_between_pools_as_far_as_the_units_can_be_reached() -> None:
    shop = given(
        *two_pools(),
        registered(),
        received(3, "shared"),
        received(3, "of-a"),
        reserved("SO-1", 6, pool="A"),
        reserved("SO-2", 6, waits_for=6, pool="B"),
    )
    shop.when(move(3, "SO-1", "SO-2")).then(moved(3, "SO-1", "SO-2", pool="A", to_pool="B"))
    shop.when(move(4, "SO-1", "SO-2")).then_refused("not_enough_on_hand", pool="B")


def test_a_pool_may_be_named_to_look_only_there() -> None:
    shop = given(
        *two_pools(),
        registered(),
        received(3, "shared"),
        reserved("SO-1", 3, pool="A"),
        reserved("SO-2", 3, waits_for=3, pool="A"),
    )
    shop.when(move(1, "SO-1", "SO-2", pool="B")).then_refused("not_enough_allocated", allocated=0)
    shop.when(move(1, "SO-1", "SO-2", pool="A")).then(
        moved(1, "SO-1", "SO-2", pool="A", to_pool="A")
    )


def test_halves_of_whole_units_are_not_moved() -> None:
    shop = given(registered(), received(9), reserved("SO-1", 9), reserved("SO-2", 3, waits_for=3))
    shop.when(move(0.5, "SO-1", "SO-2")).then_refused("decimal_not_allowed")


def test_a_log_of_before_may_have_moved_units_from_a_line_to_itself() -> None:
    shop = given(registered(), received(2), reserved("SO-1", 3, waits_for=1))
    assert shop.happen(moved(1, "SO-1", "SO-1")).lines() == {("SO-1", 1): (2, 1)}
