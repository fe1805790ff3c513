"""Sums over many items, exact in every database: no total is too large for one.

What is added up about one item is bounded (:mod:`stocktrail.ledger.sums`), what is added up over
all items is not, and SQLite fails where a sum passes 2^63. So millions are added up apart from what
is left.
"""

from collections.abc import Mapping
from typing import Any

_APART = 1_000_000


def exact_sum(expression: str, name: str) -> str:
    """Return the columns that add up whole numbers under a name; read by :func:`read_exact_sum`.

    >>> exact_sum("remaining", "units")
    'SUM((remaining) / 1000000) AS units_millions, SUM((remaining) % 1000000) AS units_rest'
    """
    return (
        f"SUM(({expression}) / {_APART}) AS {name}_millions, "
        f"SUM(({expression}) % {_APART}) AS {name}_rest"
    )


def split_sum(total: int) -> tuple[int, int]:
    """Return the millions of a sum and what is left, as two columns keep it.

    >>> split_sum(2_999_993)
    (2, 999993)
    """
    return divmod(total, _APART)


def read_exact_sum(row: Mapping[str, Any], name: str) -> int:
    """Return the sum that stands in a row; 0 where nothing was added up.

    >>> read_exact_sum({"units_millions": 3, "units_rest": -7}, "units")
    2999993
    """
    return int(row[f"{name}_millions"] or 0) * _APART + int(row[f"{name}_rest"] or 0)
