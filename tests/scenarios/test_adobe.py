"""What Adobe's own tests pin down: 142 cases, each on a ledger of its own."""

import json
from pathlib import Path
from typing import Any

import pytest

from commands.reading import read_json_lines
from commands.submission import submit
from ledger.refusal import Refusal
from ledger.store import Ledger
from projections import ReadModels
from projections.reports.availability import availability
from projections.reports.stock import stock
from tests.scenarios.script import script_of

CASES = [
    json.loads(line)
    for line in Path(__file__).with_name("adobe.jsonl").read_text(encoding="utf-8").splitlines()
]


def test_there_are_142_cases() -> None:
    assert len(CASES) == 142


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_case_that_adobe_pins_down(case: dict[str, Any], ledger: Ledger) -> None:
    statuses = [
        result.status for result in submit(ledger, read_json_lines(script_of(case["commands"])))
    ]

    *others, last = statuses
    expected = case["expect"]
    assert set(others) <= {"accepted"}
    assert last == expected.get("last_status", "accepted")
    if "ask" in case:
        assert_answer(answer(ledger, case["ask"]), expected)


def answer(ledger: Ledger, ask: dict[str, Any]) -> dict[str, Any]:
    """Ask what the case asks; a refused question refuses what it asked for."""
    models = ReadModels(ledger)
    models.catch_up()
    try:
        if "stock" in ask:
            return stock(models, ask["stock"], ask["pool"])
        return availability(models, ask["availability"], parsed(ask["quantity"]), ask["pool"])
    except Refusal as refusal:
        return {"satisfiable": False, "refusals": [refusal.as_json()]}


def parsed(quantity: float) -> int:
    """Give a quantity of the case in ten-thousandths."""
    return round(quantity * 10_000)


def assert_answer(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Compare every figure that the case states."""
    for name, value in expected.items():
        if name == "refusal_codes_include":
            codes = {refusal["code"] for refusal in found["refusals"]}
            assert set(value) <= codes
        elif name == "on_hand":
            assert {source: found["on_hand"].get(source) for source in value} == value
        elif name != "last_status":
            assert found[name] == value, name
