"""Sent again after a kill: a script whose process died at any moment, and sent until it is done."""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.interfaces.terminal import ROOT, Terminal, with_patience

COMMANDS = 2000
"""Enough that a script is recorded in several commits."""


def a_script(*, with_ids: bool) -> bytes:
    """Receive, order in groups, ship and cancel, until stock runs out and groups are refused."""
    commands: list[dict[str, Any]] = []
    for number in range(COMMANDS):
        order = f"SO-{number - number % 5}"
        steps: list[dict[str, Any]] = [
            {"command": "receive-stock", "sku": "WIDGET", "quantity": 2},
            {"command": "place-order", "order": f"SO-{number - 1}", "customer": "Ada",
             "group": order, "lines": [{"sku": "WIDGET", "quantity": 3}]},
            {"command": "place-order", "order": f"{order}-b", "customer": "Bob", "group": order,
             "lines": [{"sku": "WIDGET", "quantity": 1}]},
            {"command": "ship-order", "order": order, "shipment": "S-1"},
            {"command": "cancel-order", "order": f"{order}-b" if number % 3 else "SO-404"},
        ]
        commands.append(steps[number % 5])
        if with_ids:
            commands[-1]["id"] = f"c-{number}"
    return b"".join(json.dumps(command).encode() + b"\n" for command in commands)


@contextmanager
def submitting(shop: Terminal, script: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Submit in a process of its own that can be killed."""
    with subprocess.Popen(
        [sys.executable, "-m", "stocktrail", "submit", script, "--json",
         "--database", shop.url],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process, with_patience(process):
        yield process


def answered(process: "subprocess.Popen[bytes]", most: int) -> list[dict[str, Any]]:
    """Read so many answers, fewer when the process ends; a torn last one is none."""
    assert process.stdout is not None
    lines = [line for _, line in zip(range(most), process.stdout, strict=False)]
    return [json.loads(line) for line in lines if line.endswith(b"\n")]


def outcome(answer: dict[str, Any]) -> dict[str, Any]:
    """Return what a command led to, whether it is told for the first time or again."""
    status = "accepted" if answer["status"] == "duplicate" else answer["status"]
    return {
        name: value for name, value in {**answer, "status": status}.items()
        if name != "first_judged_at"
    }


def kept(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out refusals of what was not known, and of groups that met it: they are judged anew."""
    unknown = {each["line"] for each in answers if each.get("code", "").startswith("unknown_")}
    assert unknown
    return [
        each for each in answers
        if each["status"] not in ("rejected", "group_failed")
        or each["details"].get("failed_line", each["line"]) not in unknown
    ]


def assert_every_command_has_one_outcome(
    shop: Terminal, script: Path, before: list[dict[str, Any]]
) -> None:
    """Send the script once more, and compare with what was answered before the kills."""
    last = shop.type("submit", str(script), "--json")
    assert last.status == 3, last.err
    found = {answer["line"]: outcome(answer) for answer in last.rows}
    assert len(found) == COMMANDS
    for answer in kept(before):
        assert outcome(answer) == found[answer["line"]]
    again = shop.type("submit", str(script), "--json").rows
    assert len(again) == COMMANDS
    for answer in kept(last.rows):
        assert outcome(again[answer["line"] - 1]) == outcome(answer)
    assert {answer["status"] for answer in again} == {"duplicate", "rejected", "group_failed"}
    events = shop.type("events", "--json").rows
    assert [event["position"] for event in events] == list(range(1, len(events) + 1))
    told = [event for answer in again if "events" in answer for event in answer["events"]]
    assert told == events[2:], "the log holds what was answered, once each, and nothing else"
    assert shop.ask("verify")["ok"] is True


@pytest.mark.parametrize("with_ids", [True, False], ids=["with ids", "without ids"])
def test_killed_midway_and_sent_again(shop: Terminal, tmp_path: Path, with_ids: bool) -> None:
    script = tmp_path / "script.jsonl"
    script.write_bytes(a_script(with_ids=with_ids))
    before: list[dict[str, Any]] = []
    chance = random.Random(3)
    for _ in range(2):
        with submitting(shop, str(script)) as process:
            before += answered(process, chance.randrange(1, COMMANDS))
            process.kill()
        assert process.returncode in (-signal.SIGKILL, 3)
    assert_every_command_has_one_outcome(shop, script, before)


def test_killed_while_it_waits_for_more_all_that_was_answered_is_recorded(
    shop: Terminal, tmp_path: Path
) -> None:
    script = tmp_path / "script.jsonl"
    script.write_bytes(a_script(with_ids=False))
    lines = script.read_bytes().splitlines(keepends=True)
    with submitting(shop, "-") as process:
        assert process.stdin is not None
        process.stdin.write(b"".join(lines[:500]) + lines[500][:10])
        process.stdin.flush()
        before = answered(process, 500)
        process.kill()
    assert [answer["line"] for answer in before] == list(range(1, 501))
    assert_every_command_has_one_outcome(shop, script, before)


def test_a_group_is_not_recorded_before_its_last_row_is_in(shop: Terminal) -> None:
    rows = [
        {"command": "receive-stock", "sku": "WIDGET", "quantity": 1},
        {"command": "receive-stock", "sku": "WIDGET", "quantity": 1, "group": "g"},
        {"command": "receive-stock", "sku": "WIDGET", "quantity": 1, "group": "g"},
    ]
    with submitting(shop, "-") as process:
        assert process.stdin is not None
        process.stdin.write(b"".join(json.dumps(row).encode() + b"\n" for row in rows))
        process.stdin.flush()
        assert [answer["line"] for answer in answered(process, 1)] == [1]
        process.kill()
    assert shop.ask("stock", "WIDGET")["on_hand"] == {"default": 26}
    assert [row["status"] for row in shop.submit(*rows).rows] == [
        "duplicate", "accepted", "accepted",
    ]
    assert shop.ask("stock", "WIDGET")["on_hand"] == {"default": 28}
