"""JSON as the contract wants it: no duplicate keys, no NaN, and numbers judged as written."""

import json
from decimal import Decimal
from typing import Any


class BadJson(ValueError):
    """What was written is not one JSON value; the message is a sentence that says where."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise BadJson(f"the key {key[:60]!r} stands twice in one object")
            seen.add(key)
    return found


def _constant(name: str) -> Any:
    raise BadJson(f"{name} is not a number in JSON")


def _integer(text: str) -> int | Decimal:
    return int(text) if len(text) < 20 else Decimal(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=Decimal, parse_int=_integer, parse_constant=_constant
)


def parse_json(text: str) -> Any:
    """Read one JSON value; numbers with a point become ``Decimal`` with every digit as written.

    Raises :class:`BadJson`.

    >>> parse_json('{"a": 1, "a": 2}')
    Traceback (most recent call last):
    commands.strict_json.BadJson: the key 'a' stands twice in one object
    """
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise BadJson(
            f"not JSON: {error.msg[:1].lower()}{error.msg[1:]} at character {error.pos + 1}"
        ) from None
    except RecursionError:
        raise BadJson("the JSON is nested too deeply") from None
