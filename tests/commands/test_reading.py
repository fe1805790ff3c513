"""Scripts: what a row may look like, and what is said about one that can never be right."""

from hashlib import sha256
from io import BytesIO
from typing import Any

import orjson
import pytest

from stocktrail.commands.scripts.lines import CHUNK_BYTES, MAX_LINE_BYTES
from stocktrail.commands.scripts.reading import Row, read_json_lines
from tests.commands.scenes import product, read, receive, script


def only(text: bytes) -> Row:
    """Read a script of one row."""
    (row,) = read(text)
    return row


def receipt(quantity: str) -> bytes:
    """Write a receipt with a quantity exactly as it is given."""
    return b'{"command":"receive-stock","sku":"A","quantity":%s}\n' % quantity.encode()


def wrong(row: Row) -> list[tuple[str, str]]:
    """Return pointer and code of every error, and see that each has a sentence that can be sent."""
    assert row.command is None
    assert orjson.dumps([row.id, row.name, *row.errors])
    assert all(error["message"].endswith(".") for error in row.errors)
    return [(error["pointer"], error["code"]) for error in row.errors]


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    "quantity",
    ["1", "1.0", "1.0000", "0.0001", "99999999999", "99999999999.9999", '"1"', '"5.5"', "1.50"],
)
def test_numbers_with_11_digits_before_the_point_and_4_after_it_are_read(quantity: str) -> None:
    assert only(receipt(quantity)).command is not None


@pytest.mark.parametrize(
    "quantity",
    ["1.00000", "0.00001", "1.00000000000000000001", "100000000000", "1" + "0" * 30, "9" * 5000,
     "1e3", "1E-2", "0.1e1", "1e400", '"1e3"', '" 1"', '"1 "', '"+1"', '"1."', '".5"', '"0x1"',
     '"\\u0661"', '"1,5"', '""', '"NaN"', '"Infinity"', "true", "null", "[]", "{}", '"1_000"'],
)
def test_what_is_not_such_a_number_is_named(quantity: str) -> None:
    assert wrong(only(receipt(quantity))) == [("/quantity", "bad_number")]


@pytest.mark.parametrize("quantity", ["0", "0.0000", "-0", "-1", '"-0.5"', "-99999999999"])
def test_a_quantity_is_more_than_nothing(quantity: str) -> None:
    assert wrong(only(receipt(quantity))) == [("/quantity", "not_positive")]


@pytest.mark.parametrize("quantity", ["NaN", "Infinity", "-Infinity", "01", "1.", ".5", "+1", "1e"])
def test_what_json_does_not_know_as_a_number_is_not_json(quantity: str) -> None:
    assert wrong(only(receipt(quantity))) == [("", "not_json")]


@pytest.mark.parametrize(
    "quantity", ["1e2", "1E-2", "0.1e1", "1.00000e5", "1e99999999999999999999", "-1e-9999999999"]
)
def test_an_exponent_is_judged_as_it_was_written(quantity: str) -> None:
    row = only(receipt(quantity))
    assert wrong(row) == [("/quantity", "bad_number")]
    assert repr(quantity) in row.errors[0]["message"]


# ---------------------------------------------------------------- texts and ids


@pytest.mark.parametrize("sku", ["\n", "a\x00b", "\x7f", "\x85", "\u2028", "a\tb"])
def test_ids_have_no_control_characters(sku: str) -> None:
    assert wrong(only(script(product(sku)))) == [("/sku", "control_character")]


def test_ids_have_1_to_128_characters() -> None:
    assert only(script(product("x" * 128))).command is not None
    assert only(script(product("\U0001f600" * 128))).command is not None
    assert wrong(only(script(product("")))) == [("/sku", "string_too_short")]
    assert wrong(only(script(product("x" * 129)))) == [("/sku", "string_too_long")]


def test_an_id_of_a_megabyte_is_refused_and_not_repeated() -> None:
    row = only(script(product(id="x" * 1_000_000)))
    assert wrong(row) == [("/id", "string_too_long")]
    assert len(orjson.dumps([row.id, *row.errors])) < 1_000


def test_a_name_of_a_megabyte_is_not_repeated_either() -> None:
    for text in (b'{"command":"%s"}', b'{"command":"register-product","sku":"A","%s":1}'):
        row = only(text % (b"x" * 1_000_000))
        assert row.command is None
        assert len(orjson.dumps([row.id, row.name, *row.errors])) < 2_000


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        (b'{"command":"register-product","sku":"\\ud800"}', "/sku"),
        (b'{"command":"register-product","sku":"A","id":"\\udfff"}', "/id"),
        (b'{"command":"register-product","sku":"A","group":"\\ud800"}', "/group"),
        (b'{"command":"register-product","sku":"A","name":"\\ud800"}', "/name"),
        (b'{"command":"register-product","sku":"A","attributes":{"a":"\\ud800"}}', "/attributes/a"),
        (b'{"command":"set-stock-status","sku":"A","status":"\\ud800"}', "/status"),
        (b'{"command":"\\ud800"}', "/command"),
        (b'{"command":"register-product","sku":"A","\\ud800":1}', ""),
    ],
)
def test_half_a_surrogate_pair_is_refused_and_can_be_told(text: bytes, pointer: str) -> None:
    assert [found for found, _ in wrong(only(text))] == [pointer]


def test_a_whole_surrogate_pair_is_a_character_like_any_other() -> None:
    row = only(b'{"command":"register-product","sku":"\\ud83d\\ude00"}')
    assert row.command is not None
    assert row.command.stream() == "stock/\U0001f600"


@pytest.mark.parametrize(
    ("value", "right"),
    [('"red"', True), ("7", True), ("true", True), ("-7", True), ("1.5", True), ("null", False),
     ("[]", False), ('""', False), ("9" * 16, False), ("9" * 30, False)],
)
def test_attributes_are_texts_numbers_or_booleans(value: str, right: bool) -> None:
    row = only(
        b'{"command":"register-product","sku":"A","attributes":{"a":%s}}' % value.encode()
    )
    assert (row.command is not None) == right
    if not right:
        assert [pointer for pointer, _ in wrong(row)] == ["/attributes/a"]


# ---------------------------------------------------------------- objects


def test_unknown_and_missing_fields_are_named() -> None:
    row = only(b'{"command":"receive-stock","sku":"A","colour":"red"}')
    assert wrong(row) == [("/quantity", "missing"), ("/colour", "extra_forbidden")]


def test_every_error_of_a_row_is_named_with_its_place() -> None:
    lines = [{"sku": "A", "quantity": 1}, {"sku": "", "quantity": "x", "what": 1}]
    row = only(script({"command": "place-order", "order": "O", "customer": 7, "lines": lines}))
    assert wrong(row) == [
        ("/customer", "string_type"), ("/lines/1/sku", "string_too_short"),
        ("/lines/1/quantity", "bad_number"), ("/lines/1/what", "extra_forbidden"),
    ]


@pytest.mark.parametrize(
    ("text", "pointers"),
    [
        (b'{"command":"register-product","sku":"A","sku":"B"}', ["/sku"]),
        (b'{"command":"register-product","command":"receive-stock","sku":"A"}', ["/command"]),
        (b'{"command":"register-product","sku":"A","attributes":{"a":1,"a":1}}',
         ["/attributes/a"]),
        (b'{"id":"c","id":"c","lines":[{},{"sku":"A","sku":"A","n/a":[{"x":1,"x":2}]},{"":1,"":1}]}',
         ["/id", "/lines/1/sku", "/lines/1/n~1a/0/x", "/lines/2/"]),
    ],
)
def test_a_key_that_stands_twice_is_an_error(text: bytes, pointers: list[str]) -> None:
    row = only(text)
    assert wrong(row) == [(pointer, "duplicate_key") for pointer in pointers]
    assert all(each["message"].endswith("stands twice in one object.") for each in row.errors)


def test_what_stands_once_beside_a_key_that_stands_twice_is_still_read() -> None:
    header = b'{"command":"receive-stock","id":"c-1","group":"g",'
    row = only(header + b'"sku":"A","quantity":1,"quantity":2}')
    assert (row.id, row.name, row.group, row.torn) == ("c-1", "receive-stock", "g", False)
    twice = only(header + b'"id":"c-1","command":"count-stock","group":"g"}')
    assert (len(twice.id), twice.name, twice.group, twice.torn) == (64, None, None, True)


def test_of_very_many_keys_that_stand_twice_the_first_are_named() -> None:
    many = b",".join(b'"%d":1,"%d":2' % (key, key) for key in range(1000))
    assert wrong(only(b"{%b}" % many)) == [(f"/{key}", "duplicate_key") for key in range(10)]


@pytest.mark.parametrize("text", [b'{"a":1,"a":2', b'{"a":1,"a":NaN}', b'{"a":1,"a":1} x'])
def test_text_that_is_not_json_is_that_also_where_a_key_stands_twice(text: bytes) -> None:
    assert wrong(only(text)) == [("", "not_json")]


@pytest.mark.parametrize("text", [b"[" * 100_000, b'{"a":' * 100_000, b'{"a":[' * 400 + b"1"])
def test_deep_nesting_is_an_error_and_no_crash(text: bytes) -> None:
    assert wrong(only(text)) == [("", "not_json")]


def test_nesting_that_json_allows_is_judged_by_the_field() -> None:
    deep = b"[" * 200 + b"]" * 200
    assert wrong(only(b'{"command":"register-product","sku":%s}' % deep)) == [
        ("/sku", "string_type")
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"\n", "empty"), (b"  \t \r\n", "empty"), (b"[]\n", "not_an_object"),
        (b'"register-product"\n', "not_an_object"), (b"null\n", "not_an_object"),
        (b'[{"a":1,"a":1}]\n', "not_an_object"),
        (b"{\n", "not_json"), (b"\x00\n", "not_json"), (b"\xff\xfe\n", "not_utf8"),
        (b'{"command":"register-product","sku":"\xc3"}', "not_utf8"),
        (b'{"command":"register-product","sku":"A"} x', "not_json"),
        (b'{"command":"register-product","sku":"A"', "not_json"),
        (b'{"command":"register-product","sku":"A\tB"}', "not_json"),
    ],
)
def test_a_line_that_is_not_one_object_says_why(text: bytes, code: str) -> None:
    assert wrong(only(text)) == [("", code)]


@pytest.mark.parametrize("text", [b"{}", b'{"command":null}', b'{"command":["x"]}',
                                  b'{"command":"Register-Product"}', b'{"command":7}'])
def test_an_unknown_command_is_told_the_known_ones(text: bytes) -> None:
    row = only(text)
    assert wrong(row) == [("/command", "unknown_command")]
    assert "register-product" in row.errors[0]["message"]


@pytest.mark.parametrize("moment", ["yesterday", "2026-13-01", 5, "0001-01-01T00:00:00+14:00", ""])
def test_a_moment_is_iso_8601(moment: Any) -> None:
    assert wrong(only(script(receive(1, occurred_at=moment)))) == [("/occurred_at", "bad_moment")]


# ---------------------------------------------------------------- lines


def test_a_byte_order_mark_at_the_beginning_is_passed_over() -> None:
    rows = read(b"\xef\xbb\xbf" + script(product(), product("B")))
    assert [row.command is not None for row in rows] == [True, True]
    assert wrong(read(script(product()) + b"\xef\xbb\xbf" + script(product()))[1]) == [
        ("", "not_json")
    ]


def test_every_line_is_counted_and_windows_line_ends_are_lines() -> None:
    rows = read(script(product()).replace(b"\n", b"\r\n") + b"\r\n" + script(product("B")))
    assert [(row.line, row.command is not None) for row in rows] == [
        (1, True), (2, False), (3, True)
    ]


def test_the_last_line_needs_no_line_end_but_must_be_whole() -> None:
    text = script(product(), product("B"))
    assert read(text[:-1])[1].command is not None
    assert wrong(read(text[:-5])[1]) == [("", "not_json")]


def test_a_line_longer_than_16_mebibytes_is_refused_and_the_next_is_read() -> None:
    text = b'{"command":"' + b"x" * (MAX_LINE_BYTES + 10) + b'"}\n' + script(product())
    first, second = read(text)
    assert wrong(first) == [("", "too_long")]
    assert second.command is not None


class _Slowly(BytesIO):
    """A stream that gives a few bytes at a time, as a pipe does."""

    def __init__(self, text: bytes, size: int) -> None:
        super().__init__(text)
        self._most = size

    def read1(self, size: int | None = -1, /) -> bytes:
        return super().read1(self._most)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_rows_and_their_ids_do_not_depend_on_how_the_stream_is_read(size: int) -> None:
    text = script(product(), receive(1), receive("x")) + b"\xff\n\n" + script(product("B"))
    slowly = [row for rows in read_json_lines(_Slowly(text, size)) for row in rows]
    assert slowly == read(text)


def test_the_ids_after_a_line_that_is_too_long_do_not_depend_on_it_either() -> None:
    text = b"x" * (3 * MAX_LINE_BYTES) + b"\n" + script(product())
    slowly = [row for rows in read_json_lines(_Slowly(text, CHUNK_BYTES - 1)) for row in rows]
    assert slowly == read(text)


def test_a_pipe_is_answered_before_it_ends() -> None:
    rows = read_json_lines(_Slowly(script(product()) + script(receive(1)), len(script(product()))))
    assert [row.name for row in next(rows)] == ["register-product"]


# ---------------------------------------------------------------- derived ids


def test_a_row_without_an_id_gets_the_digest_of_everything_up_to_its_line() -> None:
    text = script(product(), receive(1), receive(1))
    lines = text.splitlines(keepends=True)
    expected = [sha256(b"".join(lines[:end])).hexdigest() for end in (1, 2, 3)]
    assert [row.id for row in read(text)] == expected
    assert len(set(expected)) == 3


def test_the_name_of_the_run_is_part_of_the_digest() -> None:
    text = script(receive(1))
    assert only(text).id == sha256(text).hexdigest()
    (row,) = read(text, run="monday")
    assert row.id == sha256(b"monday" + text).hexdigest()


def test_a_row_keeps_its_own_id_even_if_it_is_invalid() -> None:
    assert only(script(receive("x", id="c-1"))).id == "c-1"
    assert len(only(script(receive("x", id=5))).id) == 64
