"""Rule 2.2: what becomes of the stored out-of-stock threshold under each backorder policy."""

import pytest

from stocktrail.ledger.configuration import Backorders
from stocktrail.ledger.salability import Allowance, allowance_of, effective_threshold
from tests.ledger.facts import backorders_set, managed, received, registered, threshold_set, units
from tests.scenes import given

ALLOWED: tuple[Backorders, ...] = ("allow", "allow_and_notify")


def test_positive_without_backorders_is_safety_stock() -> None:
    assert effective_threshold(units(5), "no") == Allowance(units(5), False, False)


def test_zero_without_backorders_is_zero() -> None:
    assert effective_threshold(0, "no") == Allowance(0, False, False)


def test_negative_without_backorders_is_ignored() -> None:
    assert effective_threshold(units(-5), "no") == Allowance(0, False, True)


@pytest.mark.parametrize("policy", ALLOWED)
def test_positive_with_backorders_is_ignored_and_means_no_limit(policy: Backorders) -> None:
    assert effective_threshold(units(5), policy) == Allowance(0, True, True)


@pytest.mark.parametrize("policy", ALLOWED)
def test_zero_with_backorders_means_no_limit(policy: Backorders) -> None:
    assert effective_threshold(0, policy) == Allowance(0, True, False)


@pytest.mark.parametrize("policy", ALLOWED)
def test_negative_with_backorders_is_how_many_may_be_backordered(policy: Backorders) -> None:
    assert effective_threshold(units(-50), policy) == Allowance(units(-50), False, False)


@pytest.mark.parametrize(
    ("stored", "policy", "salable", "unlimited"),
    [
        (5, "no", 5, False),
        (0, "no", 10, False),
        (-5, "no", 10, False),
        (5, "allow", 10, True),
        (0, "allow", 10, True),
        (-5, "allow", 15, False),
        (-5, "allow_and_notify", 15, False),
    ],
)
def test_ten_on_hand_are_salable_accordingly(
    stored: int, policy: Backorders, salable: int, unlimited: bool
) -> None:
    shop = given(
        registered(), received(10), threshold_set("out_of_stock", stored), backorders_set(policy)
    )
    assert (shop.salable(), shop.judged().unlimited) == (salable, unlimited)


def test_the_policy_of_an_item_in_a_pool_has_an_effective_threshold() -> None:
    shop = given(registered(), backorders_set("allow"), threshold_set("out_of_stock", -5))
    policy = shop.stock.policy(shop.settings, "default")
    assert allowance_of(policy) == Allowance(units(-5), False, False)


def test_there_is_a_salable_quantity_of_what_is_managed_and_carried() -> None:
    assert given(registered(), received(0)).judged().is_counted
    assert not given(registered()).judged().is_counted
    assert not given(registered(), received(0), managed("off")).judged().is_counted
