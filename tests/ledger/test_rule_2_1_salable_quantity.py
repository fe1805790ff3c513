"""Rule 2.1: supply, demand, and what may still be sold of an item in a pool."""

import pytest

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.salability import Reason
from tests.ledger.decisions import place, receive, set_status
from tests.ledger.facts import (
    backorders_set,
    managed,
    pool_defined,
    received,
    registered,
    reserved,
    shipped,
    source_disabled,
    source_registered,
    status_set,
    threshold_set,
    two_pools,
    units,
)
from tests.scenes import given


def test_salable_is_supply_less_demand_less_threshold() -> None:
    shop = given(registered(), threshold_set("out_of_stock", 5), received(25), reserved("SO-1", 10))
    figures = shop.figures()
    assert (figures.supply, figures.demand, figures.allocated) == (units(25), units(10), units(10))
    assert shop.salable() == 10
    assert shop.judged().is_salable


def test_supply_is_the_sum_over_sellable_sources_when_no_source_is_shared() -> None:
    shop = given(
        *(source_registered(source) for source in ("berlin", "lyon", "rome", "oslo")),
        pool_defined("europe", "berlin", "lyon", "rome"),
        registered(),
        received(5, "berlin"),
        received(3, "lyon"),
        received(10, "rome"),
        received(7, "oslo"),
        status_set("out_of_stock", "rome"),
        source_disabled("lyon"),
    )
    assert shop.figures("europe").supply == units(5)


def test_pools_that_share_a_source_never_promise_the_same_unit_twice() -> None:
    shop = given(*two_pools(), registered(), received(10, "shared"), received(2, "of-b"))
    assert (shop.salable("A"), shop.salable("B")) == (10, 12)
    after = shop.when(place("SO-1", 10, pool="A")).then(reserved("SO-1", 10, pool="A"))
    assert (after.salable("A"), after.salable("B")) == (0, 2)
    after.when(place("SO-2", 3, pool="B")).then_refused("not_enough_salable", shortfall=1)


def test_free_moves_other_pools_claims_to_sources_of_their_own() -> None:
    shop = given(
        *two_pools(),
        registered(),
        received(5, "shared"),
        received(5, "of-a"),
        reserved("SO-1", 5, pool="A"),
    )
    assert shop.salable("B") == 5, "A's five can come from its own source"


def test_shipping_does_not_move_salable() -> None:
    shop = given(registered(), received(25), reserved("SO-1", 10))
    assert shop.salable() == 15
    assert shop.happen(shipped(10, "SO-1")).salable() == 15


@pytest.mark.parametrize("manage", ["on", "off"])
def test_first_an_item_that_only_sources_of_other_pools_carry_is_not_salable(manage: str) -> None:
    shop = given(
        source_registered("berlin"),
        pool_defined("europe", "berlin"),
        registered(),
        received(5),
        managed("off" if manage == "off" else "on"),
    )
    assert not shop.judged("europe").is_salable
    shop.when(place("SO-1", 1, pool="europe")).then_refused("not_assigned_to_pool")


def test_an_item_that_no_source_carries_is_not_salable() -> None:
    shop = given(registered())
    assert not shop.judged().is_salable
    shop.when(place("SO-1", 1)).then_refused("not_assigned_to_pool")


def test_what_is_not_managed_needs_no_source() -> None:
    shop = given(
        source_registered("berlin"), pool_defined("europe", "berlin"), registered(), managed("off"),
    )
    for pool in ("europe", "default"):
        assert shop.judged(pool).is_salable
        assert shop.judged(pool).message == "In Stock"
        assert shop.when(place("SO-1", 1, pool=pool)).refusal is None


def test_a_disabled_source_still_carries_the_item() -> None:
    shop = given(registered(), received(5), source_disabled())
    assert shop.figures().assigned
    shop.when(place("SO-1", 1)).then_refused("no_source_in_stock")


def test_second_what_is_not_managed_is_salable_even_out_of_stock() -> None:
    shop = given(registered(), received(0), status_set("out_of_stock"), managed("off"))
    assert shop.judged().is_salable
    assert shop.judged().unlimited


def test_third_without_a_sellable_source_nothing_is_salable_and_no_allowance_counts() -> None:
    shop = given(
        registered(),
        received(25),
        backorders_set("allow"),
        threshold_set("out_of_stock", -50),
        status_set("out_of_stock"),
    )
    assert shop.shown() == (0, False, False, "Out of Stock")
    shop.when(place("SO-1", 1)).then_refused("no_source_in_stock")


def test_a_sellable_source_may_be_empty() -> None:
    shop = given(registered(), received(0), backorders_set("allow"))
    assert shop.judged().is_salable


def test_fourth_unlimited_backorders_are_salable_below_zero() -> None:
    shop = given(registered(), received(5), backorders_set("allow"))
    shop = shop.when(place("SO-1", 8)).then(reserved("SO-1", 8, waits_for=3))
    assert shop.shown() == (units(-3), True, True, "In Stock")
    shop.when(place("SO-2", 9999)).then(reserved("SO-2", 9999, waits_for=9999))


@pytest.mark.parametrize(("asked", "fits"), [(9, True), (10, True), (11, False)])
def test_else_a_request_is_satisfiable_up_to_the_salable_quantity(asked: int, fits: bool) -> None:
    decided = given(registered(), received(10)).when(place("SO-1", asked))
    if fits:
        decided.then(reserved("SO-1", asked))
    else:
        refusal = decided.then_refused("not_enough_salable", sku="WIDGET", quantity=asked)
        assert refusal.details["salable_quantity"] == 10
        assert refusal.details["shortfall"] == 1


def test_the_threshold_is_subtracted_once_per_pool() -> None:
    shop = given(
        *two_pools(),
        threshold_set("out_of_stock", 4),
        registered(),
        received(5, "shared"),
        received(5, "of-a"),
    )
    assert shop.salable("A") == 6


def test_safety_stock_is_not_kept_from_lines_that_already_wait() -> None:
    shop = given(
        registered(),
        received(0),
        reserved("SO-1", 8, waits_for=8),
        threshold_set("out_of_stock", 5),
    )
    after = shop.when(receive(8)).then_something()
    assert after.lines() == {("SO-1", 1): (8, 0)}
    assert after.salable() == -5


def test_out_of_stock_by_hand_takes_the_units_away_and_in_stock_brings_them_back() -> None:
    shop = given(registered(), received(10))
    shop = shop.when(set_status("out_of_stock")).then(status_set("out_of_stock"))
    assert shop.salable() == 0
    assert shop.when(set_status("in_stock")).then(status_set("in_stock")).salable() == 10


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([], Reason.NOT_ASSIGNED),
        ([received(3), status_set("out_of_stock")], Reason.NO_SOURCE_IN_STOCK),
        ([received(0)], Reason.SOLD_OUT),
        ([received(0), backorders_set("allow")], None),
        ([received(1)], None),
    ],
)
def test_the_verdict_says_why_nothing_may_be_sold(
    events: list[Event], reason: Reason | None
) -> None:
    judged = given(registered(), *events).judged()
    assert (judged.reason, judged.is_salable) == (reason, reason is None)
    assert judged.explanation == (reason.explanation if reason else "")
