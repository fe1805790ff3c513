"""Questions about an earlier moment: answered as they were answered then."""

import json
from typing import Any

import pytest
from freezegun import freeze_time

import stocktrail.commands  # noqa: F401 - its models must be made before a clock is frozen
from tests.interfaces.terminal import Terminal

QUESTIONS: tuple[tuple[str, ...], ...] = (
    ("stock",), ("stock", "WIDGET"), ("order", "SO-1"), ("history", "WIDGET"),
    ("explain", "stock", "WIDGET"), ("explain", "order", "SO-1"),
    ("backorders", "--by", "item"), ("backorders", "--by", "customer"),
    ("backorders", "--by", "vendor"), ("flow", "WIDGET"), ("promise", "WIDGET", "--quantity", "1"),
    ("explain", "promise", "SO-1", "1"), ("availability", "WIDGET", "--quantity", "3"),
    ("low-stock",), ("notices",),
)
DAYS = ("2026-03-01", "2026-03-02", "2026-03-04")

Moments = list[tuple[str, dict[tuple[str, ...], Any]]]
"""Where the ledger stood each evening, as a position, and what was answered then."""


def order(name: str, quantity: int, **fields: Any) -> dict[str, Any]:
    """Order widgets."""
    lines = [{"sku": "WIDGET", "quantity": quantity}]
    return {"command": "place-order", "order": name, "customer": "Ada", "lines": lines, **fields}


DEEDS: tuple[tuple[dict[str, Any], ...], ...] = (
    (
        {"command": "register-product", "sku": "WIDGET"},
        {"command": "set-backorder-policy", "backorders": "allow_and_notify"},
        {"command": "receive-stock", "sku": "WIDGET", "quantity": 10},
        order("SO-1", 12),
    ),
    (
        {"command": "ship-order", "order": "SO-1", "shipment": "S-1"},
        {"command": "change-threshold", "threshold": "out_of_stock", "value": -5, "sku": "WIDGET"},
        order("SO-2", 2, occurred_at="2026-03-01T23:00:00Z"),
    ),
    (
        {"command": "receive-stock", "sku": "WIDGET", "quantity": 100},
        {"command": "cancel-order", "order": "SO-2"},
        {"command": "ship-order", "order": "SO-1", "shipment": "S-2"},
    ),
)


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """Return a terminal about one ledger for all scenes: they only ask."""
    return Terminal(tmp_path_factory.mktemp("three-days") / "shop.db")


@pytest.fixture(scope="module")
def moments(terminal: Terminal) -> Moments:
    """Run a shop for three days, and ask everything at the end of each."""
    found: Moments = []
    for day, deeds in zip(DAYS, DEEDS, strict=True):
        with freeze_time(f"{day}T12:00:00Z", real_asyncio=True):
            answer = terminal.submit(*deeds, flags=("--run", day))
            assert answer.status == 0, answer.out
            position = str(terminal.ask("status")["head"])
            found.append((position, {each: terminal.ask(*each) for each in QUESTIONS}))
    return found


def test_as_of_a_position_its_recorded_time_and_its_day(
    terminal: Terminal, moments: Moments
) -> None:
    events = {str(row["position"]): row for row in terminal.type("events", "--json").rows}
    for (position, answers), day in zip(moments, DAYS, strict=True):
        recorded_at = events[position]["recorded_at"]
        assert recorded_at.startswith(f"{day}T12:00:00")
        for moment in (position, recorded_at, day):
            for question, answer in answers.items():
                assert terminal.ask(*question, "--as-of", moment) == answer, (question, moment)


def test_a_day_without_events_stands_as_the_day_before_it(
    terminal: Terminal, moments: Moments
) -> None:
    position, answers = moments[1]
    assert terminal.ask("stock", "WIDGET", "--as-of", "2026-03-03") == answers["stock", "WIDGET"]
    assert answers["stock", "WIDGET"]["as_of"] == int(position)


def test_a_recorded_time_counts_with_its_offset_and_to_the_microsecond(
    terminal: Terminal, moments: Moments
) -> None:
    _, answers = moments[0]
    before_noon = terminal.ask("stock", "--as-of", "2026-03-02T11:59:59.999999Z")
    assert before_noon == answers["stock",]
    assert terminal.ask("stock", "--as-of", "2026-03-02T12:59:59.999999+01:00") == before_noon
    assert terminal.ask("stock", "--as-of", "2026-03-02T12:00:00.001Z") != before_noon


def test_before_anything_was_recorded_nothing_is_known(
    terminal: Terminal, moments: Moments
) -> None:
    for moment in ("0", "2026-02-28", "2026-03-01T11:59:59Z"):
        assert terminal.ask("stock", "--as-of", moment)["rows"] == []
        for words, code in (
            (("stock", "WIDGET"), "unknown_sku"), (("history", "WIDGET"), "unknown_sku"),
            (("order", "SO-1"), "unknown_order"), (("explain", "order", "SO-1"), "unknown_order"),
        ):
            refused = terminal.type(*words, "--as-of", moment, "--json")
            assert (refused.status, json.loads(refused.err)["code"]) == (3, code)


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_a_position_that_is_not_reached_yet_is_unknown(
    terminal: Terminal, moments: Moments, question: tuple[str, ...]
) -> None:
    head = int(moments[-1][0])
    for position in (str(head + 1), "9" * 30):
        refused = terminal.type(*question, "--as-of", position, "--json")
        error = json.loads(refused.err)
        assert (refused.status, refused.out, error["code"]) == (3, "", "unknown_position")
        assert f"The ledger ends at position {head}" in error["message"]


@pytest.mark.parametrize(
    "moment", ["yesterday", "2026-02-30", "-1", "1.5", "", "2026-03-01T25:00:00Z", "x" * 100_000]
)
def test_what_is_no_moment_is_told_in_a_sentence(
    terminal: Terminal, moments: Moments, moment: str
) -> None:
    for words in (("stock", "WIDGET"), ("history", "WIDGET", "--occurred")):
        answer = terminal.type(*words, f"--as-of={moment}", "--json")
        assert answer.status in {3, 4}
        error = json.loads(answer.err)
        assert error["code"] == "bad_moment"
        assert len(error["message"]) < 300


def test_history_as_it_happened_up_to_a_day(terminal: Terminal, moments: Moments) -> None:
    def causes(*words: str) -> list[str]:
        rows = terminal.ask("history", "WIDGET", *words)["rows"]
        return [row["cause"] for row in rows if row["pool"]]

    assert causes("--as-of", "2026-03-01") == ["receipt", "order SO-1 line 1"]
    happened = causes("--as-of", "2026-03-01", "--occurred")
    assert happened == ["receipt", "order SO-1 line 1", "order SO-2 line 1"]


def test_as_of_a_position_or_a_time_inside_a_command(terminal: Terminal, moments: Moments) -> None:
    """Nothing was ever seen of a command but all of it: no state in between is answered."""
    events = terminal.type("events", "--json").rows
    shipped = [row for row in events if row["command_id"] == events[-1]["command_id"]]
    first, last = shipped[0]["position"], shipped[-1]["position"]
    assert last > first
    whole = (*QUESTIONS, ("replay", "WIDGET"), ("diff", "--from", moments[0][0]))
    for question in whole:
        until = {"replay": "--until", "diff": "--to"}.get(question[0], "--as-of")
        for inside, stands_for in (
            (str(first), last), (shipped[0]["recorded_at"], first - 1),
        ):
            answer = terminal.ask(*question, until, inside)
            assert answer == terminal.ask(*question, until, str(stands_for)), (question, inside)
            assert answer.get("as_of", answer.get("to")) == stands_for
    difference = terminal.ask("diff", "--from", str(first), "--to", str(first))
    assert (difference["from"], difference["to"]) == (last, last)
