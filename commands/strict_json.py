"""JSON as the contract wants it: no duplicate keys, no NaN, and numbers judged as written."""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson


class BadJson(ValueError):
    """What was written is not one JSON value; the message says where, to follow "it is".

    ``pointer`` names the field whose text it is, if it is one.
    """

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message)
        self.pointer = pointer


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise BadJson(f"not valid: the key {key[:60]!r} stands twice in one object")
            seen.add(key)
    return found


def _constant(name: str) -> Any:
    raise BadJson(f"not JSON: {name} is not a number there")


def _integer(text: str) -> int | Decimal:
    return int(text) if len(text) <= 20 else Decimal(text)


class _WithExponent(Decimal):
    """A number with an exponent, which stays as it was written because it is judged so."""

    __slots__ = ("written",)
    written: str

    def __new__(cls, written: str) -> "_WithExponent":
        try:
            number = super().__new__(cls, written)
        except InvalidOperation:
            number = super().__new__(cls, "NaN")
        number.written = written
        return number

    def __str__(self) -> str:
        return self.written


def _decimal(text: str) -> Decimal:
    return _WithExponent(text) if "e" in text or "E" in text else Decimal(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=_decimal, parse_int=_integer, parse_constant=_constant
)


_EXPONENT = re.compile(rb"\de")


def parse_plain_object(line: bytes) -> dict[str, Any] | None:
    """Read a line that is plainly one JSON object, or give ``None``: then ask :func:`parse_json`.

    Plainly means: written again it is the same line, but for the spaces that writers put between
    keys and values. So no key stands in it twice and no number was read as another one. It is
    several times as fast, and only for lines without escapes whose numbers are whole and small.

    >>> parse_plain_object(b'{"a": 1, "b": "2.50"}')
    {'a': 1, 'b': '2.50'}
    >>> parse_plain_object(b'{"a": 1, "a": 2}') is parse_plain_object(b'{"a": 1.50}') is None
    True
    """
    if b"\\" in line:
        return None
    try:
        data = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    # Without escapes every other part between quotation marks stands outside of texts.
    outside = b"".join(line.split(b'"')[::2])
    if b"." in outside or b"E" in outside or (b"e" in outside and _EXPONENT.search(outside)):
        return None
    # Without any spaces two texts are the same when they differ in those between keys and values.
    if orjson.dumps(data).replace(b" ", b"") != line.rstrip().replace(b" ", b""):
        return None
    return data if isinstance(data, dict) else None


def parse_json(text: str) -> Any:
    """Read one JSON value; numbers with a point become ``Decimal`` with every digit as written.

    Raises :class:`BadJson`.

    >>> parse_json('{"a": 1, "a": 2}')
    Traceback (most recent call last):
    commands.strict_json.BadJson: not valid: the key 'a' stands twice in one object
    """
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        what = f"{error.msg[:1].lower()}{error.msg[1:]}".removesuffix(" at")
        raise BadJson(f"not JSON: {what} at character {error.pos + 1}") from None
    except RecursionError:
        raise BadJson("not JSON that can be read: it is nested too deeply") from None
