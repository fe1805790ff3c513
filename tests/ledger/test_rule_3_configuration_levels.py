"""Rule 3: every setting resolves separately, and the most specific level that sets it wins."""

from typing import Any

import pytest

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.configuration import DEFAULTS, LEVELS_OF, Policy, SettingChanged
from tests.ledger.decisions import change
from tests.ledger.facts import (
    backorders_set,
    managed,
    registered,
    rule_set,
    threshold_set,
    units,
)
from tests.scenes import given


def resolved(setting: str, *events: Event) -> Any:
    """Resolve a setting of the item in the pool ``default`` after these events."""
    shop = given(registered(), *events)
    return getattr(shop.stock.policy(shop.settings, "default"), setting)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("backorders", "no"),
        ("out_of_stock_threshold", 0),
        ("only_x_left_threshold", 0),
        ("notify_below", units(1)),
        ("manage_stock", "on"),
        ("min_sale_quantity", units(1)),
        ("max_sale_quantity", units(10_000)),
        ("quantity_increment", 0),
    ],
)
def test_what_holds_when_no_level_sets_it(setting: str, value: Any) -> None:
    assert resolved(setting) == (value, "default")


@pytest.mark.parametrize(
    ("setting", "threshold"),
    [("out_of_stock_threshold", "out_of_stock"), ("only_x_left_threshold", "only_x_left")],
)
def test_thresholds_resolve_from_global_to_product_in_pool(setting: str, threshold: Any) -> None:
    levels = [
        (threshold_set(threshold, 2, sku=None), "global"),
        (threshold_set(threshold, 3, sku=None, pool="default"), "pool"),
        (threshold_set(threshold, 4), "product"),
        (threshold_set(threshold, 5, pool="default"), "product_in_pool"),
    ]
    for number in range(1, 5):
        events = [event for event, _ in levels[:number]]
        assert resolved(setting, *events) == (units(number + 1), levels[number - 1][1])
        assert resolved(setting, *reversed(events)) == (units(number + 1), levels[number - 1][1])


def test_the_backorder_policy_resolves_from_global_to_product_in_pool() -> None:
    events: list[Event] = [backorders_set("allow", sku=None)]
    assert resolved("backorders", *events) == ("allow", "global")
    events.append(backorders_set("allow_and_notify", sku=None, pool="default"))
    assert resolved("backorders", *events) == ("allow_and_notify", "pool")
    events.append(backorders_set("no"))
    assert resolved("backorders", *events) == ("no", "product")
    events.append(backorders_set("allow", pool="default"))
    assert resolved("backorders", *events) == ("allow", "product_in_pool")


@pytest.mark.parametrize(
    ("setting", "rule"),
    [
        ("min_sale_quantity", "min_sale"),
        ("max_sale_quantity", "max_sale"),
        ("quantity_increment", "increment"),
    ],
)
def test_quantity_rules_resolve_from_global_to_product(setting: str, rule: Any) -> None:
    everywhere = rule_set(rule, 2, sku=None)
    assert resolved(setting, everywhere) == (units(2), "global")
    assert resolved(setting, rule_set(rule, 3), everywhere) == (units(3), "product")
    assert resolved(setting, everywhere, rule_set(rule, 0)) == (0, "product"), "off is a value too"


def test_managing_stock_resolves_from_global_to_product() -> None:
    assert resolved("manage_stock", managed("off", sku=None)) == ("off", "global")
    assert resolved("manage_stock", managed("off", sku=None), managed("on")) == ("on", "product")


def test_a_level_sets_one_setting_and_leaves_the_others_to_general_levels() -> None:
    shop = given(registered(), backorders_set("allow", sku=None), threshold_set("out_of_stock", -5))
    policy = shop.stock.policy(shop.settings, "default")
    assert policy.backorders == ("allow", "global")
    assert policy.out_of_stock_threshold == (units(-5), "product")


def test_a_pool_keeps_its_values_to_itself() -> None:
    assert resolved("backorders", backorders_set("allow", pool="other")) == ("no", "default")


CHANGES = [
    (backorders_set("allow"), backorders_set(None)),
    (backorders_set("allow", sku=None), backorders_set(None, sku=None)),
    (threshold_set("notify_below", 0), threshold_set("notify_below", None)),
    (
        threshold_set("notify_below", 9, source="default"),
        threshold_set("notify_below", None, source="default"),
    ),
    (
        threshold_set("notify_below", 9, sku=None, source="default"),
        threshold_set("notify_below", None, sku=None, source="default"),
    ),
    (
        threshold_set("out_of_stock", -5, pool="default"),
        threshold_set("out_of_stock", None, pool="default"),
    ),
    (
        threshold_set("out_of_stock", -5, sku=None, pool="default"),
        threshold_set("out_of_stock", None, sku=None, pool="default"),
    ),
    (managed("off"), managed(None)),
    (rule_set("max_sale", 0), rule_set("max_sale", None)),
]


@pytest.mark.parametrize(("sets", "inherits"), CHANGES)
def test_every_change_is_an_event_and_inherit_removes_the_level(
    sets: SettingChanged, inherits: SettingChanged
) -> None:
    shop = given(registered())
    policy = shop.stock.policy(shop.settings, "default")
    shop.when(change(inherits)).then_nothing()
    shop = shop.when(change(sets)).then(sets)
    shop.when(change(sets)).then_nothing()
    shop = shop.when(change(inherits)).then(inherits)
    assert shop.stock.policy(shop.settings, "default") == policy
    shop.when(change(inherits)).then_nothing()


def test_unknown_items_pools_and_sources_have_no_levels() -> None:
    shop = given(registered())
    given().when(change(backorders_set("allow"))).then_refused("unknown_sku")
    for sku in ("WIDGET", None):
        shop.when(change(backorders_set("allow", sku=sku, pool="mars"))).then_refused(
            "unknown_pool", pool="mars"
        )
        shop.when(change(threshold_set("notify_below", 1, sku=sku, source="mars"))).then_refused(
            "unknown_source", source="mars"
        )


def test_every_answer_can_say_which_level_gave_the_value() -> None:
    shop = given(
        registered(), threshold_set("notify_below", 2.5), backorders_set("allow", sku=None)
    )
    assert shop.stock.policy(shop.settings, "default").as_json() == {
        "backorders": {"value": "allow", "level": "global"},
        "out_of_stock_threshold": {"value": 0, "level": "default"},
        "only_x_left_threshold": {"value": 0, "level": "default"},
        "notify_below": {"value": 2.5, "level": "product"},
        "manage_stock": {"value": "on", "level": "default"},
        "min_sale_quantity": {"value": 1, "level": "default"},
        "max_sale_quantity": {"value": 10_000, "level": "default"},
        "quantity_increment": {"value": 0, "level": "default"},
    }


def test_every_setting_of_a_policy_has_its_default_and_its_levels() -> None:
    assert set(DEFAULTS) == set(LEVELS_OF) == set(Policy._fields)
