"""Rule 5.9: backorders allocated again on a real ledger, for good or as a dry run."""

from typing import Any

import pytest

from stocktrail.commands.orders import queue as queues
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.ledger.store import Ledger
from tests.commands.scenes import (
    Command,
    backorders,
    given,
    order,
    pool,
    product,
    receive,
    send,
    source,
    types,
    waiting,
    when,
)

WANTS = {"A": 6, "B": 5, "D": 4, "C": 8, "E": 4, "F": 3}
HAS = {"A": 2, "B": 3, "D": 0, "C": 6, "E": 4, "F": 1}
STRATEGIES = [
    {"order": "A", "line": 1, "strategy": "win"},
    {"order": "B", "line": 1, "strategy": "gain"},
    {"order": "E", "line": 1, "strategy": "fill"},
    {"order": "F", "line": 1, "strategy": "lose"},
]


def sixteen_units(ledger: Ledger) -> None:
    """Six orders want 30 units of which there are 16; in the queue D stands before C."""
    given(
        ledger, product("W"), backorders(), receive(16, "W"),
        *(order(f"had-{name}", had, sku="W") for name, had in HAS.items() if had),
        *(order(name, wants, sku="W", priority=place)
          for place, (name, wants) in enumerate(WANTS.items(), 1)),
        *(move(name, had) for name, had in HAS.items() if had),
        *({"command": "cancel-order", "order": f"had-{name}"} for name, had in HAS.items() if had),
    )
    assert allocated(ledger) == HAS


def move(name: str, quantity: int) -> Command:
    return {
        "command": "move-allocation", "sku": "W", "from_order": f"had-{name}", "to_order": name,
        "quantity": quantity, "reason": "to begin with",
    }


def allocated(ledger: Ledger) -> dict[str, Any]:
    return {name: have for (name, _), (have, _) in waiting(ledger, "W").items()}


def allocate(strategy: str, **more: Any) -> Command:
    return {"command": "allocate-backorders", "sku": "W", "strategy": strategy, **more}


def test_the_worked_example(ledger: Ledger) -> None:
    sixteen_units(ledger)
    result = when(ledger, **allocate("redistribute", lines=STRATEGIES))
    assert types(result) == ["BackordersReallocated"]
    assert allocated(ledger) == {"A": 6, "B": 5, "D": 4, "C": 1, "E": 0, "F": 0}
    assert result.events[0]["data"]["lines"] == [
        {"order": name, "line": 1, "pool": "default", "strategy": strategy, "before": HAS[name],
         "after": after}
        for name, strategy, after in (
            ("A", "win", 6), ("B", "gain", 5), ("D", "redistribute", 4), ("C", "redistribute", 1),
            ("E", "fill", 0), ("F", "lose", 0),
        )
    ]


def test_the_worked_example_of_fair_shares(ledger: Ledger) -> None:
    sixteen_units(ledger)
    given(ledger, allocate("fair_share"))
    assert allocated(ledger) == {"A": 3, "B": 3, "D": 2, "C": 4, "E": 2, "F": 2}


@pytest.mark.parametrize(("strategy", "expected"), [
    ("gain", HAS),
    ("fill", HAS),
    ("redistribute", {"A": 6, "B": 5, "D": 4, "C": 1, "E": 0, "F": 0}),
    ("lose", {"A": 6, "B": 5, "D": 4, "C": 1, "E": 0, "F": 0}),
])
def test_one_strategy_for_all_lines(
    ledger: Ledger, strategy: str, expected: dict[str, Any]
) -> None:
    sixteen_units(ledger)
    given(ledger, allocate(strategy))
    assert allocated(ledger) == expected


def test_a_dry_run_says_who_gains_and_who_loses_and_records_nothing(ledger: Ledger) -> None:
    sixteen_units(ledger)
    head = ledger.head()
    command = queues.AllocateBackorders.model_validate(
        {"sku": "W", "strategy": "redistribute", "lines": STRATEGIES}
    )
    result = submit_one(ledger, command, dry_run=True)
    assert result.status == "accepted"
    changes = {
        part["order"]: part["after"] - part["before"]
        for part in result.events[0]["data"]["lines"]
    }
    assert changes == {"A": 4, "B": 2, "D": 4, "C": -5, "E": -4, "F": -1}
    assert result.as_json()["dry_run"] is True
    assert ledger.head() == head
    assert allocated(ledger) == HAS
    recorded = submit_one(ledger, command)
    assert recorded.events[0]["data"] == result.events[0]["data"]
    assert submit_one(ledger, command).events == []


def test_who_cannot_win_is_named_and_nothing_changes(ledger: Ledger) -> None:
    sixteen_units(ledger)
    for dry_run in (True, False):
        (result,) = send(ledger, allocate("win"), dry_run=dry_run)
        assert (result.status, result.code) == ("rejected", "not_enough_on_hand")
        assert (result.details["sku"], result.details["shortfall"]) == ("W", 7)
        assert [each["order"] for each in result.details["failures"]] == ["C", "E", "F"]
    assert allocated(ledger) == HAS


def test_only_lines_of_one_pool_take_part(ledger: Ledger) -> None:
    given(
        ledger, product("W"), backorders(), source("east"), pool("P", "default"),
        pool("Q", "default", "east"), receive(6, "W"), receive(3, "W", source="east"),
        order("Q1", 5, sku="W", pool="Q"), order("P1", 4, sku="W", pool="P"),
        order("P2", 4, sku="W", pool="P"),
    )
    assert allocated(ledger) == {"Q1": 5, "P1": 4, "P2": 0}
    given(ledger, allocate("fair_share", pool="P"))
    assert allocated(ledger) == {"Q1": 5, "P1": 2, "P2": 2}
    given(ledger, allocate("lose", lines=[
        {"order": name, "line": 1, "strategy": "redistribute"} for name in ("P1", "P2")
    ]))
    assert allocated(ledger) == {"Q1": 3, "P1": 4, "P2": 2}


@pytest.mark.parametrize(("command", "code"), [
    (allocate("gain") | {"sku": "Z"}, "unknown_sku"),
    (allocate("gain", pool="nowhere"), "unknown_pool"),
    (allocate("gain", lines=[{"order": "Z", "line": 1, "strategy": "win"}]), "unknown_order"),
    (allocate("gain", lines=[{"order": "S", "line": 9, "strategy": "win"}]), "unknown_line"),
    (allocate("gain", lines=[{"order": "S", "line": 2, "strategy": "win"}]),
     "not_enough_remaining"),
    (allocate("gain", lines=[{"order": "X", "line": 1, "strategy": "win"}]),
     "not_enough_remaining"),
])
def test_what_takes_no_part_is_refused(ledger: Ledger, command: Command, code: str) -> None:
    given(
        ledger, product("W"), product("V"), receive(9, "W"), receive(9, "V"),
        order("S", {"sku": "W", "quantity": 1}, {"sku": "V", "quantity": 1}),
        order("X", 2, sku="W"), {"command": "cancel-order", "order": "X"},
    )
    result = when(ledger, **command)
    assert (result.status, result.code) == ("rejected", code)


@pytest.mark.parametrize("command", [
    allocate("best"), allocate("gain", lines=[]), {"command": "allocate-backorders", "sku": "W"},
    allocate("gain", lines=[{"order": "S", "line": 1, "strategy": "win"}] * 2),
    allocate("gain", lines=[{"order": "S", "line": 1}]),
])
def test_what_names_no_strategy_or_a_line_twice_is_invalid(
    ledger: Ledger, command: Command
) -> None:
    assert when(ledger, **command).status == "invalid"
