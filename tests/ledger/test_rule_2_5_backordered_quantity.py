"""Rule 2.5: an order pays only for its own shortage, not for earlier customers'."""

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from stocktrail.ledger.salability import backorder_message, backordered_quantity
from tests.ledger.decisions import place
from tests.ledger.facts import (
    Number,
    backorders_set,
    managed,
    received,
    registered,
    reserved,
    threshold_set,
    units,
)
from tests.scenes import given


@pytest.mark.parametrize(
    ("on_hand", "reserved_before", "asked", "waits"),
    [(10, 0, 15, 5), (0, 5, 5, 5), (5.5, 0, 10, 4.5)],
)
def test_the_examples_of_the_rule(
    on_hand: Number, reserved_before: Number, asked: Number, waits: Number
) -> None:
    shop = given(
        registered(decimal=True),
        received(on_hand),
        backorders_set("allow"),
        threshold_set("out_of_stock", -10),
    )
    if reserved_before:
        shop = shop.when(place("SO-0", reserved_before)).then_something()
    assert shop.judged().backordered_of(units(asked)) == units(waits)
    shop.when(place("SO-1", asked)).then(reserved("SO-1", asked, waits_for=waits))


@for_all(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_it_is_never_negative_nor_more_than_asked(quantity: int, supply: int, demand: int) -> None:
    waits = backordered_quantity(quantity, supply, demand)
    assert 0 <= waits <= quantity
    if demand <= supply:
        assert quantity - waits == min(quantity, supply - demand)


def test_nothing_is_backordered_while_stock_is_not_managed() -> None:
    shop = given(registered(), received(0), managed("off"))
    assert shop.judged().backordered_of(units(5)) == 0


def test_the_customer_is_told_only_under_allow_and_notify() -> None:
    messages = {}
    for value in ("allow", "allow_and_notify"):
        shop = given(registered(), received(0), backorders_set(value))
        policy = shop.stock.policy(shop.settings, "default")
        messages[value] = backorder_message("WIDGET", units(4.5), policy)
        assert backorder_message("WIDGET", 0, policy) is None
    assert messages == {
        "allow": None,
        "allow_and_notify": "4.5 of WIDGET will be backordered and shipped later.",
    }
