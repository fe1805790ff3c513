"""Exact quantities: whole ten-thousandths of a unit, never binary floats.

A quantity is written with at most 11 digits before the point and 4 after it. Inside the program it
is an ``int`` that counts ten-thousandths, so adding and comparing are exact and fast; at the edges
(stored events, results, views) it is a JSON number of units. Fifteen significant digits survive the
way through a double unharmed, which is why these limits and no others.

Rule 1.1 is the source.
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from stocktrail.ledger.written import Written

SCALE = 10_000
"""Ten-thousandths in one unit."""

LIMIT = 10**11 * SCALE
"""The first quantity that is too large to write: 11 digits stand before the point."""

CACHED = 1 << 16
"""How many conversions a cache keeps: the same quantities and prices recur.

A cached conversion takes 0.05 us instead of 0.3 to 0.7 (``python -m benchmarks.fast_paths cached``,
2026-11-29).
"""

_TEXT = re.compile(r"-?\d{1,11}(\.\d{1,4})?", re.ASCII)

RULE = "at most 11 digits before the point and 4 after it, without an exponent"


def parse_quantity(written: object) -> int:
    """Read a quantity as it was written, in units, and return it in ten-thousandths.

    The text decides, not its value: a fifth decimal is refused even when it is a zero.
    Raises ``ValueError`` with a sentence when it is not a number of that form.

    >>> parse_quantity("5.5")
    55000
    >>> parse_quantity(25)
    250000
    >>> parse_quantity("1.00000000000000000001")
    Traceback (most recent call last):
    ValueError: '1.00000000000000000001' is not a number with at most 11 digits before the point \
and 4 after it, without an exponent
    """
    if isinstance(written, bool) or not isinstance(written, (int, str, Decimal)):
        raise ValueError(f"{shortened(written)!r} is not a number with {RULE}")
    if isinstance(written, int):
        if abs(written) * SCALE < LIMIT:
            return written * SCALE
        raise ValueError(f"a whole number this large is not one with {RULE}")
    return _parse_text(str(written))


@lru_cache(CACHED)
def _parse_text(text: str) -> int:
    if len(text) > 40 or _TEXT.fullmatch(text) is None:
        raise ValueError(f"{shortened(text)!r} is not a number with {RULE}")
    whole, _, fraction = text.partition(".")
    sign = -1 if whole.startswith("-") else 1
    return sign * (abs(int(whole)) * SCALE + int(fraction.ljust(4, "0")))


def shortened(written: object, most: int = 60) -> str:
    """Cut what somebody wrote to a length that fits into a sentence.

    >>> shortened("x" * 100, most=5)
    'xxxxx...'
    """
    text = str(written)
    return text if len(text) <= most else text[:most] + "..."


def from_number(number: float) -> int:
    """Turn a JSON number of units, as stored in an event, into ten-thousandths.

    >>> from_number(9.33), from_number(25)
    (93300, 250000)
    """
    return number * SCALE if type(number) is int else round(number * SCALE)


def to_number(quantity: int) -> int | float:
    """Return a quantity in ten-thousandths as the JSON number of units that stands for it.

    >>> to_number(250000), to_number(55000), to_number(-1)
    (25, 5.5, -0.0001)
    """
    return quantity / SCALE if quantity % SCALE else quantity // SCALE


def to_text(quantity: int) -> str:
    """Write a quantity in ten-thousandths as people read it, in units.

    >>> to_text(250000), to_text(-55000), to_text(1)
    ('25', '-5.5', '0.0001')
    """
    units, rest = divmod(abs(quantity), SCALE)
    sign = "-" if quantity < 0 else ""
    return f"{sign}{units}.{rest:04d}".rstrip("0") if rest else f"{sign}{units}"


def is_whole(quantity: int) -> bool:
    """Return whether a quantity in ten-thousandths is a whole number of units.

    >>> is_whole(20000), is_whole(25000)
    (True, False)
    """
    return quantity % SCALE == 0


UNITS = Written(to_number, from_number)
"""How a quantity is written in an event."""

if TYPE_CHECKING:
    Quantity = int
else:
    Quantity = Annotated[
        int | float, UNITS, Meta(extra_json_schema={
            "type": "number", "description": "Units, with at most 4 digits after the point.",
        }),
    ]
"""A quantity in an event: ten-thousandths in Python, units in JSON."""
