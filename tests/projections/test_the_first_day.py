"""Rule 5.7: `promise` is the first day on which more can be both sold and shipped.

What it says of now is what the availability report says, and what `place-order` does; what it says
of later is what `place-order` will do once everything that is due has come.
"""

from datetime import timedelta
from random import Random
from typing import Any

import orjson
import pytest

from stocktrail.commands.model import COMMANDS
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.ledger.quantity import SCALE
from stocktrail.projections.questions.availability import availability
from stocktrail.projections.questions.promise import promise
from tests.projections.purchasing import DAY_0, Purchasing, day, number_of
from tests.projections.shop import Report
from tests.projections.test_pegs_are_what_receipts_do import (
    POOLS,
    open_pools,
    something,
    the_pool_that_waits_and_the_pool_that_has,
)


def ask(shop: Purchasing, quantity: float, pool: str = "default", sku: str = "A") -> Report:
    """Ask for the first day of a quantity, and see that availability does not contradict it."""
    units = round(quantity * SCALE)
    today = DAY_0 + timedelta(days=shop.today)
    found = promise(shop.models, sku, units, pool, today=today)
    assert found["accepted_now"] == availability(shop.models, sku, units, pool)["satisfiable"]
    assert found["accepted_now"] == (not found["refusals"])
    return found


def days_of(report: Report) -> tuple[int | None, bool, int | None]:
    """Say on which day it ships first, if it is sold now, and from which day on."""
    return (
        number_of(report["first_date"]), report["accepted_now"],
        number_of(report["orderable_from"]),
    )


def backorders(shop: Purchasing, policy: str, threshold: float = 0) -> None:
    """Set whether more may be sold than there is, and the out-of-stock threshold."""
    shop.send("set-backorder-policy", sku="A", backorders=policy)
    shop.send("change-threshold", sku="A", threshold="out_of_stock", value=threshold)


def test_safety_stock_is_kept_back(purchasing: Purchasing) -> None:
    backorders(purchasing, "no", 5)
    purchasing.send("receive-stock", sku="A", quantity=10)
    purchasing.buy("PO-1", 20, 5)
    assert days_of(ask(purchasing, 5)) == (0, True, 0)
    assert days_of(ask(purchasing, 10)) == (5, False, 5)
    assert days_of(ask(purchasing, 25)) == (5, False, 5)
    assert days_of(ask(purchasing, 26)) == (None, False, None)
    [refusal] = ask(purchasing, 10)["refusals"]
    assert refusal["code"] == "not_enough_salable"


def test_a_cap_on_backorders_counts(purchasing: Purchasing) -> None:
    backorders(purchasing, "allow", -10)
    purchasing.buy("PO-1", 20, 5)
    assert days_of(ask(purchasing, 10)) == (5, True, 0)
    assert days_of(ask(purchasing, 15)) == (5, False, 5)
    assert days_of(ask(purchasing, 25)) == (None, False, 5)      # sold, and then 5 of them wait
    assert days_of(ask(purchasing, 31)) == (None, False, None)


def test_without_a_limit_it_is_sold_now_and_ships_when_everybody_before_has_been_served(
    purchasing: Purchasing,
) -> None:
    purchasing.order_of("O1", 8, 20)
    purchasing.buy("PO-1", 10, 5)
    purchasing.buy("PO-2", 10, 9)
    assert days_of(ask(purchasing, 2)) == (5, True, 0)
    assert days_of(ask(purchasing, 3)) == (9, True, 0)
    assert days_of(ask(purchasing, 13)) == (None, True, 0)
    assert [step["free"] for step in ask(purchasing, 2)["steps"]] == [0, 2, 12, 12]
    assert [step["salable_quantity"] for step in ask(purchasing, 2)["steps"]] == [-8, 2, 12, 12]


def test_what_the_quantity_rules_forbid_is_never_promised(purchasing: Purchasing) -> None:
    purchasing.send("receive-stock", sku="A", quantity=100)
    purchasing.send("set-quantity-rules", sku="A", max_sale=20)
    assert days_of(ask(purchasing, 20)) == (0, True, 0)
    assert days_of(ask(purchasing, 21)) == (None, False, None)
    assert days_of(ask(purchasing, 1.5)) == (None, False, None)
    assert [each["code"] for each in ask(purchasing, 21.5)["refusals"]] == [
        "max_sale_quantity", "decimal_not_allowed",
    ]


def test_nothing_is_promised_from_a_pool_that_cannot_sell_the_item(purchasing: Purchasing) -> None:
    purchasing.send("receive-stock", sku="A", quantity=5)
    purchasing.send("register-source", source="other")
    purchasing.send("define-pool", pool="second", sources=["other"])
    assert days_of(ask(purchasing, 1, "second")) == (None, False, None)
    purchasing.send("disable-source", source="default")
    purchasing.buy("PO-1", 5, 4)
    assert days_of(ask(purchasing, 1)) == (None, False, None)
    purchasing.send("enable-source", source="default")
    assert days_of(ask(purchasing, 6)) == (4, True, 0)


def test_an_unmanaged_item_can_be_promised_today(purchasing: Purchasing) -> None:
    purchasing.send("set-manage-stock", sku="A", manage="off")
    assert days_of(ask(purchasing, 5)) == (0, True, 0)
    assert days_of(ask(purchasing, 5.5)) == (None, False, None)


def test_a_pool_gets_what_a_receipt_frees_for_it(purchasing: Purchasing) -> None:
    the_pool_that_waits_and_the_pool_that_has(purchasing)
    purchasing.buy("PO-2", 3, 12, source="W")
    assert days_of(ask(purchasing, 1, "P1")) == (None, True, 0)      # P2 has no more to free at E
    assert days_of(ask(purchasing, 3, "P2")) == (12, True, 0)
    purchasing.send("cancel-order", order="O1")
    assert days_of(ask(purchasing, 5, "P1")) == (9, True, 0)


def test_a_first_day_that_rests_on_an_overdue_receipt_is_uncertain(purchasing: Purchasing) -> None:
    purchasing.send("receive-stock", sku="A", quantity=2)
    purchasing.buy("PO-1", 5, -1)
    assert (days_of(ask(purchasing, 2)), ask(purchasing, 2)["uncertain"]) == ((0, True, 0), False)
    assert (days_of(ask(purchasing, 3)), ask(purchasing, 3)["uncertain"]) == ((1, True, 0), True)
    purchasing.buy("PO-2", 5, 3)
    assert ask(purchasing, 8)["uncertain"]
    assert not ask(purchasing, 13)["uncertain"]
    assert [step["uncertain"] for step in ask(purchasing, 3)["steps"]][:2] == [False, True]


# ------------------------------------------------------------------ whatever happens


def settle(draw: Random) -> tuple[str, dict[str, Any]]:
    """Draw a policy or threshold, for the item or in one pool."""
    pool = draw.choice([None, *POOLS])
    if draw.random() < 0.5:
        policy = draw.choice(["no", "allow", "allow_and_notify"])
        return "set-backorder-policy", {"sku": "A", "pool": pool, "backorders": policy}
    return "change-threshold", {
        "sku": "A", "pool": pool, "threshold": "out_of_stock", "value": draw.randint(-6, 4),
    }


def would_be(shop: Purchasing, quantity: int, pool: str) -> tuple[bool, bool]:
    """Try an order without recording it: is it accepted, and wholly allocated?"""
    model = COMMANDS["place-order"].model_validate_json(orjson.dumps({
        "order": "TRIED", "customer": "C", "pool": pool,
        "lines": [{"sku": "A", "quantity": quantity}],
        "occurred_at": f"{day(shop.today)}T12:00:00Z",
    }))
    result = submit_one(shop.ledger, model, dry_run=True)
    waits = any(event["data"].get("backordered") for event in result.events)
    return result.status == "accepted", result.status == "accepted" and not waits


@pytest.mark.parametrize("seed", [0, 1, 3])
def test_what_is_promised_is_what_place_order_does_once_what_is_due_has_come(
    purchasing: Purchasing, seed: int
) -> None:
    draw = Random(seed)
    open_pools(purchasing)
    for _ in range(35):
        command, fields = settle(draw) if draw.random() < 0.2 else something(draw)
        purchasing.try_to(command, **fields)
    wishes = [(quantity, pool) for quantity in (1, 2, 5, 9) for pool in POOLS]
    said = {wish: days_of(ask(purchasing, *wish)) for wish in wishes}
    for quantity, pool in wishes:
        assert would_be(purchasing, quantity, pool)[0] == said[quantity, pool][1]
    counted = {(row["purchase_order"], row["line"]): number_of(row["counted_on"])
               for row in purchasing.ask("vendor")}
    for today in range(12):
        purchasing.on_day(today)
        for (name, line), comes in counted.items():
            if comes == today:
                purchasing.send("receive-goods", purchase_order=name, receipt=f"{name}/{line}",
                                lines=[{"line": line}])
        for wish, (first, _, orderable) in said.items():
            accepted, whole = would_be(purchasing, *wish)
            assert accepted == (orderable is not None and today >= orderable)
            assert whole == (first is not None and today >= first)
