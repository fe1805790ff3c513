"""Rule 2.3: the worked example that every part of the product must reproduce, step by step."""

import pytest

from tests.ledger.decisions import cancel, place
from tests.ledger.facts import (
    backorders_set,
    received,
    registered,
    released,
    reserved,
    threshold_set,
    units,
)
from tests.scenes import Scene, given


@pytest.fixture
def shop() -> Scene:
    """Quantity 25, notify below 10, only-X-left 5, threshold -50, backorders allowed."""
    return given(
        registered(),
        received(25),
        threshold_set("notify_below", 10),
        threshold_set("only_x_left", 5),
        threshold_set("out_of_stock", -50),
        backorders_set("allow"),
    )


def sold(shop: Scene, *quantities: int) -> Scene:
    """Sell these quantities one after the other."""
    for quantity in quantities:
        number = sum(1 for _ in shop.stock.lines) + 1
        shop = shop.when(place(f"SO-{number}", quantity)).then_something()
    return shop


def test_salable_is_75(shop: Scene) -> None:
    assert shop.shown() == (units(75), False, True, "In Stock")


def test_after_25_are_sold_the_26th_unit_is_backordered(shop: Scene) -> None:
    shop = sold(shop, 25)
    assert shop.figures().backordered == 0
    shop.when(place("SO-26", 1)).then(reserved("SO-26", 1, waits_for=1))


def test_after_70_are_sold_only_5_are_left(shop: Scene) -> None:
    shop = sold(shop, 25, 45)
    assert shop.shown() == (units(5), False, True, "Only 5 left")


def test_after_75_it_is_out_of_stock_and_the_76th_unit_is_refused(shop: Scene) -> None:
    shop = sold(shop, 25, 45, 5)
    assert shop.shown() == (0, False, False, "Out of Stock")
    shop.when(place("SO-76", 1)).then_refused("not_enough_salable", quantity=1, shortfall=1)


def test_cancelling_10_gives_them_back_to_the_pool_and_to_no_source(shop: Scene) -> None:
    shop = sold(shop, 65, 10)
    before = dict(shop.stock.on_hand)
    shop = shop.when(cancel("SO-2", 10)).then(released("SO-2", backordered=10))
    assert shop.salable() == 10
    assert shop.stock.on_hand == before


def test_the_low_stock_threshold_is_10_from_the_product(shop: Scene) -> None:
    notify_below = shop.stock.policy(shop.settings, "default").notify_below
    assert notify_below == (units(10), "product")
    assert sold(shop, 65).salable() == 10, "which is at the threshold: the notice is due"
