"""JSON as the contract wants it: no duplicate keys, no NaN, and numbers judged as written."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from stocktrail.ledger.nesting import is_nested_deeply

Path = tuple[int | str, ...]
"""Where something stands in a JSON value."""


class BadJson(ValueError):
    """What was written is not one JSON value; the message says where, to follow "it is".

    ``pointer`` names the field whose text it is, if it is one.
    """

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message)
        self.pointer = pointer


class DuplicateKey(BadJson):
    """A key stands twice in one object; otherwise it is JSON.

    ``value`` is what was written without the keys that stand twice, ``repeated`` names those of
    its outermost object.
    """

    def __init__(self, value: Any, where: Path = ()) -> None:
        self.value = value
        self.repeated: tuple[str, ...] = value.repeated if isinstance(value, _Marked) else ()
        self._where = where
        key = str(next(self.places())[-1])
        super().__init__(f"not valid: the key {key[:60]!r} stands twice in one object")

    def within(self, field: str) -> "DuplicateKey":
        """Return the same error for a value that is the text of a field."""
        return DuplicateKey(self.value, (field, *self._where))

    def places(self) -> Iterator[Path]:
        """Return the paths of the keys that stand twice, one by one: there may be very many."""
        path: list[int | str] = list(self._where)
        yield from ((*path, key) for key in self.repeated)
        levels = [_parts(self.value)]
        while levels:
            for key, part in levels[-1]:
                if isinstance(part, (dict, list)):
                    path.append(key)
                    if isinstance(part, _Marked):
                        yield from ((*path, each) for each in part.repeated)
                    levels.append(_parts(part))
                    break
            else:
                levels.pop()
                if levels:
                    path.pop()


class _Marked(dict[str, Any]):
    """An object in which keys stand twice: those that stand once, and which do not."""

    __slots__ = ("repeated",)
    repeated: tuple[str, ...]


def _parts(value: Any) -> Iterator[tuple[int | str, Any]]:
    if isinstance(value, dict):
        return iter(value.items())
    return enumerate(value) if isinstance(value, list) else iter(())


class _TwiceError(Exception):
    """Some key stands twice; where, a second look tells."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _TwiceError
    return found


def _marked_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    times = Counter(key for key, _ in pairs)
    marked = _Marked({key: part for key, part in pairs if times[key] == 1})
    marked.repeated = tuple(key for key, stands in times.items() if stands > 1)
    return marked


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


def _decoder(pairs: Callable[[list[tuple[str, Any]]], dict[str, Any]]) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=pairs, parse_float=_decimal, parse_int=_integer, parse_constant=_constant
    )


_TOO_DEEP = "not JSON that can be read: it is nested too deeply"

_DECODER, _MARKING_DECODER = _decoder(_pairs), _decoder(_marked_pairs)


def parse_json(text: str) -> Any:
    """Read one JSON value; numbers with a point become ``Decimal`` with every digit as written.

    Raises :class:`BadJson` for anything else, :class:`DuplicateKey` where a key stands twice.

    >>> parse_json('{"a": 1, "a": 2}')  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    stocktrail...DuplicateKey: not valid: the key 'a' stands twice in one object
    """
    if is_nested_deeply(text.encode(errors="replace")):
        raise BadJson(_TOO_DEEP)
    try:
        return _decoded(_DECODER, text)
    except _TwiceError:
        raise DuplicateKey(_decoded(_MARKING_DECODER, text)) from None


def _decoded(decoder: json.JSONDecoder, text: str) -> Any:
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        what = f"{error.msg[:1].lower()}{error.msg[1:]}".removesuffix(" at")
        raise BadJson(f"not JSON: {what} at character {error.pos + 1}") from None
    except RecursionError:
        raise BadJson(_TOO_DEEP) from None
