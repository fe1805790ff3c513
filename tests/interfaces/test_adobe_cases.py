"""The cases restated from Adobe's Inventory Management, each on a ledger of its own."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.interfaces.terminal import Terminal

SCENARIOS = Path(__file__).parents[1] / "scenarios" / "adobe.jsonl"
CASES = [json.loads(line) for line in SCENARIOS.read_text(encoding="utf-8").splitlines()]


def play(case: dict[str, Any], terminal: Terminal) -> None:
    """Submit the commands of a case, ask its question, and compare the answer."""
    expected = dict(case["expect"])
    results = terminal.submit(*case["commands"]).rows
    last = expected.pop("last_status", "accepted")
    assert [result["status"] for result in results] == [
        *["accepted"] * (len(results) - 1), last,
    ], results[-1]
    answer = ask(case.get("ask") or {}, terminal)
    included = expected.pop("refusal_codes_include", None)
    if included is not None:
        codes = {refusal["code"] for refusal in answer["refusals"]}
        assert codes >= {included} if isinstance(included, str) else codes >= set(included)
    on_hand = expected.pop("on_hand", {})        # of the sources that a case is about
    assert {source: answer["on_hand"][source] for source in on_hand} == on_hand
    assert {name: answer[name] for name in expected} == expected


def ask(question: dict[str, Any], terminal: Terminal) -> dict[str, Any]:
    """Ask what a case asks, if it asks anything."""
    if "stock" in question:
        return dict(terminal.ask("stock", question["stock"], "--pool", question["pool"]))
    if "availability" in question:
        return dict(terminal.ask(
            "availability", question["availability"], "--pool", question["pool"],
            "--quantity", str(question["quantity"]),
        ))
    return {}


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_what_adobes_own_tests_say(case: dict[str, Any], terminal: Terminal) -> None:
    play(case, terminal)


def test_there_are_142_cases() -> None:
    assert len(CASES) == 142


def test_a_refused_quantity_through_a_process_of_its_own(terminal: Terminal) -> None:
    case = next(case for case in CASES if case["expect"].get("satisfiable") is False)
    script = "".join(json.dumps(command) + "\n" for command in case["commands"]).encode()
    assert terminal.run("submit", "-", stdin=script).status == 0
    question = case["ask"]
    answer = terminal.run(
        "availability", question["availability"], "--pool", question["pool"],
        "--quantity", str(question["quantity"]), "--json",
    )
    assert (answer.status, answer.json["satisfiable"]) == (0, False)
