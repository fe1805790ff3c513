"""Rules 1.2 and 4.13: units are physical, never below 0; what arrives creates its source item."""

import pytest

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.product import Product
from tests.ledger.decisions import (
    adjust,
    count,
    receive,
    register,
    set_status,
    take_back,
    transfer,
)
from tests.ledger.facts import (
    adjusted,
    counted,
    managed,
    received,
    registered,
    reserved,
    returned,
    source_disabled,
    source_registered,
    status_set,
    transferred,
    units,
)
from tests.scenes import Decision, given

MOST = 99_999_999_999


@pytest.mark.parametrize(
    ("decision", "fact"),
    [
        (receive(5, "aside"), received(5, "aside")),
        (count(0, "aside"), counted(0, delta=0, source="aside")),
        (adjust(5, "aside"), adjusted(5, "aside")),
        (transfer(5, "default", "aside"), transferred(5, "default", "aside")),
        (take_back(returned(5, "SO-1", source="aside")), returned(5, "SO-1", source="aside")),
    ],
)
def test_what_arrives_creates_its_source_item_in_stock(decision: Decision, fact: Event) -> None:
    shop = given(registered(), source_registered("aside"), received(9)).when(decision).then(fact)
    assert "aside" in shop.stock.on_hand
    shop.when(set_status("out_of_stock", "aside")).then(status_set("out_of_stock", "aside"))


@pytest.mark.parametrize("decision", [adjust(-6), transfer(6, "default", "aside")])
def test_on_hand_is_never_below_zero(decision: Decision) -> None:
    shop = given(registered(), source_registered("aside"), received(5))
    shop.when(decision).then_refused("not_enough_on_hand", quantity=6, on_hand=5, shortfall=1)


def test_a_source_that_never_carried_the_item_has_none() -> None:
    given(registered()).when(adjust(-1)).then_refused("not_enough_on_hand", on_hand=0)


def test_everything_on_hand_may_go() -> None:
    shop = given(registered(), received(5)).when(adjust(-5)).then(adjusted(-5))
    assert shop.stock.on_hand == {"default": 0}


def test_a_count_that_agrees_is_recorded_and_an_adjustment_by_nothing_is_not() -> None:
    shop = given(registered(), received(5))
    shop.when(count(5)).then(counted(5, delta=0))
    shop.when(adjust(0)).then_nothing()


def test_units_are_not_transferred_to_where_they_are() -> None:
    shop = given(registered(), received(5))
    shop.when(transfer(1, "default", "default")).then_refused("same_source", source="default")


def test_a_disabled_source_receives_but_what_it_has_is_not_sold() -> None:
    shop = given(registered(), source_disabled(), reserved("SO-1", 5, waits_for=5))
    shop = shop.when(receive(5)).then(received(5))
    assert shop.stock.on_hand == {"default": units(5)}
    shop.when(set_status("out_of_stock")).then(status_set("out_of_stock")).when(
        set_status("in_stock")
    ).then(status_set("in_stock"))


def test_the_status_that_stands_changes_nothing() -> None:
    shop = given(registered(), received(5))
    shop.when(set_status("in_stock")).then_nothing()
    shop.happen(status_set("out_of_stock")).when(set_status("out_of_stock")).then_nothing()


def test_a_source_that_does_not_carry_the_item_has_no_status() -> None:
    given(registered()).when(set_status("out_of_stock")).then_refused("unknown_source_item")


MOVEMENTS = [
    receive(1.5),
    count(1.5),
    adjust(1.5),
    transfer(1.5, "default", "aside"),
    take_back(returned(1.5, "SO-1")),
]


@pytest.mark.parametrize("decision", MOVEMENTS)
def test_whole_units_only_move_whole(decision: Decision) -> None:
    shop = given(registered(), source_registered("aside"), received(5))
    shop.when(decision).then_refused("decimal_not_allowed", quantity=1.5)
    fractions = given(registered(decimal=True), source_registered("aside"), received(5))
    assert fractions.when(decision).then_something().stock.on_hand


@pytest.mark.parametrize("decision", [*MOVEMENTS[:-1], set_status("in_stock")])
def test_an_unknown_item_is_not_moved(decision: Decision) -> None:
    given(source_registered("aside")).when(decision).then_refused("unknown_sku", sku="WIDGET")


@pytest.mark.parametrize(
    "decision",
    [
        receive(1, "mars"),
        count(1, "mars"),
        adjust(1, "mars"),
        transfer(1, "default", "mars"),
        transfer(1, "mars", "default"),
        take_back(returned(1, "SO-1", source="mars")),
        set_status("in_stock", "mars"),
    ],
)
def test_an_unknown_source_holds_nothing(decision: Decision) -> None:
    shop = given(registered(), received(5))
    shop.when(decision).then_refused("unknown_source", source="mars")


def test_no_source_holds_more_than_can_be_written() -> None:
    shop = given(registered(), received(MOST))
    shop.when(receive(1)).then_refused("quantity_too_large", source="default")
    shop.when(take_back(returned(1, "SO-1"))).then_refused("quantity_too_large")


def test_several_lines_come_back_in_one_refund_to_several_sources() -> None:
    shop = given(registered(), source_registered("aside"), received(0))
    back = [returned(2, "SO-1"), returned(3, "SO-1", line=2), returned(4, "SO-2", source="aside")]
    shop = shop.when(take_back(*back)).then(*back)
    assert shop.stock.on_hand == {"default": units(5), "aside": units(4)}


def test_registering_again_updates_and_the_same_again_changes_nothing() -> None:
    shop = given().when(register("Widget")).then(registered(name="Widget"))
    shop.when(register("Widget")).then_nothing()
    shop.when(register()).then_nothing()
    shop = shop.when(register(decimal=True)).then(registered(name="Widget", decimal=True))
    shop = shop.when(register(unit="kg", attributes={"colour": "red"})).then_something()
    assert shop.stock.product == Product("Widget", True, "kg", {"colour": "red"})


def test_an_item_registered_without_any_description_is_known() -> None:
    given().when(register()).then(registered()).when(receive(1)).then(received(1))


def test_whole_units_do_not_become_the_rule_while_fractions_are_on_hand_or_wanted() -> None:
    shop = given(registered(decimal=True), received(1.5))
    shop.when(register(decimal=False)).then_refused("decimal_not_allowed", quantity=1.5)
    shop = given(registered(decimal=True), received(2), reserved("SO-1", 0.5))
    shop.when(register(decimal=False)).then_refused("decimal_not_allowed", quantity=0.5)
    shop = given(registered(decimal=True), received(2), managed("off"))
    shop.when(register(decimal=False)).then(registered())
