"""Sums at their bound: one accepted order never takes a read model past what a database can hold.

What the ledger takes at the most, every read model holds, every question answers exactly, and one
unit more is refused.
"""

import pytest

from stocktrail.ledger.quantity import LIMIT, SCALE
from stocktrail.ledger.store import Ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.backlog import backlog
from stocktrail.projections.questions.backorders import backorders
from stocktrail.projections.questions.products import ItemGrid
from stocktrail.projections.questions.promise import promise
from stocktrail.projections.questions.stock import stock
from stocktrail.projections.verify import verify
from tests.commands.scenes import (
    backorders as backorders_allowed,
)
from tests.commands.scenes import given, order, pool, product, receive, source, when

MOST = LIMIT // SCALE - 1
EXACT = 99_999_999_999


def without_limits(ledger: Ledger) -> None:
    """Let an item be ordered in two pools, as many units as can be written."""
    given(
        ledger, source("berlin"), pool("EU", "berlin"), product(), backorders_allowed(),
        {"command": "set-quantity-rules", "max_sale": "off"},
        receive(1), receive(1, source="berlin"),
    )


def test_an_order_of_thousands_of_the_largest_lines_is_refused_and_the_ledger_goes_on(
    ledger: Ledger,
) -> None:
    without_limits(ledger)
    result = when(ledger, **order("SO-1", *[EXACT] * 9_224))
    assert (result.status, result.code) == ("rejected", "quantity_too_large")
    assert result.message is not None
    assert "Open orders together would want 922399999990776 of A" in result.message
    assert "up to 99999999999.9999" in result.message
    given(ledger, order("SO-2", 3))
    models = ReadModels(ledger)
    models.catch_up()
    assert stock(models, "A")["demand"] == 3
    assert verify(models).ok


def test_many_orders_are_judged_on_what_all_of_them_want_in_every_pool(ledger: Ledger) -> None:
    without_limits(ledger)
    given(ledger, order("SO-1", EXACT - 10), order("SO-2", 4, pool="EU"), order("SO-3", 6))
    for where in ("default", "EU"):
        refused = when(ledger, **order("SO-4", 1, pool=where))
        assert (refused.status, refused.code) == ("rejected", "quantity_too_large")
    given(ledger, {"command": "cancel-order", "order": "SO-3"}, order("SO-4", 5, pool="EU"))


def test_a_price_times_a_quantity_is_bounded_over_all_lines(ledger: Ledger) -> None:
    without_limits(ledger)
    lines = [{"sku": "A", "quantity": 50_000, "unit_price": "10000000000.00"}] * 2
    refused = when(ledger, **order("SO-1", *lines))
    assert (refused.status, refused.code) == ("rejected", "amount_too_large")
    lines[1] = lines[1] | {"unit_price": "9999999999.9999"}
    given(ledger, order("SO-1", *lines))


@pytest.fixture
def full(ledger: Ledger) -> Ledger:
    """Return a ledger in which every sum stands at its bound."""
    without_limits(ledger)
    line = {"sku": "A", "quantity": EXACT, "expected_date": "2026-03-14"}
    given(
        ledger, receive(EXACT - 12), receive(10, source="berlin"),
        order("SO-1", EXACT - 10), order("SO-2", 10, pool="EU"),
        *({"command": "place-purchase-order", "purchase_order": f"PO-{number}", "vendor": "Acme",
           "lines": [line]} for number in range(3)),
        *({"command": "change-threshold", "threshold": which, "value": value, "sku": "A"}
          for which, value in (("out_of_stock", -EXACT), ("notify_below", EXACT))),
    )
    return ledger


def test_whatever_stands_at_its_bound_is_answered_exactly(full: Ledger) -> None:
    models = ReadModels(full)
    models.catch_up()
    found = stock(models, "A")
    assert (found["supply"], found["demand"]) == (EXACT - 11, EXACT - 10)
    assert found["salable_quantity"] == EXACT - 11 - (EXACT - 10) + EXACT
    for sort in ("open_demand", "-open_supply", "uncovered"):
        (row,) = backorders(models, "item", sort=sort)["rows"]
        assert row["open_supply"] == 3 * EXACT
        assert row["backordered"] == 1
    (of_grid,) = ItemGrid(sort="on_hand", limit=9).answer(models)["rows"]
    assert of_grid["on_hand_total"] == EXACT
    assert backlog(models)["rows"][-1]["backordered"] == 1
    assert promise(models, "A", SCALE)["sku"] == "A"
    assert verify(models).ok
    assert models.rebuild() == full.head().position
