"""Rule 5.9: the units of an item are distributed again among the lines that want them."""

import pytest

from stocktrail.ledger.line_units import LineKey
from stocktrail.ledger.reallocation import Strategy, fair_shares
from tests.ledger.facts import (
    Number,
    backorders_set,
    received,
    registered,
    reserved,
    two_pools,
    units,
)
from tests.ledger.reallocating import reallocate, reallocated
from tests.scenes import SKU, Scene, given

# In queue order: who wants how many, and how many of them it waits for.
LINES: list[tuple[str, Number, Number]] = [
    ("A", 6, 4), ("B", 5, 2), ("D", 4, 4), ("C", 8, 2), ("E", 4, 0), ("F", 3, 2),
]
STRATEGIES: dict[LineKey, Strategy] = {
    ("A", 1): "win", ("B", 1): "gain", ("D", 1): "redistribute", ("C", 1): "redistribute",
    ("E", 1): "fill", ("F", 1): "lose",
}


def sixteen_units() -> Scene:
    """Six lines want 30 units, of which there are 16; D comes before C in the queue."""
    return given(
        registered(), backorders_set("allow"), received(16),
        *(
            reserved(order, wants, waits_for=waits, priority=place)
            for place, (order, wants, waits) in enumerate(LINES, 1)
        ),
    )


def has(scene: Scene) -> dict[str, Number]:
    """Return what the first line of every order has allocated, in units."""
    return {order: allocated for (order, _), (allocated, _) in scene.lines().items()}


def test_the_worked_example() -> None:
    shop = sixteen_units().when(reallocate("redistribute", STRATEGIES)).then(reallocated(
        ("A", "win", 2, 6), ("B", "gain", 3, 5), ("D", "redistribute", 0, 4),
        ("C", "redistribute", 6, 1), ("E", "fill", 4, 0), ("F", "lose", 1, 0),
    ))
    assert has(shop) == {"A": 6, "B": 5, "D": 4, "C": 1, "E": 0, "F": 0}
    shop.when(reallocate("redistribute", STRATEGIES)).then_nothing()


def test_the_worked_example_of_fair_shares() -> None:
    assert fair_shares(16, [6, 5, 4, 8, 4, 3], 1) == [3, 3, 2, 4, 2, 2]
    shop = sixteen_units().when(reallocate("fair_share")).then_something()
    assert has(shop) == {"A": 3, "B": 3, "D": 2, "C": 4, "E": 2, "F": 2}


@pytest.mark.parametrize(("strategy", "expected"), [
    ("gain", {"A": 2, "B": 3, "D": 0, "C": 6, "E": 4, "F": 1}),
    ("redistribute", {"A": 6, "B": 5, "D": 4, "C": 1, "E": 0, "F": 0}),
    ("fill", {"A": 2, "B": 3, "D": 0, "C": 6, "E": 4, "F": 1}),
    ("lose", {"A": 6, "B": 5, "D": 4, "C": 1, "E": 0, "F": 0}),
])
def test_one_strategy_for_all(strategy: Strategy, expected: dict[str, Number]) -> None:
    assert has(sixteen_units().when(reallocate(strategy)).then_something()) == expected


def test_all_cannot_win_when_there_are_too_few_and_every_loser_is_named() -> None:
    refusal = sixteen_units().when(reallocate("win")).then_refused(
        "not_enough_on_hand", sku=SKU, order="C", line=1, quantity=8, allocated=1, shortfall=7
    )
    failures = refusal.details["failures"]
    assert [(each["order"], each["shortfall"]) for each in failures] == [
        ("C", 7), ("E", 4), ("F", 3),
    ]


def test_a_line_can_win_only_what_gaining_lines_do_not_have() -> None:
    kept: dict[LineKey, Strategy] = {("C", 1): "win", ("D", 1): "lose"}
    sixteen_units().when(reallocate("gain", kept)).then_refused(
        "not_enough_on_hand", order="C", shortfall=2
    )
    given_up = sixteen_units().when(reallocate("gain", {**kept, ("E", 1): "fill"}))
    assert has(given_up.then_something()) == {"A": 4, "B": 3, "D": 0, "C": 8, "E": 0, "F": 1}


def test_a_line_that_loses_gives_up_what_it_has_to_those_before_it_may_gain() -> None:
    shop = sixteen_units().when(reallocate("fill", {("C", 1): "lose", ("A", 1): "redistribute"}))
    assert has(shop.then_something()) == {"A": 6, "B": 3, "D": 0, "C": 2, "E": 4, "F": 1}


def test_what_nobody_takes_goes_back_to_who_lost_it() -> None:
    sixteen_units().when(reallocate("fill", {("C", 1): "lose"})).then_nothing()


def test_fair_shares_of_what_comes_in_fractions_are_exact_to_the_last_piece() -> None:
    shop = given(
        registered(decimal=True), backorders_set("allow"), received(10),
        *(reserved(order, 10, waits_for=waits)
          for order, waits in (("A", 0), ("B", 10), ("C", 10))),
    ).when(reallocate("fair_share")).then_something()
    assert has(shop) == {"A": 3.3334, "B": 3.3333, "C": 3.3333}


def test_fair_shares_take_what_stronger_lines_leave_before_weaker_ones_take_part() -> None:
    shop = sixteen_units().when(reallocate("fair_share", {
        ("A", 1): "win", ("E", 1): "redistribute", ("F", 1): "lose",
    })).then_something()
    # 10 units over 5, 4 and 8.
    assert has(shop) == {"A": 6, "B": 3, "D": 2, "C": 5, "E": 0, "F": 0}


def test_everybody_has_a_fair_share_of_enough() -> None:
    shop = given(registered(), received(20), reserved("A", 6), reserved("B", 4))
    shop.when(reallocate("fair_share")).then_nothing()


def test_an_item_that_nobody_wants_is_distributed_to_nobody() -> None:
    given(registered(), received(5)).when(reallocate("win")).then_nothing()


# ------------------------------------------------------------------ pools


def two_shared_pools(shared: Number, of_a: Number, of_b: Number) -> Scene:
    return given(
        *two_pools(), registered(), backorders_set("allow"),
        *(received(quantity, source)
          for source, quantity in (("shared", shared), ("of-a", of_a), ("of-b", of_b))),
    )


def in_two_pools() -> Scene:
    """Both pools want 10; 4 units are in reach of both, 2 of A alone and 8 of B alone."""
    shop = two_shared_pools(4, 2, 8)
    for event in (
        reserved("A", 10, waits_for=4, pool="A"), reserved("B", 10, waits_for=2, pool="B"),
    ):
        shop.happen(event).assert_sound()
    return shop


POOLS = {"A": "A", "B": "B"}


def test_a_pool_wins_units_that_another_can_do_without() -> None:
    shop = two_shared_pools(4, 6, 8)
    for event in (
        reserved("B", 12, pool="B", priority=9), reserved("A", 10, waits_for=4, pool="A"),
    ):
        shop.happen(event).assert_sound()
    shop.when(reallocate("redistribute", {("A", 1): "win"})).then(reallocated(
        ("A", "win", 6, 10), ("B", "redistribute", 12, 8), pools=POOLS
    ))


def test_no_pool_wins_what_lies_where_it_cannot_reach() -> None:
    in_two_pools().when(reallocate("lose", {("A", 1): "win"})).then_refused(
        "not_enough_on_hand", order="A", quantity=10, allocated=6, shortfall=4
    )


def test_fair_shares_count_only_the_units_that_a_pool_can_reach() -> None:
    shop = in_two_pools().when(reallocate("fair_share")).then_something()
    # 14 units for 20 would be 7 for each, but 6 is the most that A can reach.
    assert has(shop) == {"A": 6, "B": 8}


def test_fair_shares_within_a_pool_that_reaches_less_than_there_is() -> None:
    shop = two_shared_pools(0, 10, 10)
    for event in (
        reserved("A1", 6, pool="A"), reserved("A2", 6, waits_for=2, pool="A"),
        reserved("B", 2, pool="B"),
    ):
        shop.happen(event).assert_sound()
    assert has(shop.copy().when(reallocate("fair_share")).then_something()) == {
        "A1": 5, "A2": 5, "B": 2,
    }
    assert has(shop.when(reallocate("fair_share", pool="A")).then_something()) == {
        "A1": 5, "A2": 5, "B": 2,
    }


def test_the_scarcest_pools_share_first_and_do_not_lose_to_the_others() -> None:
    shop = two_shared_pools(6, 0, 12)
    for event in (
        reserved("A1", 12, waits_for=6, pool="A"), reserved("A2", 12, waits_for=12, pool="A"),
        reserved("B", 12, pool="B"),
    ):
        shop.happen(event).assert_sound()
    assert has(shop.when(reallocate("fair_share")).then_something()) == {
        "A1": 3, "A2": 3, "B": 12,
    }


def test_other_pools_keep_what_they_have() -> None:
    shop = in_two_pools()
    shop.when(reallocate("lose", pool="A")).then_nothing()
    shop.when(reallocate("lose", {("B", 1): "gain"}, pool="A")).then_refused(
        "not_enough_remaining", order="B", line=1, remaining=0
    )


def test_what_is_not_known_is_refused() -> None:
    given().when(reallocate("win")).then_refused("unknown_sku", sku=SKU)
    shop = given(registered(), received(5), reserved("A", 2))
    shop.when(reallocate("win", pool="nowhere")).then_refused("unknown_pool", pool="nowhere")
    shop.when(reallocate("win", {("A", 2): "gain"})).then_refused(
        "not_enough_remaining", order="A", line=2
    )
    assert shop.stock.allocated == {"default": units(2)}
