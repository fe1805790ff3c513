"""Units distributed anew: the worked example of the strategies, tried first and then done."""

import json
import re
from typing import Any

import pytest

from tests.interfaces.terminal import Terminal
from tests.interfaces.waiting import Command, buy, day, item, order, send

WANTS = {"A": 6, "B": 5, "D": 4, "C": 8, "E": 4, "F": 3}
HAS = {"A": 2, "B": 3, "D": 0, "C": 6, "E": 4, "F": 1}
STRATEGIES = {"A": "win", "B": "gain", "E": "fill", "F": "lose"}


@pytest.fixture
def sixteen(terminal: Terminal) -> Terminal:
    """Six orders want 30 units of which there are 16; 14 more are due on day 10."""
    had = {name: units for name, units in HAS.items() if units}
    send(
        terminal, *item(16, "W"),
        *(order(f"had-{name}", units, 0, sku="W") for name, units in had.items()),
        *(order(name, wants, 0, sku="W", priority=place)
          for place, (name, wants) in enumerate(WANTS.items(), 1)),
        *(move(name, units) for name, units in had.items()),
        *({"command": "cancel-order", "order": f"had-{name}"} for name in had),
        {**buy("PO-1", 14, 10), "lines": [{"sku": "W", "quantity": 14, "expected_date": day(10)}]},
    )
    assert allocated(terminal) == HAS
    return terminal


def move(name: str, quantity: int) -> Command:
    """Return an order units of the one that had them before."""
    return {
        "command": "move-allocation", "sku": "W", "from_order": f"had-{name}", "to_order": name,
        "quantity": quantity, "reason": "to begin with",
    }


def allocated(terminal: Terminal) -> dict[str, Any]:
    """Return how many units each order has."""
    rows = terminal.ask("backorders", "--by", "customer", "--item", "W")["rows"]
    return {row["order"]: row["allocated"] for row in rows}


def allocate(strategy: str, *flags: str) -> tuple[str, ...]:
    """Return the words with which units are distributed anew on day 0."""
    return (
        "allocate-backorders", "--sku", "W", "--strategy", strategy, *flags,
        "--occurred-at", f"{day(0)}T10:00:00Z",
    )


def line_by_line() -> tuple[str, str]:
    """Return the flag that names the strategy of each line."""
    return "--lines", json.dumps([
        {"order": name, "line": 1, "strategy": strategy} for name, strategy in STRATEGIES.items()
    ])


def test_a_dry_run_shows_who_gains_who_loses_and_whose_promise_slips(sixteen: Terminal) -> None:
    head = sixteen.ask("status")["head"]
    preview = sixteen.ask(*allocate("redistribute", *line_by_line()), "--dry-run")["preview"]
    assert {each["order"]: each["change"] for each in preview["gains"]} == {"A": 4, "B": 2, "D": 4}
    assert {each["order"]: each["change"] for each in preview["loses"]} == {
        "C": -5, "E": -4, "F": -1,
    }
    assert {each["order"]: each["days"] for each in preview["slips"]} == {"C": 10, "E": 10, "F": 10}
    assert {each["order"]: each["new_date"] for each in preview["moves"]} == {
        "A": day(0), "B": day(0), "D": day(0),
    }
    assert sixteen.ask("status")["head"] == head
    assert allocated(sixteen) == HAS


def test_people_see_the_same_in_tables(sixteen: Terminal) -> None:
    told = sixteen.type(*allocate("redistribute", *line_by_line()), "--dry-run").out
    for heading in ("Who would gain", "Who would lose", "Promises that would slip",
                    "Promises that would come earlier"):
        assert heading in told
    assert told.index("nothing was recorded") < told.index("Who would gain")
    unmoved = sixteen.type(*allocate("gain"), "--dry-run").out
    assert "Nobody would gain or lose, and no promise would move." in unmoved


def test_line_by_line_as_the_dry_run_said(sixteen: Terminal) -> None:
    assert sixteen.type(*allocate("redistribute", *line_by_line())).status == 0
    assert allocated(sixteen) == {"A": 6, "B": 5, "D": 4, "C": 1, "E": 0, "F": 0}
    slips = [row for row in sixteen.ask("notices")["rows"] if row["kind"] == "slip"]
    assert {"C", "E", "F"} <= {row["order"] for row in slips}


def test_fair_shares(sixteen: Terminal) -> None:
    assert sixteen.type(*allocate("fair_share")).status == 0
    assert allocated(sixteen) == {"A": 3, "B": 3, "D": 2, "C": 4, "E": 2, "F": 2}


def test_a_dry_run_of_what_is_refused_shows_the_refusal(sixteen: Terminal) -> None:
    lines = json.dumps([{"order": name, "line": 1, "strategy": "win"} for name in "ABDC"])
    answer = sixteen.type(*allocate("win", "--lines", lines), "--dry-run")
    assert (answer.status, answer.out) == (3, "")
    assert answer.err.startswith("Dry run at position ")


def test_a_vendors_delay_can_be_tried_too(sixteen: Terminal) -> None:
    preview = sixteen.ask(
        "delay-purchase-order", "--purchase-order", "PO-1", "--expected-date", day(12),
        "--occurred-at", f"{day(0)}T10:00:00Z", "--dry-run",
    )["preview"]
    assert (preview["gains"], preview["loses"], preview["moves"]) == ([], [], [])
    assert {each["days"] for each in preview["slips"]} == {2}
    assert sixteen.ask("purchase-order", "PO-1")["lines"][0]["slips"] == 0


def test_a_dry_run_says_which_promise_was_uncertain(terminal: Terminal) -> None:
    send(terminal, *item(1), buy("PO-1", 9, 5), order("SO-1", 3, 1))
    later = f"{day(8)}T09:00:00Z"                       # PO-1 is overdue
    assert terminal.submit(
        {"command": "receive-stock", "sku": "A", "quantity": 1, "occurred_at": later}
    ).status == 0
    tried = terminal.type(
        "delay-purchase-order", "--purchase-order", "PO-1", "--expected-date", day(20), "--reason",
        "strike", "--occurred-at", later, "--dry-run",
    )
    assert tried.status == 0, tried.err
    assert re.search(r" A +1 +2026-03-15 \? +2026-03-30 ", tried.out), tried.out
    assert "? in the column from: that promise was uncertain." in tried.out
