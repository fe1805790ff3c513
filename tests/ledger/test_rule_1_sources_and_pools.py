"""Rules 1.2, 1.3: sources hold stock, pools sell it, and one of each exists from the start."""

import pytest

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.settings import PoolDefined, SourceRegistered
from tests.ledger.decisions import carry, define_pool, disable, enable
from tests.ledger.facts import (
    carried,
    pool_defined,
    received,
    registered,
    source_disabled,
    source_enabled,
    source_registered,
    status_set,
    units,
)
from tests.scenes import Decision, given


def register_source(source: str, name: str | None = None) -> Decision:
    return lambda scene: scene.settings.register_source(source, name)


def test_source_default_and_pool_default_exist_from_the_start() -> None:
    settings = given().settings
    assert settings.sources == {"default"}
    assert settings.sources_of("default") == ("default",)


def test_a_source_is_registered_once_and_again_renamed() -> None:
    shop = given().when(register_source("berlin")).then(source_registered("berlin"))
    shop.when(register_source("berlin")).then_nothing()
    named = SourceRegistered(source="berlin", name="Berlin")
    shop = shop.when(register_source("berlin", "Berlin")).then(named)
    shop.when(register_source("berlin", "Berlin")).then_nothing()
    shop.when(register_source("berlin")).then_nothing()


def test_registering_again_does_not_enable_a_source() -> None:
    shop = given(source_registered("berlin"), source_disabled("berlin"))
    shop = shop.when(register_source("berlin", "Berlin")).then_something()
    assert shop.settings.disabled == {"berlin"}


def test_a_source_is_disabled_and_enabled_once() -> None:
    shop = given().when(disable("default")).then(source_disabled())
    shop.when(disable("default")).then_nothing()
    shop = shop.when(enable("default")).then(source_enabled())
    shop.when(enable("default")).then_nothing()


@pytest.mark.parametrize(
    "decision", [enable("mars"), disable("mars"), define_pool("europe", "default", "mars")]
)
def test_an_unknown_source_is_refused(decision: Decision) -> None:
    given().when(decision).then_refused("unknown_source", source="mars")


def test_a_pool_is_defined_and_defined_anew_and_the_same_again_changes_nothing() -> None:
    shop = given(source_registered("berlin"))
    shop = shop.when(define_pool("europe", "berlin")).then(pool_defined("europe", "berlin"))
    shop.when(define_pool("europe", "berlin")).then_nothing()
    both = PoolDefined(pool="europe", sources=("default", "berlin"), name="Europe")
    shop = shop.when(define_pool("europe", "default", "berlin", name="Europe")).then(both)
    shop.when(define_pool("europe", "default", "berlin")).then_nothing()
    turned = PoolDefined(pool="europe", sources=("berlin", "default"), name="Europe")
    shop = shop.when(define_pool("europe", "berlin", "default")).then(turned)
    assert shop.settings.sources_of("europe") == ("berlin", "default")


def test_a_source_may_serve_several_pools() -> None:
    shop = given(source_registered("berlin"), pool_defined("europe", "berlin", "default"))
    assert shop.settings.pools_with("default") == ["default", "europe"]
    assert shop.settings.pools_with("berlin") == ["europe"]


def test_an_unknown_pool_has_no_sources() -> None:
    with pytest.raises(Refusal, match="There is no pool mars") as refusal:
        given().settings.sources_of("mars")
    assert refusal.value.as_json() == {
        "code": "unknown_pool",
        "message": "There is no pool mars. Define it with define-pool first.",
        "pool": "mars",
    }


def test_a_source_carries_an_item_before_any_unit_of_it_came() -> None:
    shop = given(registered()).when(carry()).then(carried())
    assert (shop.stock.on_hand, shop.stock.out_of_stock) == ({"default": 0}, set())
    assert shop.figures().assigned
    assert shop.figures().sellable
    shop.when(carry()).then_nothing()


def test_what_a_source_has_of_an_item_stays_there_when_it_is_said_to_carry_it() -> None:
    shop = given(registered(), received(3), status_set("out_of_stock"))
    shop.when(carry()).then_nothing()
    assert shop.happen(carried()).stock.on_hand == {"default": units(3)}
    shop.when(carry("mars")).then_refused("unknown_source")
