"""The morning after: what Northwind has on order, who waits for it, and what nobody ordered."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.interfaces.terminal import Terminal

SCENARIOS = Path(__file__).parents[1] / "scenarios"
EXPECTED = json.loads((SCENARIOS / "northwind-expected.json").read_text(encoding="utf-8"))
SHORT_ITEMS = 17


@pytest.fixture(scope="module")
def northwind(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """Return a terminal about both years and the purchase orders after them."""
    terminal = Terminal(tmp_path_factory.mktemp("northwind") / "northwind.db")
    for script in ("northwind.jsonl", "northwind-purchases.jsonl"):
        answer = terminal.type("submit", str(SCENARIOS / script))
        assert answer.status == 0, answer.out
    return terminal


def ask(northwind: Terminal, by: str, *flags: str) -> list[Any]:
    """Ask for a whole view on the last day of the sample."""
    rows: list[Any] = northwind.ask(
        "backorders", "--by", by, "--today", "1998-05-06", "--limit", "1000", *flags
    )["rows"]
    return rows


def test_every_view_shows_what_the_sample_says_is_open(northwind: Terminal) -> None:
    items = {row["sku"]: row["open_supply"] for row in ask(northwind, "item")}
    assert {sku: items.get(sku, 0) for sku in EXPECTED["items"]} == {
        sku: item["open_supply"] for sku, item in EXPECTED["items"].items()
    }
    orders = {row["order"] for row in ask(northwind, "customer")}
    assert len(orders) == EXPECTED["open_orders"]
    assert len({row["purchase_order"] for row in ask(northwind, "vendor")}) == 17


def test_the_views_tell_the_same_totals(northwind: Terminal) -> None:
    short = [row for row in ask(northwind, "item") if row["backordered"]]
    assert len(short) == SHORT_ITEMS
    for row in short:
        lines = ask(northwind, "customer", "--item", row["sku"])
        owed = ask(northwind, "vendor", "--item", row["sku"])
        pegged = sum(each["quantity"] for line in lines for each in line["pegged_to"])
        assert sum(line["backordered"] for line in lines) == row["backordered"]
        assert sum(line["uncovered"] for line in lines) == row["uncovered"]
        assert sum(each["remaining"] for each in owed) == row["open_supply"]
        assert sum(each["pegged"] for each in owed) == pegged == (
            row["backordered"] - row["uncovered"]
        )
