"""Settings by command: levels, thresholds, and the worked example of rule 2.3."""

from typing import Any

import pytest

from stocktrail.ledger.store import Ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.stock import stock
from tests.commands.scenes import (
    Command,
    backorders,
    given,
    levels,
    on_hand,
    order,
    pool,
    product,
    receive,
    send,
    source,
    statuses,
    types,
    when,
)


def threshold(which: str, value: Any, **more: Any) -> Command:
    """Move a threshold."""
    return {"command": "change-threshold", "threshold": which, "value": value, **more}


def rules(**more: Any) -> Command:
    """Set quantity rules."""
    return {"command": "set-quantity-rules", **more}


def report(ledger: Ledger, sku: str = "A", at: str = "default") -> dict[str, Any]:
    """Ask for the stock of an item."""
    models = ReadModels(ledger)
    models.catch_up()
    return stock(models, sku, at)


def test_the_worked_example(ledger: Ledger) -> None:
    given(
        ledger, product(), receive(25), threshold("notify_below", 10), threshold("only_x_left", 5),
        threshold("out_of_stock", -50), backorders("allow"),
    )
    assert levels(ledger, "A").salable == 75
    given(ledger, order("SO-1", 15), order("SO-2", 10))
    assert when(ledger, **order("SO-3", 1)).events[1]["data"]["backordered"] == 1
    given(ledger, order("SO-4", 44))
    assert (levels(ledger, "A").salable, report(ledger)["message"]) == (5, "Only 5 left")
    given(ledger, order("SO-5", 5))
    assert (levels(ledger, "A").salable, report(ledger)["message"]) == (0, "Out of Stock")
    assert when(ledger, **order("SO-6", 1)).code == "not_enough_salable"
    given(ledger, {"command": "cancel-order", "order": "SO-2"})
    assert levels(ledger, "A").salable == 10
    assert on_hand(ledger, "A") == {"default": 25}


def test_the_most_specific_level_wins_and_inherit_removes_it(ledger: Ledger) -> None:
    def found(at: str = "default") -> tuple[Any, str]:
        setting = report(ledger, at=at)["settings"]["out_of_stock_threshold"]
        return setting["value"], setting["level"]

    given(ledger, product(), source("east"), pool("shop", "east"), receive(1),
          receive(1, source="east"))
    assert found() == (0, "default")
    scopes: list[Command] = [{}, {"pool": "shop"}, {"sku": "A"}, {"sku": "A", "pool": "shop"}]
    for number, scope in enumerate(scopes, start=1):
        given(ledger, threshold("out_of_stock", number, **scope))
    assert (found("shop"), found()) == ((4, "product_in_pool"), (3, "product"))
    expected = [(3, "product"), (2, "pool"), (1, "global"), (0, "default")]
    for scope, level in zip(reversed(scopes), expected, strict=True):
        given(ledger, threshold("out_of_stock", "inherit", **scope))
        assert found("shop") == level


def test_a_change_is_an_event_and_the_same_again_is_none(ledger: Ledger) -> None:
    given(ledger, product())
    assert types(when(ledger, **threshold("out_of_stock", 5, sku="A"))) == ["ThresholdChanged"]
    assert types(when(ledger, **threshold("out_of_stock", "5.0", sku="A"))) == []
    assert types(when(ledger, **backorders("allow", sku="A"))) == ["BackorderPolicyChanged"]
    assert types(when(ledger, **backorders("allow", sku="A"))) == []
    manage = {"command": "set-manage-stock", "manage": "off"}
    assert types(when(ledger, **manage)) == ["ManageStockChanged"]
    assert types(when(ledger, **manage)) == []
    change = rules(min_sale=2, max_sale="off", increment="inherit")
    assert types(when(ledger, **change)) == ["QuantityRuleChanged", "QuantityRuleChanged"]
    assert types(when(ledger, **change)) == []


def test_an_accepted_line_keeps_the_policy_that_was_in_force(ledger: Ledger) -> None:
    given(ledger, product(), receive(1), backorders("allow", sku="A"))
    result = when(ledger, **order("SO-1", 3))
    given(ledger, backorders("no", sku="A"))
    line = result.events[0]["data"]["lines"][0]
    assert (line["backorders"], line["backorders_level"]) == ("allow", "product")
    assert levels(ledger, "A") == (1, 3, 1, 2, -2)


@pytest.mark.parametrize(
    ("stored", "policy", "salable", "unlimited"),
    [
        (4, "no", 6, False), (0, "no", 10, False), (-4, "no", 10, False),
        (4, "allow", 10, True), (0, "allow", 10, True), (-4, "allow", 14, False),
        (-4, "allow_and_notify", 14, False),
    ],
)
def test_the_effective_threshold(
    ledger: Ledger, stored: int, policy: str, salable: int, unlimited: bool
) -> None:
    given(ledger, product(), receive(10), threshold("out_of_stock", stored), backorders(policy))
    found = report(ledger)
    assert (found["salable_quantity"], found["unlimited"]) == (salable, unlimited)
    assert when(ledger, **order("SO-1", 15)).status == ("accepted" if unlimited else "rejected")
    assert when(ledger, **order("SO-2", salable)).status == "accepted"


def test_safety_stock_is_not_kept_from_lines_that_already_wait(ledger: Ledger) -> None:
    given(ledger, product(), backorders(), receive(1), order("SO-1", 5), backorders("no"),
          threshold("out_of_stock", 50), receive(4))
    assert levels(ledger, "A") == (5, 5, 5, 0, -50)


def test_quantity_rules_are_switched_off_and_inherited(ledger: Ledger) -> None:
    given(ledger, product(), receive(100), rules(min_sale=5, increment=5),
          rules(sku="A", min_sale="off"))
    assert when(ledger, **order("SO-1", 3)).code == "quantity_increment"
    given(ledger, rules(sku="A", increment="off"), order("SO-1", 3), rules(sku="A",
          min_sale="inherit", increment="inherit"))
    assert when(ledger, **order("SO-2", 4)).code == "min_sale_quantity"


def test_settings_of_what_is_unknown_are_refused(ledger: Ledger) -> None:
    given(ledger, product())
    assert when(ledger, **threshold("out_of_stock", 1, sku="B")).code == "unknown_sku"
    assert when(ledger, **backorders("no", sku="A", pool="shop")).code == "unknown_pool"
    assert when(ledger, **threshold("notify_below", 1, source="east")).code == "unknown_source"


def test_what_can_never_be_a_setting_is_invalid(ledger: Ledger) -> None:
    given(ledger, product())
    assert statuses(send(
        ledger, threshold("only_x_left", 1, source="default"), threshold("colour", 1), rules(),
        threshold("notify_below", 1, source="default", pool="default"), backorders("maybe"),
        threshold("out_of_stock", "off"), threshold("out_of_stock", None),
        {"command": "set-manage-stock", "manage": True},
    )) == ["invalid"] * 8


def test_a_policy_that_does_not_exist_is_one_error_at_its_field(ledger: Ledger) -> None:
    result = when(ledger, command="set-backorder-policy", backorders="maybe")
    assert [error["pointer"] for error in result.errors] == ["/backorders"]
