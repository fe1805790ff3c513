"""Rule 2.4: what a request must satisfy, in which order, and what it is told when it does not."""

import pytest

from stocktrail.ledger.refusal import Refusal, is_kept
from tests.ledger.decisions import place
from tests.ledger.facts import (
    backorders_set,
    managed,
    received,
    registered,
    reserved,
    rule_set,
    status_set,
)
from tests.scenes import given


@pytest.mark.parametrize(("asked", "code"), [(2, "min_sale_quantity"), (7, "max_sale_quantity")])
def test_a_request_outside_least_and_most_is_refused(asked: int, code: str) -> None:
    shop = given(registered(), received(100), rule_set("min_sale", 3), rule_set("max_sale", 6))
    shop.when(place("SO-1", asked)).then_refused(code, quantity=asked)


@pytest.mark.parametrize("asked", [3, 6])
def test_a_request_at_the_least_or_the_most_is_accepted(asked: int) -> None:
    shop = given(registered(), received(100), rule_set("min_sale", 3), rule_set("max_sale", 6))
    shop.when(place("SO-1", asked)).then(reserved("SO-1", asked))


def test_by_default_at_least_1_and_at_most_10000_are_sold() -> None:
    shop = given(registered(decimal=True), received(20_000))
    shop.when(place("SO-1", 0.5)).then_refused("min_sale_quantity", min_sale_quantity=1)
    shop.when(place("SO-1", 10_001)).then_refused("max_sale_quantity", max_sale_quantity=10_000)
    shop.when(place("SO-1", 10_000)).then(reserved("SO-1", 10_000))


def test_least_and_most_are_skipped_when_0() -> None:
    shop = given(
        registered(decimal=True), received(20_000), rule_set("min_sale", 0), rule_set("max_sale", 0)
    )
    shop.when(place("SO-1", 0.5)).then(reserved("SO-1", 0.5))
    shop.when(place("SO-1", 20_000)).then(reserved("SO-1", 20_000))


@pytest.mark.parametrize(("asked", "fits"), [(1.5, True), (3, True), (2, False), (1.4999, False)])
def test_the_increment_wants_an_exact_multiple(asked: float, fits: bool) -> None:
    shop = given(registered(decimal=True), received(100), rule_set("increment", 1.5))
    decided = shop.when(place("SO-1", asked))
    if fits:
        decided.then(reserved("SO-1", asked))
    else:
        decided.then_refused("quantity_increment", quantity_increment=1.5)


def test_whole_units_only_refuses_fractions() -> None:
    shop = given(registered(), received(100))
    shop.when(place("SO-1", 1.5)).then_refused("decimal_not_allowed", quantity=1.5)
    given(registered(decimal=True), received(100)).when(place("SO-1", 1.5)).then(
        reserved("SO-1", 1.5)
    )


def test_every_failing_rule_is_reported_in_order_and_not_enough_salable_only_alone() -> None:
    shop = given(
        registered(),
        received(100),
        rule_set("min_sale", 3),
        rule_set("max_sale", 2),
        rule_set("increment", 2),
        status_set("out_of_stock"),
    )
    refusal = shop.when(place("SO-1", 2.5)).then_refused("min_sale_quantity", min_sale_quantity=3)
    assert [failure["code"] for failure in refusal.details["failures"]] == [
        "min_sale_quantity",
        "max_sale_quantity",
        "quantity_increment",
        "decimal_not_allowed",
        "no_source_in_stock",
    ]


def test_not_enough_salable_is_not_looked_at_when_another_rule_fails() -> None:
    shop = given(registered(), received(1), rule_set("max_sale", 5))
    refusal = shop.when(place("SO-1", 6)).then_refused("max_sale_quantity")
    assert len(refusal.details["failures"]) == 1


def test_a_sku_that_no_source_carries_is_not_assigned_whatever_else_fails() -> None:
    refusal = given(registered()).when(place("SO-1", 0.5)).then_refused("not_assigned_to_pool")
    assert len(refusal.details["failures"]) == 1


def test_a_sku_that_is_not_managed_needs_no_source_but_keeps_the_quantity_rules() -> None:
    shop = given(registered(), managed("off"))
    assert shop.when(place("SO-1", 5)).refusal is None
    shop.when(place("SO-1", 1.5)).then_refused("decimal_not_allowed")


def test_an_unknown_sku_or_pool_is_unknown() -> None:
    given().when(place("SO-1", 1)).then_refused("unknown_sku", sku="WIDGET")
    shop = given(registered(), received(1))
    shop.when(place("SO-1", 1, pool="mars")).then_refused("unknown_pool", pool="mars")


def test_unmanaged_skips_quantities_but_not_the_quantity_rules() -> None:
    shop = given(registered(), received(0), status_set("out_of_stock"), managed("off"))
    assert shop.when(place("SO-1", 5000)).refusal is None
    shop.when(place("SO-1", 10_001)).then_refused("max_sale_quantity")


def test_lines_of_one_order_are_judged_on_their_sum() -> None:
    shop = given(registered(), received(10), rule_set("min_sale", 4), rule_set("max_sale", 12))
    shop.when(place("SO-1", 2, 2)).then(reserved("SO-1", 2), reserved("SO-1", 2, line=2))
    shop.when(place("SO-1", 6, 5)).then_refused("not_enough_salable", quantity=11, shortfall=1)
    shop.when(place("SO-1", 7, 6)).then_refused("max_sale_quantity", quantity=13)


def test_halves_of_whole_units_are_refused_even_if_their_sum_is_whole() -> None:
    shop = given(registered(), received(0), status_set("out_of_stock"))
    refusal = shop.when(place("SO-1", 0.5, 1.5)).then_refused("decimal_not_allowed", quantity=0.5)
    codes = [failure["code"] for failure in refusal.details["failures"]]
    assert codes == ["decimal_not_allowed", "no_source_in_stock"]


def test_sentences_about_one_item_are_said_once() -> None:
    shop = given(registered(), received(1))
    refusal = shop.when(place("SO-1", 2)).then_refused("not_enough_salable")
    assert refusal.message == (
        "Only 1 of WIDGET may still be sold in pool default; 2 were asked for."
    )
    shop = given(registered(), received(1), backorders_set("allow"))
    shop.when(place("SO-1", 2)).then(reserved("SO-1", 2, waits_for=1))


@pytest.mark.parametrize(("refusal", "kept"), [
    (Refusal("not_enough_salable", "Too few."), True),
    (Refusal("unknown_sku", "Nobody knows it."), False),
    (Refusal("unknown_whatever_comes_next", "Nobody knows it."), False),
    (Refusal("occurred_in_future", "It has not happened."), False),
    (Refusal("min_sale_quantity", "Two.", failures=[
        {"code": "min_sale_quantity"}, {"code": "unknown_sku"},
    ]), False),
])
def test_a_refusal_of_what_is_not_known_or_not_possible_yet_is_not_kept(
    refusal: Refusal, kept: bool
) -> None:
    assert is_kept(refusal.as_json()) is kept
