"""Rule 4.5: only allocated units ship, from the source given or by the pool's priority."""

import pytest

from tests.ledger.decisions import ship
from tests.ledger.facts import (
    pool_defined,
    received,
    registered,
    reserved,
    shipped,
    source_disabled,
    source_registered,
    status_set,
    two_pools,
    units,
)
from tests.scenes import Scene, given


@pytest.fixture
def europe() -> Scene:
    """One pool over three sources with 5, 3 and 2 units; SO-1 has 10 of its 11 units."""
    return given(
        *(source_registered(source) for source in ("berlin", "lyon", "rome")),
        pool_defined("europe", "berlin", "lyon", "rome"),
        registered(),
        received(2, "rome"),
        received(3, "lyon"),
        received(5, "berlin"),
        reserved("SO-1", 11, waits_for=1, pool="europe"),
    )


def test_shipping_lowers_on_hand_allocated_and_demand_alike() -> None:
    shop = given(registered(), received(25), reserved("SO-1", 10))
    after = shop.when(ship("SO-1", 4)).then(shipped(4, "SO-1"))
    assert after.stock.on_hand == {"default": units(21)}
    assert after.lines() == {("SO-1", 1): (6, 0)}
    assert after.salable() == shop.salable() == 15


def test_a_line_that_shipped_in_full_is_open_no_more() -> None:
    shop = given(registered(), received(25), reserved("SO-1", 10))
    shop = shop.when(ship("SO-1", 10)).then(shipped(10, "SO-1"))
    assert shop.lines() == {}
    assert shop.figures().demand == 0


def test_a_backordered_unit_is_refused_with_sku_and_shortfall(europe: Scene) -> None:
    refusal = europe.when(ship("SO-1", 11)).then_refused(
        "backordered_units_cannot_ship", sku="WIDGET", shortfall=1, allocated=10, quantity=11
    )
    assert "WIDGET" in refusal.message


def test_a_line_named_twice_ships_the_sum() -> None:
    shop = given(registered(), received(6), reserved("SO-1", 9, waits_for=3))
    shop.when(ship("SO-1", 4, 2)).then(shipped(6, "SO-1"))
    shop.when(ship("SO-1", 4, 3)).then_refused("backordered_units_cannot_ship", shortfall=1)


def test_the_pools_priority_chooses_as_much_as_each_source_has(europe: Scene) -> None:
    europe.when(ship("SO-1", 4)).then(shipped(4, "SO-1", pool="europe", berlin=4))
    europe.when(ship("SO-1", 7)).then(shipped(7, "SO-1", pool="europe", berlin=5, lyon=2))
    europe.when(ship("SO-1", 9)).then(shipped(9, "SO-1", pool="europe", berlin=5, lyon=3, rome=1))


def test_sources_out_of_stock_or_disabled_are_passed_over() -> None:
    shop = given(
        *(source_registered(source) for source in ("berlin", "lyon", "rome")),
        pool_defined("europe", "berlin", "lyon", "rome"),
        registered(),
        *(received(5, source) for source in ("berlin", "lyon", "rome")),
        status_set("out_of_stock", "berlin"),
        source_disabled("lyon"),
        reserved("SO-1", 5, pool="europe"),
    )
    shop.when(ship("SO-1", 5)).then(shipped(5, "SO-1", pool="europe", rome=5))
    for source in ("berlin", "lyon"):
        shop.when(ship("SO-1", 1, source=source)).then_refused("no_source_in_stock", source=source)


def test_the_source_given_ships_alone(europe: Scene) -> None:
    europe.when(ship("SO-1", 3, source="lyon")).then(shipped(3, "SO-1", pool="europe", lyon=3))
    europe.when(ship("SO-1", 4, source="lyon")).then_refused(
        "not_enough_on_hand", source="lyon", on_hand=3, shortfall=1
    )


def test_a_source_of_another_pool_or_of_none_does_not_ship(europe: Scene) -> None:
    europe.when(ship("SO-1", 1, source="default")).then_refused(
        "not_assigned_to_pool", source="default", pool="europe"
    )
    europe.when(ship("SO-1", 1, source="mars")).then_refused("unknown_source", source="mars")


def test_a_source_that_does_not_carry_the_item_has_nothing_to_ship() -> None:
    shop = given(*two_pools(), registered(), received(5, "of-a"), reserved("SO-1", 5, pool="A"))
    shop.when(ship("SO-1", 1, source="shared")).then_refused("not_enough_on_hand", on_hand=0)


def test_units_that_another_pools_allocations_need_are_left_there() -> None:
    shop = given(
        *two_pools(),
        registered(),
        received(5, "shared"),
        received(5, "of-a"),
        reserved("SO-1", 6, pool="A"),
        reserved("SO-2", 3, pool="B"),
    )
    shop.when(ship("SO-1", 6)).then(shipped(6, "SO-1", pool="A", shared=2, of_a=4))
    shop.when(ship("SO-1", 3, source="shared")).then_refused("not_enough_on_hand", shortfall=1)


def test_several_lines_ship_one_after_the_other() -> None:
    shop = given(
        *two_pools(),
        registered(),
        received(5, "shared"),
        received(5, "of-a"),
        reserved("SO-1", 4, pool="A"),
        reserved("SO-1", 4, line=2, pool="A"),
        reserved("SO-2", 2, pool="B"),
    )
    shop.when(ship("SO-1", (1, 4), (2, 4))).then(
        shipped(4, "SO-1", pool="A", shared=3, of_a=1), shipped(4, "SO-1", line=2, pool="A", of_a=4)
    )


def test_halves_of_whole_units_do_not_ship() -> None:
    shop = given(registered(), received(5), reserved("SO-1", 5))
    shop.when(ship("SO-1", 1.5)).then_refused("decimal_not_allowed", quantity=1.5)
