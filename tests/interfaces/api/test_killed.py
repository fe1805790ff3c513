"""A service that is killed, or told to end, in the middle of a stream: exactly once, none lost."""

import json
import random
import signal
import subprocess
from typing import Any

import httpx
import pytest

from tests.interfaces.api.serving import json_lines, results, serving
from tests.interfaces.terminal import Terminal

ROWS = 600


def rows() -> list[dict[str, Any]]:
    """Receive one unit after another, sell some of them, and be refused at times."""
    found: list[dict[str, Any]] = [{"command": "register-product", "sku": "WIDGET", "id": "r"}]
    for number in range(ROWS):
        found.append({"command": "receive-stock", "sku": "WIDGET", "quantity": 2,
                      "id": f"in-{number}"})
        found.append({
            "command": "place-order", "order": f"SO-{number}", "customer": "ADA",
            "id": f"out-{number}", "lines": [{"sku": "WIDGET", "quantity": 1 + number % 5}],
        })
    return found


def answered(url: str, process: "subprocess.Popen[str]", most: int | None, how: int) -> list[Any]:
    """Send all rows, and strike when so many results have come; give those that were read."""
    found = b""
    headers = {"Content-Type": "application/jsonl"}
    try:
        with httpx.stream("POST", f"{url}/commands", content=json_lines(*rows()),
                          headers=headers, timeout=60) as answer:
            for part in answer.iter_raw():
                found += part
                if most is not None and found.count(b"\n") >= most:
                    process.send_signal(how)
                    most = None
    except httpx.TransportError:
        pass
    return results(found)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "ended"])
def test_sent_again_every_row_counts_exactly_once(terminal: Terminal, how: int) -> None:
    chance, before = random.Random(11), list[Any]()
    for _ in range(2):
        with serving(terminal.url) as (process, url):
            before += answered(url, process, chance.randrange(100, ROWS), how)
            if how == signal.SIGTERM:
                process.wait(20)
    with serving(terminal.url) as (process, url):
        last = answered(url, process, None, how)
    assert len(last) == 2 * ROWS + 1
    assert {row["status"] for row in last} == {"duplicate", "rejected"} | (
        {"accepted"} if any(row["status"] == "accepted" for row in last) else set())
    final = {row["id"]: row for row in last}
    for row in before:
        assert row.get("events") == final[row["id"]].get("events"), "what was answered stays"
        assert row["position"] == final[row["id"]]["position"] or row["status"] == "rejected"
    events = terminal.type("events", "--json").rows
    assert [event["position"] for event in events] == list(range(1, len(events) + 1))
    told = [event for row in last for event in row.get("events", ())]
    assert sorted(told, key=lambda event: event["position"]) == events
    assert terminal.ask("verify")["ok"] is True


def test_told_to_end_it_answers_what_it_took_and_ends(terminal: Terminal) -> None:
    with serving(terminal.url) as (process, url):
        with httpx.Client(base_url=url) as client:
            client.post("/commands", json=rows()[0]).raise_for_status()
            process.send_signal(signal.SIGTERM)
            process.wait(20)
        assert process.stderr is not None
        logged = [json.loads(line) for line in process.stderr.read().splitlines()]
    assert [line["event"] for line in logged if line["level"] == "error"] == []
    assert terminal.ask("status")["head"] == 1
