"""The cursor of a page: where a list goes on, as text that clients hand back (keyset pagination).

A cursor names the list, with the order of its rows, and the key of the row that a page ended with.
The next page begins after that key, so rows that come or go meanwhile shift nothing.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

import orjson

from stocktrail.ledger.refusal import Refusal

Kind = type[Any] | tuple[type[Any], ...]
"""The type of a part of a key, or the types that it may have."""

_BEYOND_BIGINT = 2**63
"""No database compares a column with a number from here on."""


def write_cursor(listed: Sequence[Any], key: Sequence[Any]) -> str:
    """Return the cursor of a row of a list: JSON in base64url, without padding.

    >>> write_cursor(["history"], [3, 1])
    'WyJoaXN0b3J5IiwzLDFd'
    """
    return urlsafe_b64encode(orjson.dumps([*listed, *key])).decode().rstrip("=")


def read_cursor(
    listed: Sequence[Any], after: str | None, kinds: Sequence[Kind],
    advice: str = "begin again without it",
) -> tuple[Any, ...] | None:
    """Return the key after which a page begins, or ``None`` for the first page.

    ``kinds`` are the types of its parts: a database that compares a column with another type
    fails. Raises a refusal ``bad_page`` for an ``after`` that no page of this list ended with.

    >>> read_cursor(["history"], "WyJoaXN0b3J5IiwzLDFd", [int, int])
    (3, 1)
    """
    if after is None:
        return None
    try:
        parts = orjson.loads(urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        key = parts[len(listed):]
        if (
            parts[: len(listed)] == list(listed) and len(key) == len(kinds)
            and all(map(_is_of, key, kinds))
        ):
            return tuple(key)
    except (ValueError, TypeError, KeyError):
        pass                                     # not a cursor: refused like that of another list
    raise Refusal(
        "bad_page", f"This page does not go on from where `after` says; {advice}.",
        after=after[:60],
    )


def _is_of(part: Any, kind: Kind) -> bool:
    if type(part) not in (kind if isinstance(kind, tuple) else (kind,)):
        return False
    if isinstance(part, str):
        return "\0" not in part
    return part is None or -_BEYOND_BIGINT < part < _BEYOND_BIGINT
