"""A plain line is read in a few C calls, every other one with care: what comes out is the same."""

from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from json import dumps
from typing import Annotated, Any

import pytest
from hypothesis import example
from hypothesis import given as for_all
from hypothesis import strategies as st
from msgspec.json import Decoder
from pydantic import AfterValidator, Field

from fuzzing.rows import everything_of
from stocktrail.commands import COMMANDS
from stocktrail.commands.fields import Text
from stocktrail.commands.model import Part
from stocktrail.commands.scripts.plain_forms import PlainForm, has_plain_form
from stocktrail.commands.scripts.plain_lines import read_plain
from stocktrail.commands.scripts.reading import read_json_lines, read_with_care
from tests.commands import random_commands as drawn

rows = st.one_of(
    drawn.orders, drawn.stock, drawn.places, drawn.rules, drawn.purchases, drawn.others,
    st.sampled_from([{"command": name, **model.example} for name, model in COMMANDS.items()]),
)
headers = st.fixed_dictionaries({}, optional={
    "id": st.sampled_from(["c-1", "x" * 128]), "group": st.just("g"), "actor": st.just("ADA"),
    "correlation_id": st.just("cart 7"), "expected_version": st.integers(0, 3),
    "occurred_at": st.sampled_from(
        ["2026-03-01T09:00:00Z", "2026-03-01", "2026-03-01T10:00+01:00"]
    ),
})


@dataclass(frozen=True)
class Fragment:
    """A piece of a line that stands there as it is, JSON or not."""

    text: str


odd_values = st.sampled_from([
    *map(Fragment, (
        "5", "5.5", "5.0", "0", "-0", "-0.0", "-1", "1.00000", "1e0", "10E-1", "1e400", "0.0001",
        "99999999999.9999", "100000000000", "12345678901234567890123", "05", "1.", "NaN", "null",
        "true", "[]", "{}", '["A", "B"]', '{"a": 1, "a": 2}', '"5"', '"5.50"', '"-0"', '"05"',
        '"5 "', '"1e0"', '""', '" "', '" A"', '"A "', '"A  B"', '"x"x', '"\\u0041"', '"\\n"',
        '"\\""', '"\\ud83d"', '"caf\\u00e9"', '"A\x7f"', '"A\t"', '"café"', '"cafe\u0301"', '"0x"',
        '"inherit"', '"off"', '"partial"', '"2026-02-30"', '"2026-03-01"', '"20260301"', '"EUR"',
        '"EUR\\n"', '"eur"', '"https://erp.example/a"', '"x" ', '\t7\r', '" , "', '"\u200b"',
    )),
    "y" * 128, "y" * 129, "y" * 1000, "y" * 1001,
])


class Pairs(list[tuple[str, Any]]):
    """An object as it is written, in which a key may stand twice."""


@st.composite
def odd_lines(draw: st.DrawFn) -> bytes:
    """Draw a line that is right but for some places, if for any."""
    return with_odd_places(draw, {**draw(headers), **draw(rows)})


def with_odd_places(draw: st.DrawFn, fields: dict[str, Any]) -> bytes:
    """Write a command as somebody careless would, or as somebody who is not."""
    row = _pairs(fields)
    for _ in range(draw(st.integers(0, 2))):
        objects = _objects(row)
        where = draw(st.sampled_from(objects))
        at = draw(st.integers(0, len(where) - 1))
        name, _ = where[at]
        change = draw(st.sampled_from([*["value"] * 3, "twice", "gone", "new", "moved"]))
        if change == "value":
            where[at] = name, draw(odd_values)
        elif change == "twice":
            where.insert(draw(st.integers(0, len(where))), (name, draw(odd_values)))
        elif change == "gone" and len(where) > 1:
            del where[at]
        elif change == "new":
            names = ["colour", "line", "unit_price", "pool", "priority", "command", "id", "a b"]
            where.append((draw(st.sampled_from(names)), draw(odd_values)))
        else:
            where.append(where.pop(at))
    colon, comma = draw(st.sampled_from([(": ", ", "), (":", ","), (" :\t", " , ")]))
    end = draw(st.sampled_from(["\n", "", "\r\n", " \n", "x", "\x0c\n"]))
    return (_written(row, colon, comma) + end).encode("utf-8", "surrogatepass")


def _pairs(value: Any) -> Any:
    if isinstance(value, dict):
        return Pairs((name, _pairs(each)) for name, each in value.items())
    return [_pairs(each) for each in value] if isinstance(value, list) else value


def _objects(value: Any) -> list[Pairs]:
    parts = [part for _, part in value] if isinstance(value, Pairs) else value
    inner = [each for part in parts if isinstance(part, list) for each in _objects(part)]
    return [value, *inner] if isinstance(value, Pairs) and value else inner


def _written(value: Any, colon: str, comma: str) -> str:
    if isinstance(value, Fragment):
        return value.text
    if isinstance(value, Pairs):
        inner = (f"{dumps(name)}{colon}{_written(part, colon, comma)}" for name, part in value)
        return "{" + comma.join(inner) + "}"
    if isinstance(value, list):
        return "[" + comma.join(_written(part, colon, comma) for part in value) + "]"
    return dumps(value)


@for_all(odd_lines())
@example(b'{"command":"receive-stock","sku":"A","quantity":1,"quantity":1}')
@example(b'{"command":"place-order","order":"O","order":"O","customer":"pool",'
         b'"lines":[{"sku":"A","quantity":1}]}')
@example(b'\xef\xbb\xbf{"command":"receive-stock","sku":"A","quantity":1}')
def test_every_line_is_read_the_same_in_both_ways(line: bytes) -> None:
    [[row]] = read_json_lines(BytesIO(line))
    assert everything_of(row) == everything_of(read_with_care(1, line, sha256(line)))


@for_all(headers, rows, st.sampled_from([(": ", ", "), (":", ",")]))
def test_what_programs_write_is_plain(
    header: dict[str, Any], row: dict[str, Any], separators: tuple[str, str]
) -> None:
    line = _written(_pairs({**header, **row}), *separators).encode()
    plain = read_plain(line)
    if row["command"] != "register-customer":
        assert plain is not None
        assert plain.as_model() == read_with_care(1, line, sha256(line)).command


def test_only_what_is_personal_is_never_plain() -> None:
    assert [name for name, model in COMMANDS.items() if not has_plain_form(model)] == [
        "register-customer"
    ]


@pytest.mark.parametrize("line", [
    b'{"command":"receive-stock","sku":"A","quantity":1,"sku":"A"}',
    b'{"command":"receive-stock","sku":"A","quantity":1,"reason":null}',
    b'{"command":"receive-stock","sku":"\\u0041","quantity":1}',
    b'{"command":"receive-stock","sku":"A\x7f","quantity":1}',
    '{"command":"receive-stock","sku":"Å","quantity":1}'.encode(),
    b'{"command":"receive-stock","sku":"A ","quantity":1}',
    b'{"command":"receive-stock","id":" c-1","sku":"A","quantity":1}',
    b'{"command":"receive-stock","sku":"A","quantity":1e0}',
    b'{"command":"receive-stock","sku":"A"}',
    b'{"sku":"A","quantity":1}',
    b'{"command":"move-allocation","sku":"A","from_order":"O","to_order":"O","quantity":1,'
    b'"reason":"urgent"}',
])
def test_a_line_that_takes_judgement_is_left_to_the_careful_way(line: bytes) -> None:
    assert read_plain(line) is None


class Coded(Part):
    """A text that is to look like a code."""

    code: Text = Field(pattern="^[A-Z]+$")


class Backwards(Part):
    """A list that is not kept as it is written."""

    items: Annotated[
        list[Coded], Field(min_length=1, max_length=3), AfterValidator(lambda items: items[::-1])
    ]


@pytest.mark.parametrize(("part", "text"), [
    (Coded, b'{"code":"a"}'), (Backwards, b'{"items":[{"code":"A"},{"code":"B"}]}'),
])
def test_what_a_form_does_not_know_is_left_to_the_model(part: type[Part], text: bytes) -> None:
    form = PlainForm(part)
    written = Decoder(form.written).decode(text)
    with pytest.raises(ValueError, match=r"should match pattern|^$"):
        form.read([written])


def test_what_was_read_cannot_be_changed() -> None:
    plain = read_plain(b'{"command":"receive-stock","sku":"A","quantity":1}')
    assert plain is not None
    with pytest.raises(AttributeError):
        plain.sku = "B"  # type: ignore[attr-defined]
