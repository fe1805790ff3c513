"""A wholesaler's morning: what is on order, who waits for it, and what nobody ordered."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from stocktrail.commands.scripts.reading import read_json_lines
from stocktrail.commands.scripts.submission import submit
from stocktrail.ledger.store import open_ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.backorders import View, backorders
from stocktrail.projections.questions.explain_promise import explain_promise
from stocktrail.projections.questions.notices import notices
from stocktrail.projections.questions.stock_list import stock_list
from stocktrail.projections.verify import verify

SCENARIOS = Path(__file__).parents[1] / "scenarios"
EXPECTED = json.loads((SCENARIOS / "northwind-expected.json").read_text(encoding="utf-8"))
TODAY = date(1998, 5, 6)

PEGGED_AND_UNCOVERED = {
    "NW-01": (0, 1), "NW-02": (40, 5), "NW-07": (0, 1), "NW-13": (0, 20),
    "NW-16": (0, 17), "NW-17": (0, 12), "NW-21": (20, 0), "NW-24": (0, 10),
    "NW-28": (0, 72), "NW-31": (20, 0), "NW-35": (0, 4), "NW-43": (10, 9),
    "NW-49": (52, 0), "NW-51": (0, 4), "NW-53": (0, 10), "NW-60": (0, 54),
    "NW-64": (80, 30),
}


@pytest.fixture(scope="module")
def northwind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReadModels]:
    """The read models after both scripts."""
    path = tmp_path_factory.mktemp("northwind") / "stocktrail.db"
    with open_ledger(f"sqlite:///{path}") as ledger:
        for script in ("northwind.jsonl", "northwind-purchases.jsonl"):
            with (SCENARIOS / script).open("rb") as rows:
                assert {result.status for result in submit(ledger, read_json_lines(rows))} == {
                    "accepted"
                }
        models = ReadModels(ledger)
        models.catch_up()
        yield models


def ask(models: ReadModels, by: View, **asked: Any) -> list[dict[str, Any]]:
    """Ask for a whole view on the last day of the sample."""
    rows: list[dict[str, Any]] = backorders(
        models, by, today=TODAY, limit=1_000, **asked
    )["rows"]
    return rows


def test_open_supply_is_what_the_sample_says_is_on_order(northwind: ReadModels) -> None:
    found = {row["sku"]: row["open_supply"] for row in ask(northwind, "item")}
    for sku, expected in EXPECTED["items"].items():
        assert found.get(sku, 0) == expected["open_supply"]


def test_demand_and_what_is_short_agree_with_the_sample(northwind: ReadModels) -> None:
    rows = {row["sku"]: row for row in ask(northwind, "item")}
    for sku, expected in EXPECTED["items"].items():
        if sku in rows:
            assert rows[sku]["open_demand"] == expected["demand"]
            assert rows[sku]["supply"] == expected["on_hand"]
        else:
            assert expected["demand"] == expected["open_supply"] == 0


def test_the_open_orders_by_customer_and_the_purchase_orders_by_vendor(
    northwind: ReadModels,
) -> None:
    lines = ask(northwind, "customer")
    assert len({line["order"] for line in lines}) == EXPECTED["open_orders"] == 21
    assert [line["customer"] for line in lines] == sorted(line["customer"] for line in lines)
    receipts = ask(northwind, "vendor")
    assert len({line["purchase_order"] for line in receipts}) == EXPECTED["purchase_orders"] == 17
    assert sum(line["remaining"] for line in receipts) == sum(
        item["open_supply"] for item in EXPECTED["items"].values()
    )


def test_of_each_short_item_what_is_pegged_and_what_stays_uncovered(
    northwind: ReadModels,
) -> None:
    stocks = {row["sku"]: row for row in stock_list(northwind)["rows"]}
    short = [row for row in ask(northwind, "item") if row["backordered"]]
    assert len(short) == 17
    found = {}
    for row in short:
        lines = [line for line in ask(northwind, "customer") if line["sku"] == row["sku"]]
        pegged = sum(peg["quantity"] for line in lines for peg in line["pegged_to"])
        found[row["sku"]] = (pegged, row["uncovered"])
        assert pegged + row["uncovered"] == row["backordered"] == stocks[row["sku"]]["backordered"]
        assert pegged == min(row["backordered"], row["open_supply"])
    assert found == PEGGED_AND_UNCOVERED


def test_what_to_order_is_what_is_short_of_stock_and_orders(northwind: ReadModels) -> None:
    stocks = {row["sku"]: row for row in stock_list(northwind)["rows"]}
    for row in ask(northwind, "item"):
        notify_below = stocks[row["sku"]]["settings"]["notify_below"]["value"]
        assert row["suggested_order_quantity"] == max(
            0, notify_below + row["open_demand"] - row["supply"] - row["open_supply"]
        )


def test_a_promise_can_be_explained_and_nobody_was_ever_told_of_a_slip_without_a_cause(
    northwind: ReadModels,
) -> None:
    line = next(line for line in ask(northwind, "customer") if line["pegged_to"])
    told = explain_promise(northwind, line["order"], line["line"], today=TODAY)
    [peg, *_] = line["pegged_to"]
    assert any(peg["purchase_order"] in sentence for sentence in told["sentences"])
    slips = [notice for notice in notices(northwind)["rows"] if notice["kind"] == "slip"]
    assert all(slip["cause"]["sentence"] for slip in slips)
    assert verify(northwind).findings == []
