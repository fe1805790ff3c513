"""Faults that users of such systems reported, and other cases of the rules behind them.

Each on a ledger of its own; those that were reported on both databases.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.interfaces.terminal import Terminal

SCENARIOS = Path(__file__).parents[1] / "scenarios"


def read_cases(name: str) -> list[dict[str, Any]]:
    """Read the cases of a file, one a line."""
    lines = (SCENARIOS / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


CASES = read_cases("reports.jsonl")
RULES = read_cases("rules.jsonl")


@pytest.fixture
def terminal(tmp_path: Path, database_url: str) -> Terminal:
    """Return a terminal about a database that does not exist yet, on a file or on a server."""
    terminal = Terminal(tmp_path / "unused.db")
    terminal.url = database_url
    return terminal


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_what_was_reported_is_right_here(case: dict[str, Any], terminal: Terminal) -> None:
    play(case, terminal)


@pytest.mark.parametrize("case", RULES, ids=lambda case: str(case["id"]))
def test_the_rule_holds_in_other_cases_too(case: dict[str, Any], tmp_path: Path) -> None:
    play(case, Terminal(tmp_path / "ledger.db"))


def play(case: dict[str, Any], terminal: Terminal) -> None:
    """Submit the commands of a case in one run, and compare the results and the answers."""
    results = terminal.submit(*case["commands"]).rows
    assert values_at(results, case["results"]) == case["results"]
    for each in case["asks"]:
        assert values_at(terminal.ask(*each["ask"]), each["expect"]) == each["expect"]


def test_no_case_is_there_twice() -> None:
    assert len(CASES) == len({case["id"] for case in CASES}) == 18


def values_at(answer: Any, pointers: dict[str, Any]) -> dict[str, Any]:
    """Return what stands at JSON pointers (RFC 6901) in an answer."""
    return {pointer: value_at(answer, pointer) for pointer in pointers}


def value_at(answer: Any, pointer: str) -> Any:
    """Return what stands at one JSON pointer, or where it led no further."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        try:
            answer = answer[int(name)] if isinstance(answer, list) else answer[name]
        except (KeyError, IndexError, TypeError):
            return f"nothing at {name!r}"
    return answer
