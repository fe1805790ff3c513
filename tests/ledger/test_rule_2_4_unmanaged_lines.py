"""Rule 2.4: while an item is not managed its older open lines ship any time, allocated or not."""

import pytest

from stocktrail.ledger.configuration import ManageStockChanged
from tests.ledger.decisions import ship, ship_unmanaged
from tests.ledger.facts import (
    Number,
    allocated,
    backorders_set,
    managed,
    pool_defined,
    received,
    registered,
    reserved,
    shipped,
    shipped_unmanaged,
    source_registered,
    units,
)
from tests.scenes import Scene, given


@pytest.fixture
def waiting() -> Scene:
    """Four of ten are allocated, and somebody else waits for three, when managing ends."""
    return given(
        registered(), received(4), backorders_set("allow"), reserved("SO-1", 10, waits_for=6),
        reserved("SO-2", 3, waits_for=3), managed("off"),
    )


def test_what_is_allocated_leaves_its_source_and_the_rest_leaves_without_one(
    waiting: Scene
) -> None:
    shop = waiting.when(ship_unmanaged("SO-1", 10)).then(
        shipped(4, "SO-1"), shipped_unmanaged(6, "SO-1")
    )
    assert shop.stock.on_hand == {"default": 0}
    assert shop.lines() == {("SO-2", 1): (0, 3)}


@pytest.mark.parametrize(("quantity", "left"), [(1, (3, 6)), (4, (0, 6)), (7, (0, 3))])
def test_allocated_units_go_first(
    waiting: Scene, quantity: Number, left: tuple[Number, Number]
) -> None:
    decided = waiting.when(ship_unmanaged("SO-1", quantity))
    shop = decided.then(*decided.events)
    assert shop.lines()["SO-1", 1] == left


def test_a_line_without_any_allocation_moves_nothing_on_hand(waiting: Scene) -> None:
    shop = waiting.when(ship_unmanaged("SO-2", 3)).then(shipped_unmanaged(3, "SO-2"))
    assert shop.stock.on_hand == {"default": units(4)}
    assert shop.lines() == {("SO-1", 1): (4, 6)}


def test_units_that_a_named_source_cannot_give_leave_without_it_and_free_what_was_bound() -> None:
    shop = given(
        source_registered("east"), pool_defined("default", "default", "east"), registered(),
        received(3), received(1, "east"), backorders_set("allow"), reserved("SO-1", 4),
        reserved("SO-2", 5, waits_for=5), managed("off"),
    )
    shop = shop.when(ship_unmanaged("SO-1", 4, source="east")).then(
        shipped(1, "SO-1", east=1), shipped_unmanaged(3, "SO-1", freed=3), allocated(3, "SO-2")
    )
    assert shop.stock.on_hand == {"default": units(3), "east": 0}
    assert shop.lines() == {("SO-2", 1): (3, 2)}


def test_a_source_that_does_not_serve_the_pool_gives_nothing(waiting: Scene) -> None:
    shop = waiting.when(ship_unmanaged("SO-1", 10, source="nowhere")).then(
        shipped_unmanaged(10, "SO-1", freed=4), allocated(3, "SO-2")
    )
    assert shop.lines() == {("SO-2", 1): (3, 0)}


def test_switched_on_again_the_rest_of_a_line_waits_as_before(waiting: Scene) -> None:
    shop = waiting.when(ship_unmanaged("SO-1", 7)).then(
        shipped(4, "SO-1"), shipped_unmanaged(3, "SO-1")
    ).happen(managed("on"))
    assert shop.lines() == {("SO-1", 1): (0, 3), ("SO-2", 1): (0, 3)}
    shop.when(ship("SO-1", 1)).then_refused("backordered_units_cannot_ship")


def test_several_lines_of_an_order_ship_in_one_decision() -> None:
    shop = given(
        registered(), received(4), backorders_set("allow"), reserved("SO-1", 3),
        reserved("SO-1", 3, line=2, waits_for=2), managed("off"),
    )
    shop = shop.when(ship_unmanaged("SO-1", (1, 3), (2, 3))).then(
        shipped(3, "SO-1"), shipped(1, "SO-1", line=2), shipped_unmanaged(2, "SO-1", line=2)
    )
    assert shop.lines() == {}


@pytest.mark.parametrize(
    ("settings", "is_managed"),
    [
        ([], True),
        ([managed("off", sku=None)], False),
        ([managed("off", sku=None), managed("on")], True),
        ([managed("off"), managed("on", sku=None)], False),
        ([managed("off"), managed(None)], True),
    ],
)
def test_an_item_is_managed_by_its_own_setting_else_by_that_of_all(
    settings: list[ManageStockChanged], is_managed: bool
) -> None:
    shop = given(registered(), *settings)
    assert shop.stock.is_managed(shop.settings) is is_managed


def test_units_stay_whole(waiting: Scene) -> None:
    waiting.when(ship_unmanaged("SO-1", 0.5)).then_refused("decimal_not_allowed")
