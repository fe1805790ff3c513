"""Exit statuses and errors: a status, a code and a sentence for everything that can go wrong."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.interfaces.terminal import ROOT, Terminal, with_patience

RECEIVE = {"command": "receive-stock", "sku": "WIDGET", "quantity": 1}
REFUSED = {"command": "receive-stock", "sku": "NOBODY-KNOWS", "quantity": 1}
INVALID = {"command": "receive-stock", "sku": "WIDGET", "quantity": -1}


@pytest.mark.parametrize(
    ("commands", "status"),
    [
        ([RECEIVE], 0),
        ([RECEIVE, REFUSED, RECEIVE], 3),
        ([RECEIVE, INVALID], 4),
        ([INVALID, REFUSED], 4),
        ([{**RECEIVE, "id": "a"}, {**RECEIVE, "id": "a"}], 0),
        ([{**RECEIVE, "id": "a"}, {**RECEIVE, "id": "a", "quantity": 2}], 4),
    ],
    ids=["accepted", "rejected", "invalid", "the highest", "duplicate", "conflict"],
)
def test_of_a_script(shop: Terminal, commands: list[dict[str, object]], status: int) -> None:
    answer = shop.submit(*commands)
    assert answer.status == status
    assert [row["line"] for row in answer.rows] == list(range(1, len(commands) + 1))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("frobnicate",), "unknown_subcommand"),
        (("explain",), "missing_subcommand"),
        (("explain", "frobnicate"), "unknown_subcommand"),
        (("stock", "--frobnicate"), "unknown_flag"),
        (("submit", "--frobnicate"), "unknown_flag"),
        (("receive-stock", "--sku", "WIDGET", "--quantity", "1", "--colour", "x"), "unknown_flag"),
        (("receive-stock", "--sku", "WIDGET"), "missing_flag"),
        (("availability", "WIDGET"), "missing_flag"),
        (("history",), "missing_flag"),
        (("submit", "rows.csv"), "missing_flag"),
        (("stock", "A", "B"), "too_many_arguments"),
        (("stock", "--pool", "a", "--pool", "b"), "repeated_flag"),
        (("events", "--after", "x"), "bad_flag"),
        (("submit", "-", "--mode", "sometimes"), "bad_flag"),
    ],
)
def test_2_for_unknown_and_missing_flags(
    shop: Terminal, words: tuple[str, ...], code: str
) -> None:
    for_people = shop.type(*words)
    assert (for_people.status, for_people.out) == (2, "")
    assert for_people.err.rstrip().endswith(f"[{code}]")
    for_programs = shop.type(*words, "--json")
    assert (for_programs.status, json.loads(for_programs.err)["code"]) == (2, code)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("stock", "NOBODY-KNOWS"), "unknown_sku"),
        (("stock", "WIDGET", "--pool", "nowhere"), "unknown_pool"),
        (("stock", "--pool", "nowhere"), "unknown_pool"),
        (("stock", "WIDGET", "--as-of", "999"), "unknown_position"),
        (("availability", "NOBODY-KNOWS", "--quantity", "1"), "unknown_sku"),
        (("order", "SO-404"), "unknown_order"),
        (("history", "NOBODY-KNOWS"), "unknown_sku"),
        (("explain", "stock", "NOBODY-KNOWS"), "unknown_sku"),
        (("explain", "order", "SO-404"), "unknown_order"),
        (("events", "--after", "999"), "unknown_position"),
    ],
)
def test_3_for_questions_about_what_is_not_there(
    shop: Terminal, words: tuple[str, ...], code: str
) -> None:
    answer = shop.type(*words, "--json")
    assert (answer.status, answer.out) == (3, "")
    error = json.loads(answer.err)
    assert error["code"] == code
    assert error["message"].endswith(".")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("stock", "WIDGET", "--as-of", "yesterday"), "bad_moment"),
        (("flow", "WIDGET", "--today", "soon"), "bad_moment"),
        (("events", "--type", "Nothing"), "unknown_type"),
        (("events", "--after", "-1"), "negative"),
        (("deliveries", "shop", "--outcome", "lost"), "bad_filter"),
        (("what-if", "--set", "colour=red"), "unknown_setting"),
        (("verify", "--key", "x"), "bad_key"),
    ],
)
def test_4_for_questions_that_are_written_wrong(
    shop: Terminal, words: tuple[str, ...], code: str
) -> None:
    answer = shop.type(*words, "--json")
    assert (answer.status, answer.out) == (4, "")
    assert json.loads(answer.err)["code"] == code


@pytest.mark.parametrize("quantity", ["0", "-1", "NaN", "1e3", "1.00001", "many", "1" * 12])
def test_4_for_quantities_that_are_none(shop: Terminal, quantity: str) -> None:
    asked = shop.type("availability", "WIDGET", f"--quantity={quantity}")
    assert (asked.status, asked.out) == (4, "")
    told = shop.type("receive-stock", "--sku", "WIDGET", f"--quantity={quantity}")
    assert told.status == 4
    assert told.err.startswith("--quantity: ")


def test_130_in_silence_when_interrupted(shop: Terminal) -> None:
    following = subprocess.Popen(
        [sys.executable, "-m", "stocktrail", "events", "--follow", "--database", shop.url],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
    )
    with with_patience(following):
        assert following.stdout is not None
        following.stdout.readline()
        time.sleep(0.2)
        following.send_signal(signal.SIGINT)
        _, err = following.communicate(timeout=30)
    assert (following.returncode, err) == (130, b"")


def test_silence_when_the_reader_goes_away(shop: Terminal) -> None:
    shop.submit(*[RECEIVE] * 2000, flags=("--run", "many"))
    piped = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m stocktrail events --database {shop.url} | head -1"],
        capture_output=True, timeout=60, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (piped.stdout.count(b"\n"), piped.stderr) == (1, b"")


def test_a_full_device_behind_stdout_is_told_in_a_sentence(shop: Terminal) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "stocktrail", "stock", "--database", shop.url],
            stdout=full, stderr=subprocess.PIPE, timeout=60,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    assert ended.returncode == 1
    assert b"Traceback" not in ended.stderr
    assert b"[input_or_output_failed]" in ended.stderr


def test_the_flags_that_stand_everywhere_may_stand_anywhere(shop: Terminal) -> None:
    first = shop.type("--json", "stock", "WIDGET")
    last = shop.type("stock", "WIDGET", "--json")
    between = shop.type("explain", "--json", "stock", "WIDGET")
    assert first == last
    assert between.json["sku"] == "WIDGET"
    assert "\x1b[" not in shop.type("--no-color", "stock", "WIDGET").out
    assert shop.type("stock", "--database", shop.url).status == 2
