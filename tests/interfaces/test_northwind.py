"""Two years of a wholesaler: every command accepted, every number as it was, now and as of then."""

import json
from pathlib import Path
from typing import Any

import pytest

from stocktrail.interfaces.service.example_scripts import EXAMPLES
from tests.interfaces.terminal import Terminal

SCENARIOS = Path(__file__).parents[1] / "scenarios"
SCRIPT = SCENARIOS / "northwind.jsonl"
EXPECTED = json.loads((SCENARIOS / "northwind-expected.json").read_text(encoding="utf-8"))
COMMANDS = 1853
END_OF_FIRST_YEAR = "1997-06-30"


@pytest.fixture(scope="module")
def northwind(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """Return a terminal about the ledger of both years."""
    terminal = Terminal(tmp_path_factory.mktemp("northwind") / "northwind.db")
    answer = terminal.type("submit", str(SCRIPT))
    assert answer.status == 0, answer.err
    assert answer.out.startswith("1,853 commands: 1,853 accepted. The ledger is at position ")
    return terminal


@pytest.fixture(scope="module")
def first_year(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """Return a terminal about a ledger that stopped at the end of June 1997."""
    folder = tmp_path_factory.mktemp("first-year")
    lines = SCRIPT.read_text(encoding="utf-8").splitlines(keepends=True)
    script = folder / "first-year.jsonl"
    script.write_text("".join(lines[: last_of_first_year() + 1]), encoding="utf-8")
    terminal = Terminal(folder / "first-year.db")
    assert terminal.type("submit", str(script)).status == 0
    return terminal


def last_of_first_year() -> int:
    """Find the last command that occurred on or before the end of June 1997."""
    commands = [json.loads(line) for line in SCRIPT.read_text(encoding="utf-8").splitlines()]
    return max(
        at for at, command in enumerate(commands)
        if command["occurred_at"][:10] <= END_OF_FIRST_YEAR
    )


def numbers(report: dict[str, Any]) -> dict[str, Any]:
    """Return what a stock list says about each item, without the position it was asked at."""
    return {row["sku"]: {**row, "as_of": None} for row in report["rows"]}


def test_every_item_ends_exactly_as_the_sample_says(northwind: Terminal) -> None:
    rows = {row["sku"]: row for row in northwind.ask("stock")["rows"]}
    assert {
        sku: (row["on_hand"].get("default", 0), row["demand"], row["salable_quantity"])
        for sku, row in rows.items()
    } == {
        sku: (item["on_hand"], item["demand"], item["salable_quantity"])
        for sku, item in EXPECTED["items"].items()
    }


def test_21_orders_are_open(northwind: Terminal) -> None:
    placed = northwind.type("events", "--type", "OrderPlaced", "--json").rows
    orders = [event["data"]["order"] for event in placed]
    assert len(orders) == 830
    shipped = northwind.type("events", "--type", "OrderShipped", "--json").rows
    done = {event["data"]["order"] for event in shipped if event["data"]["status"] == "complete"}
    still_open = [order for order in orders if order not in done]
    assert len(still_open) == EXPECTED["open_orders"]
    for order in still_open:
        assert northwind.ask("order", order)["status"] == "processing"


def test_sent_again_nothing_changes(northwind: Terminal) -> None:
    before = northwind.ask("status")["head"]
    answer = northwind.type("submit", str(SCRIPT), "--json")
    assert answer.status == 0
    assert [result["status"] for result in answer.rows] == ["duplicate"] * COMMANDS
    assert northwind.ask("status")["head"] == before


def test_as_of_a_position_or_its_recorded_time_it_is_as_if_the_ledger_had_stopped_there(
    northwind: Terminal, first_year: Terminal
) -> None:
    last = json.loads(SCRIPT.read_text(encoding="utf-8").splitlines()[last_of_first_year()])
    (event, *_) = [
        event for event in northwind.type("events", "--json").rows
        if event["command_id"] == last["id"]
    ][::-1]
    stopped = numbers(first_year.ask("stock"))
    assert first_year.ask("status")["head"] == event["position"]
    for moment in (str(event["position"]), event["recorded_at"]):
        assert numbers(northwind.ask("stock", "--as-of", moment)) == stopped


def test_orders_and_history_are_as_of_then_too(northwind: Terminal, first_year: Terminal) -> None:
    position = str(first_year.ask("status")["head"])
    for order in ("NW-10248", "NW-10555", "NW-10582", "NW-10583"):
        there = first_year.ask("order", order)
        assert northwind.ask("order", order, "--as-of", position) == there
    for sku in ("NW-02", "NW-31", "NW-60"):
        then = northwind.ask("history", sku, "--as-of", position)["rows"]
        assert [timeless(row) for row in then] == [
            timeless(row) for row in first_year.ask("history", sku)["rows"]
        ]


def timeless(row: dict[str, Any]) -> dict[str, Any]:
    """Leave out when a ledger learnt of it: that differs between two ledgers."""
    return {name: value for name, value in row.items() if name != "recorded_at"}


def test_it_is_verified_and_can_be_rebuilt(northwind: Terminal) -> None:
    assert northwind.ask("verify")["ok"] is True
    before = northwind.ask("stock")
    assert northwind.type("rebuild").status == 0
    assert northwind.ask("stock") == before


@pytest.mark.parametrize("script", ["northwind.jsonl", "northwind-purchases.jsonl"])
def test_the_example_differs_from_the_scenario_in_repaired_names_only(script: str) -> None:
    example = (EXAMPLES / script).read_text(encoding="utf-8").splitlines()
    scenario = (SCENARIOS / script).read_text(encoding="utf-8").splitlines()
    for ours, theirs in zip(map(json.loads, example), map(json.loads, scenario), strict=True):
        for field in {"name", "vendor"} & theirs.keys():
            theirs[field] = theirs[field].encode("latin-1").decode()
        assert ours == theirs
