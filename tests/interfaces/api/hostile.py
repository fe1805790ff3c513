"""Values that no sender should send, for every parameter and every field there is."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

import orjson

from stocktrail.commands import COMMANDS
from stocktrail.interfaces.api import examples

NUMBERS = ("-1", "9223372036854775807", "9223372036854775808", "18446744073709551616", "1e999",
           "1e99999999999999999999", "NaN", "1" * 5000, "\u0661", "1.5", "")
"""Numbers as text: larger than any database holds, with absurd exponents, and none at all."""

TEXTS = ("a\0b", "\x1f", "\u2028", "x" * 3000, "%", "'", "../..", "\U0001f600" * 200)
"""Texts that databases, addresses or people do not take."""

ENCODED = ("%ED%A0%80", "%FF", "%C0%80")
"""Texts as they stand in an address: half a surrogate pair, bytes that are no UTF-8."""

JSON_VALUES = (
    "-1", "0", "9223372036854775807", "9223372036854775808", "18446744073709551616", "1e308",
    "1e999", "-1e999", "1e99999999999999999999", "-1E+99999999999999999999", "1e-999999999999999",
    "0.1e99999999999999999999", "1" * 400, f"0.{'1' * 400}", "null", "true", "[]", "{}", "[null]",
    "[[]]", '[{"line": 18446744073709551616}]', '""', '"\\u0000"', '"a\\u0000b"', '"\\ud800"',
    '"\\udc00x"', '"\\u2028"', '"1e999"', '"1e99999999999999999999"', '"NaN"', '"Infinity"',
    '"99999999999.9999"', '"999999999999999999999999"', '"0001-01-01"', '"9999-12-31"',
    '"9999-12-31T23:59:59.999999-23:59"', '"0001-01-01T00:00:00+23:59"', '"10000-01-01"',
    f'"{"x" * 2000}"', '{"a": 1e99999999999999999999}', '{"a": 18446744073709551616}',
    '{"a": "\\u0000"}', '{"\\u0000": 1}', '{"\\ud800": 1}', '{"": 1}', '{"a": [1]}',
)
"""Values as they stand in a body."""


def forged(page: str) -> Iterator[str]:
    """Return what was never given as ``next``: the key of a page with other parts."""
    try:
        name, *key = orjson.loads(urlsafe_b64decode(page + "=" * (-len(page) % 4)))
    except ValueError:
        return
    parts: tuple[Any, ...] = (2**63, 2**63 - 1, -(2**63), 2**64 - 1, "\0", "a\0b", 1.5, None, True,
                              [], {}, "x" * 1000)
    for place in range(len(key)):
        for part in parts:
            changed = [*key[:place], part, *key[place + 1 :]]
            yield urlsafe_b64encode(orjson.dumps([name, *changed])).decode().rstrip("=")
    yield urlsafe_b64encode(b'["' + name.encode() + b'", 1e999]').decode().rstrip("=")
    yield urlsafe_b64encode(b'["' + name.encode() + b'", "\\ud800"]').decode().rstrip("=")


def rows() -> Iterator[tuple[str, bytes]]:
    """Return a row for every field of every command and every value, as JSON: its name and it.

    What else is in it is right, so that the command comes as far as it can.
    """
    for name, model in sorted(COMMANDS.items()):
        example = examples.COMMANDS.get(name, {})
        for field in (*model.model_fields, "made_up"):
            others = orjson.dumps({key: part for key, part in example.items() if key != field})
            begin = others[:-1] + (b"," if len(others) > 2 else b"")
            for value in JSON_VALUES:
                yield name, b'%b"%b":%b}' % (begin, field.encode(), value.encode())


def as_line(name: str, body: bytes) -> bytes:
    """Write the body of a command as a line of JSON Lines."""
    return b'{"command":"%b",%b\n' % (name.encode(), body[1:])
