"""Pages of a list: each goes on after the key that the page before ended with (keyset).

Rows that come or go meanwhile shift nothing. What is given as ``next`` names the list and the key.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

import orjson

from stocktrail.ledger.refusal import Refusal

Part = str | int

_MOST = 2**63


def next_page(of: str, key: Sequence[Part]) -> str:
    """Return the row that a page ends with, so that the next page can begin after it.

    >>> read_page_key("history", next_page("history", [3, 1]), (int, int))
    (3, 1)
    """
    return urlsafe_b64encode(orjson.dumps([of, *key])).decode().rstrip("=")


def read_page_key(
    of: str, after: str | None, kinds: Sequence[type[Part]]
) -> tuple[Part, ...] | None:
    """Read where a page goes on; ``None`` begins with the first.

    Refuses what no page of this list gave (``bad_page``).
    """
    if after is None:
        return None
    try:
        name, *key = orjson.loads(urlsafe_b64decode(after + "=" * (-len(after) % 4)))
    except (ValueError, TypeError):
        name, key = None, []
    fits = len(key) == len(kinds) and all(
        type(part) is kind and ("\0" not in part if isinstance(part, str) else abs(part) < _MOST)
        for part, kind in zip(key, kinds, strict=True)
    )
    if name != of or not fits:
        raise Refusal(
            "bad_page", "This page does not go on from where `after` says; begin again without it.",
            after=after[:60],
        )
    return tuple(key)
