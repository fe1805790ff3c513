"""Rules 4.9, 4.10: backordered units go first, and freed ones to the queue."""

from tests.ledger.decisions import cancel
from tests.ledger.facts import allocated, received, registered, released, reserved, two_pools
from tests.scenes import given


def test_backordered_units_are_cancelled_before_allocated_ones() -> None:
    shop = given(registered(), received(6), reserved("SO-1", 10, waits_for=4))
    shop.when(cancel("SO-1", 3)).then(released("SO-1", backordered=3))
    after = shop.when(cancel("SO-1", 5)).then(released("SO-1", backordered=4, allocated=1))
    assert after.lines() == {("SO-1", 1): (5, 0)}
    assert after.salable() == 1


def test_a_whole_line_may_go() -> None:
    shop = given(registered(), received(6), reserved("SO-1", 10, waits_for=4))
    shop = shop.when(cancel("SO-1", 10)).then(released("SO-1", backordered=4, allocated=6))
    assert shop.lines() == {}
    assert shop.salable() == 6


def test_freed_units_go_to_the_queue_then_to_salable_and_to_no_source() -> None:
    shop = given(
        registered(),
        received(10),
        reserved("SO-1", 10),
        reserved("SO-2", 4, waits_for=4),
        reserved("SO-3", 2, waits_for=2, priority=1),
    )
    after = shop.when(cancel("SO-1", 9)).then(
        released("SO-1", allocated=9), allocated(2, "SO-3"), allocated(4, "SO-2")
    )
    assert after.salable() == 3
    assert after.stock.on_hand == shop.stock.on_hand


def test_the_line_that_is_cancelled_does_not_take_its_own_units_back() -> None:
    shop = given(
        registered(),
        received(6),
        reserved("SO-1", 10, waits_for=4, priority=1),
        reserved("SO-2", 5, waits_for=5),
    )
    shop.when(cancel("SO-1", 5)).then(
        released("SO-1", backordered=4, allocated=1), allocated(1, "SO-2")
    )


def test_another_line_of_the_same_order_takes_freed_units_in_its_turn() -> None:
    shop = given(
        registered(),
        received(6),
        reserved("SO-1", 6),
        reserved("SO-1", 3, line=2, waits_for=3),
        reserved("SO-2", 5, waits_for=5),
    )
    shop.when(cancel("SO-1", (1, 4), (2, 1))).then(
        released("SO-1", allocated=4),
        released("SO-1", line=2, backordered=1),
        allocated(2, "SO-1", line=2),
        allocated(2, "SO-2"),
    )


def test_a_line_named_twice_gives_the_sum() -> None:
    shop = given(registered(), received(6), reserved("SO-1", 10, waits_for=4))
    shop.when(cancel("SO-1", 3, 3)).then(released("SO-1", backordered=4, allocated=2))


def test_freed_units_reach_another_pool_through_the_shared_source() -> None:
    shop = given(
        *two_pools(),
        registered(),
        received(5, "shared"),
        received(5, "of-a"),
        reserved("SO-1", 10, pool="A"),
        reserved("SO-2", 9, waits_for=9, pool="B"),
    )
    shop.when(cancel("SO-1", 7)).then(
        released("SO-1", allocated=7, pool="A"), allocated(5, "SO-2", pool="B")
    )


def test_units_released_by_a_refund_say_so() -> None:
    shop = given(registered(), received(6), reserved("SO-1", 6))
    shop.when(cancel("SO-1", 2, cause="released")).then(
        released("SO-1", allocated=2, cause="released")
    )


def test_halves_of_whole_units_are_not_cancelled() -> None:
    shop = given(registered(), received(6), reserved("SO-1", 6))
    shop.when(cancel("SO-1", 0.5)).then_refused("decimal_not_allowed")
