"""One verdict: a reason why an item is not sold shows wherever anybody asks, at once.

A reason that is added to :class:`~stocktrail.ledger.salability.Reason` fails here until a scene
says what leads to it; then every place is looked at.
"""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
import pytest

from stocktrail.commands.model import COMMANDS
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.ledger.quantity import SCALE
from stocktrail.ledger.salability import Reason, Verdict
from stocktrail.projections.models.setting_levels import load_settings
from stocktrail.projections.models.stock_levels import load_stock
from stocktrail.projections.questions.availability import availability
from stocktrail.projections.questions.explain_stock import explain_stock
from stocktrail.projections.questions.products import ItemGrid
from stocktrail.projections.questions.promise import promise
from stocktrail.projections.questions.stock_list import stock_list
from tests.projections.shop import Shop


def not_assigned(shop: Shop) -> None:
    shop.send("register-source", source="berlin")
    shop.send("define-pool", pool="default", sources=["berlin"])


def no_source_in_stock(shop: Shop) -> None:
    shop.send("set-stock-status", sku="A", source="default", status="out_of_stock")


def sold_out(shop: Shop) -> None:
    shop.send("adjust-stock", sku="A", source="default", delta=-5, reason="broken")


LEADS_TO: Mapping[Reason, Callable[[Shop], None]] = {
    Reason.NOT_ASSIGNED: not_assigned,
    Reason.NO_SOURCE_IN_STOCK: no_source_in_stock,
    Reason.SOLD_OUT: sold_out,
}
"""What is to happen to an item of which 5 are there, so that it is not sold for a reason."""

SOLD_UNTIL = 2
"""The position at which the item is known and there, and still sold."""

every_reason = pytest.mark.parametrize("reason", Reason, ids=lambda reason: reason.code)


@pytest.fixture
def unsold(shop: Shop, reason: Reason) -> Shop:
    """Open a shop that sells item A, until it does not for a reason."""
    assert shop.carry("A", 5) == SOLD_UNTIL
    LEADS_TO[reason](shop)
    return shop


def refused(shop: Shop, *, dry_run: bool) -> Any:
    """Place an order for one unit, and return each rule that forbids it."""
    fields = {"order": "SO-1", "customer": "C-1", "lines": [{"sku": "A", "quantity": 1}]}
    model = COMMANDS["place-order"].model_validate_json(orjson.dumps(fields))
    result = submit_one(shop.ledger, model, dry_run=dry_run)
    assert result.status == "rejected"
    return result.details["failures"]


def verdict(shop: Shop) -> Verdict:
    """Judge the item by what the read side knows of it."""
    with shop.models.reading() as (place, cursor, _):
        return load_stock(place, cursor, "A").verdict(load_settings(place, cursor), "default")


def test_every_reason_has_a_scene() -> None:
    assert set(LEADS_TO) == set(Reason)


@every_reason
def test_an_order_is_refused_with_its_code(unsold: Shop, reason: Reason) -> None:
    [tried] = refused(unsold, dry_run=True)
    assert (tried["code"], tried["sku"]) == (reason.code, "A")
    assert refused(unsold, dry_run=False) == [tried]


@every_reason
def test_availability_gives_the_same_refusal_and_the_storefronts_message(
    unsold: Shop, reason: Reason
) -> None:
    answer = availability(unsold.models, "A", SCALE)
    assert answer["satisfiable"] is False
    assert answer["message"] == reason.message
    assert answer["refusals"] == refused(unsold, dry_run=True)


@every_reason
def test_every_view_of_stock_says_that_nothing_is_sold(unsold: Shop, reason: Reason) -> None:
    shown = unsold.stock("A")
    assert (shown["is_salable"], shown["unlimited"], shown["message"]) == (
        False, False, reason.message,
    )
    assert stock_list(unsold.models)["rows"] == [shown]
    [row] = ItemGrid().answer(unsold.models)["rows"]
    assert row | shown == row


@every_reason
def test_the_explanation_says_why(unsold: Shop, reason: Reason) -> None:
    explained = explain_stock(unsold.models, "A")
    arithmetic = "Salable quantity = supply 0 - demand 0 - effective threshold 0 = 0."
    judged = verdict(unsold)
    assert judged.reason is reason
    assert (judged.explanation or arithmetic) in explained["sentences"]
    assert f"The storefront says: {reason.message}." in explained["sentences"]
    assert explained["stock"] == unsold.stock("A")


@every_reason
def test_nothing_can_be_promised_that_an_order_would_not_get(unsold: Shop, reason: Reason) -> None:
    promised = promise(unsold.models, "A", SCALE)
    assert (promised["accepted_now"], promised["first_date"]) == (False, None)
    assert promised["refusals"] == refused(unsold, dry_run=True)


@every_reason
def test_low_stock_is_judged_by_the_same_number(unsold: Shop, reason: Reason) -> None:
    shown = unsold.stock("A")
    is_low = shown["assigned"] and shown["salable_quantity"] <= 1
    assert shown["low_stock"] is is_low
    assert [low[:2] for low in unsold.low()] == ([("A", "default")] if is_low else [])


@every_reason
def test_what_it_was_long_ago_is_told_of_long_ago(unsold: Shop, reason: Reason) -> None:
    now = unsold.ledger.head().position
    assert unsold.stock("A", as_of=now) == unsold.stock("A")
    assert unsold.stock("A", as_of=SOLD_UNTIL)["is_salable"] is True
