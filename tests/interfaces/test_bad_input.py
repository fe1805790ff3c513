"""Bad input: a clear error each, the exit status of the contract, and nothing half done."""

import json
from typing import Any

import pytest

from tests.interfaces.terminal import Answer, Terminal

GOOD = {"command": "receive-stock", "sku": "WIDGET", "quantity": 1}
PLACE = {"command": "place-order", "order": "SO-1", "customer": "Ada"}


def submit_raw(shop: Terminal, script: bytes) -> Answer:
    """Submit bytes as they are."""
    return shop.type("submit", "-", "--json", stdin=script)


def nothing_changed(shop: Terminal) -> bool:
    """Return whether the shop is as it was made: 25 widgets, two events."""
    return (shop.ask("status")["head"], shop.ask("stock", "WIDGET")["on_hand"]) == (
        2, {"default": 25},
    )


BAD_ROWS: dict[str, tuple[dict[str, Any] | str, str, str]] = {
    "unknown field": ({**GOOD, "colour": "red"}, "/colour", "extra_forbidden"),
    "unknown command": ({"command": "sell"}, "/command", "unknown_command"),
    "no command": ({"sku": "WIDGET"}, "/command", "unknown_command"),
    "wrong type": ({**GOOD, "sku": 5}, "/sku", "string_type"),
    "list for a number": ({**GOOD, "quantity": [1]}, "/quantity", "bad_number"),
    "true for a number": ({**GOOD, "quantity": True}, "/quantity", "bad_number"),
    "missing field": ({"command": "receive-stock", "sku": "WIDGET"}, "/quantity", "missing"),
    "NaN": ('{"command": "receive-stock", "sku": "WIDGET", "quantity": NaN}', "", "not_json"),
    "infinity": (
        '{"command": "receive-stock", "sku": "WIDGET", "quantity": -Infinity}', "", "not_json"
    ),
    "NaN as text": ({**GOOD, "quantity": "NaN"}, "/quantity", "bad_number"),
    "five decimals": ({**GOOD, "quantity": "1.00001"}, "/quantity", "bad_number"),
    "a fifth zero": (
        '{"command": "receive-stock", "sku": "WIDGET", "quantity": 1.00000}', "/quantity",
        "bad_number",
    ),
    "almost one": (
        '{"command": "receive-stock", "sku": "WIDGET", "quantity": 1.00000000000000000001}',
        "/quantity", "bad_number",
    ),
    "10^30": ({**GOOD, "quantity": 10**30}, "/quantity", "bad_number"),
    "an exponent": (
        '{"command": "receive-stock", "sku": "WIDGET", "quantity": 1e30}', "/quantity",
        "bad_number",
    ),
    "negative": ({**GOOD, "quantity": -1}, "/quantity", "not_positive"),
    "zero": ({**GOOD, "quantity": 0}, "/quantity", "not_positive"),
    "control character": ({**GOOD, "sku": "WID\x07GET"}, "/sku", "control_character"),
    "NUL": ({**GOOD, "sku": "WID\x00GET"}, "/sku", "control_character"),
    "half a surrogate pair": (
        '{"command": "receive-stock", "sku": "\\ud800", "quantity": 1}', "/sku",
        "control_character",
    ),
    "empty id": ({**GOOD, "sku": ""}, "/sku", "string_too_short"),
    "id of 1 MB": ({**GOOD, "sku": "W" * 1_000_000}, "/sku", "string_too_long"),
    "command id of 1 MB": ({**GOOD, "id": "c" * 1_000_000}, "/id", "string_too_long"),
    "name of 1 MB": (
        {"command": "register-product", "sku": "A", "name": "n" * 1_000_000}, "/name",
        "string_too_long",
    ),
    "no lines": ({**PLACE, "lines": []}, "/lines", "too_short"),
    "bad line": (
        {**PLACE, "lines": [{"sku": "WIDGET", "quantity": 0}]}, "/lines/0/quantity",
        "not_positive",
    ),
    "a day that is none": ({**GOOD, "occurred_at": "2026-02-30"}, "/occurred_at", "bad_moment"),
    "empty line": ("", "", "empty"),
    "no object": ("[1, 2]", "", "not_an_object"),
    "no JSON": ("{command: receive-stock}", "", "not_json"),
    "duplicate key": (
        '{"command": "receive-stock", "sku": "WIDGET", "quantity": 1, "quantity": 2}',
        "/quantity", "duplicate_key",
    ),
    "nested too deeply": ("[" * 100_000, "", "not_json"),
    "nested too deeply, and whole": (
        '{"command": "receive-stock", "sku": %s}' % ("[" * 500 + "]" * 500), "", "not_json"
    ),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_row_that_can_never_be_right_is_invalid(shop: Terminal, name: str) -> None:
    row, pointer, code = BAD_ROWS[name]
    line = row if isinstance(row, str) else json.dumps(row)
    answer = submit_raw(shop, line.encode() + b"\n")
    assert answer.status == 4
    (result,) = answer.rows
    assert result["status"] == "invalid"
    (error,) = result["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)
    assert error["message"].endswith(".")
    assert len(answer.out) < 2_000
    assert nothing_changed(shop)


def test_invalid_utf8_is_named_with_its_place(shop: Terminal) -> None:
    answer = submit_raw(shop, b'{"command": "receive-stock", "sku": "\xff", "quantity": 1}\n')
    (result,) = answer.rows
    assert (answer.status, result["errors"][0]["code"]) == (4, "not_utf8")
    assert nothing_changed(shop)


def test_the_other_lines_count_and_a_truncated_last_one_can_be_sent_again(shop: Terminal) -> None:
    line = json.dumps(GOOD).encode()
    answer = submit_raw(shop, line + b"\n" + line + b"\n" + line[:-20])
    assert [row["status"] for row in answer.rows] == ["accepted", "accepted", "invalid"]
    assert answer.status == 4
    again = submit_raw(shop, line + b"\n" + line + b"\n" + line + b"\n")
    assert [row["status"] for row in again.rows] == ["duplicate", "duplicate", "accepted"]
    assert shop.ask("stock", "WIDGET")["on_hand"] == {"default": 28}


def test_a_last_line_without_an_end_and_windows_line_ends_are_fine(shop: Terminal) -> None:
    line = json.dumps(GOOD).encode()
    answer = submit_raw(shop, b"\xef\xbb\xbf" + line + b"\r\n" + line)
    assert [row["status"] for row in answer.rows] == ["accepted", "accepted"]


def test_nothing_at_all_is_no_commands(shop: Terminal) -> None:
    assert submit_raw(shop, b"") == Answer(0, "", "")
    assert shop.type("submit", "-").out == "0 commands. The ledger is at position 2.\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--sku", "WID\x07GET", "--quantity", "1"), "--sku: must not contain control"),
        (("--sku", "", "--quantity", "1"), "--sku: "),
        (("--sku", "W" * 100_000, "--quantity", "1"), "--sku: "),
        (("--sku", "WIDGET", "--quantity", "inf"), "--quantity: 'inf' is not a number"),
        (("--sku", "WIDGET", "--quantity", "1" + "0" * 30), "--quantity: "),
        (("--sku", "WIDGET", "--quantity", "1", "--occurred-at", "soon"), "--occurred-at: "),
        (("--sku", "WIDGET", "--quantity", "1", "--expected-version", "x"),
         "--expected-version: "),
    ],
)
def test_a_flag_with_a_bad_value_is_named(
    shop: Terminal, words: tuple[str, ...], told: str
) -> None:
    answer = shop.type("receive-stock", *words)
    assert (answer.status, answer.out) == (4, "")
    assert answer.err.startswith(told)
    assert len(answer.err) < 1_000
    for_programs = shop.type("receive-stock", *words, "--json").json
    assert for_programs["errors"][0]["message"].endswith(".")
    assert nothing_changed(shop)


@pytest.mark.parametrize("lines", [
    "{", "[1]", '[{"sku": "WIDGET"}]', "WIDGET", '[{"sku": "A", "sku": "B"}]',
])
def test_a_list_that_is_not_json_is_named(shop: Terminal, lines: str) -> None:
    answer = shop.type("place-order", "--order", "S", "--customer", "A", "--lines", lines)
    assert answer.status == 4
    assert answer.err.startswith("--lines")
    assert nothing_changed(shop)


def test_every_error_of_a_command_is_told_at_once(shop: Terminal) -> None:
    answer = shop.type("receive-stock", "--sku", "", "--quantity", "-1")
    assert [line.partition(":")[0] for line in answer.err.splitlines()] == ["--sku", "--quantity"]


def test_bytes_that_are_no_text_are_told_in_a_sentence(shop: Terminal) -> None:
    for words in (("stock", "W\udcff"), ("order", "S\udcff"), ("history", "W\udcff")):
        answer = shop.type(*words)
        assert (answer.status in {3, 4}, answer.out) == (True, "")
        assert answer.err.endswith("]\n")


def test_what_is_shown_is_safe_for_a_terminal(terminal: Terminal) -> None:
    terminal.submit({"command": "register-product", "sku": "A", "name": "\x1b[2Jboo\nhoo"})
    assert "\\x1b[2Jboo\\nhoo" in terminal.type("stock", "A").out
    assert "\x1b" not in terminal.type("stock").out
    assert "\x1b" not in terminal.type("events").out
