"""A script of 2,000 lines that is cut at each of its lines, and sent again (R19)."""

from pathlib import Path
from typing import Any

from stocktrail.ledger.store import open_ledger
from tests.interfaces.test_killed import COMMANDS, a_script, kept, outcome
from tests.reliability.named_points import POINTS
from tests.reliability.trial import FreshDatabase, ReliabilityTrial
from tests.store.faults import await_quiet
from tests.store.shop import (
    Command,
    assert_answers_are_recorded,
    assert_log_is_sound,
    events_of,
    outcomes_of,
    send,
)

OPENING: list[Command] = [{"command": "register-product", "sku": "WIDGET", "id": "widget"}]
STRIDE = 7
"""Seeds that follow each other cut far from each other; it shares no factor with the lines."""

TIMES = ("occurred_at", "recorded_at")

[BETWEEN_REPLIES] = [point for point in POINTS if point.name == "between two replies"]


def cut(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Cut a script after one of its lines was answered, and compare with one that was not cut."""
    line = seed * STRIDE % COMMANDS + 1
    sent, url, calm = a_script(with_ids=bool(seed % 2)), database.url, folder / "calm.db"
    for each in (url, f"sqlite:///{calm}"):
        with open_ledger(each) as ledger:
            send(ledger, OPENING)
    whole = submit_whole(database, f"sqlite:///{calm}", sent)
    victim = database.workers.begin("write", url, BETWEEN_REPLIES, line, script=sent, at_once=2_000)
    before = victim.wait()
    await_quiet(url)
    assert (victim.is_done, len(before)) == (False, line)
    assert_answers_are_recorded(url, before)
    after = submit_whole(database, url, sent)
    assert [timeless(each) for each in kept(after)] == [timeless(each) for each in kept(whole)]
    assert [outcome(each) for each in kept(before)] == [
        outcome(each) for each in kept(after) if each["line"] <= line
    ]
    assert events_of(url) == events_of(f"sqlite:///{calm}")
    assert [row[:6] for row in outcomes_of(url)] == [
        row[:6] for row in outcomes_of(f"sqlite:///{calm}")
    ]
    assert_log_is_sound(url)
    return 1


def timeless(answer: dict[str, Any]) -> dict[str, Any]:
    """Return what a command led to, without the times at which it did."""
    found = outcome(answer)
    found.pop("judged_at", None)
    events = found.get("events", [])
    return {**found, "events": [
        {name: value for name, value in event.items() if name not in TIMES} for event in events
    ]}


def submit_whole(database: FreshDatabase, url: str, sent: bytes) -> list[dict[str, Any]]:
    """Submit a script to its end."""
    sending = database.workers.begin("write", url, script=sent, at_once=50_000)
    answers = sending.wait()
    assert sending.is_done, sending.failed
    assert len(answers) == COMMANDS
    return answers


TRIALS = [
    ReliabilityTrial(
        "R19", "A script of 2,000 lines, cut after each of its lines, is sent again",
        "the results and the log are those of a script that was not cut", "lines", COMMANDS, cut,
        played_by=("tests/interfaces/test_killed.py",),
    ),
]
