"""Exact money: whole hundred-millionths of a currency's unit, written as decimal strings.

A price has up to 4 decimals and a quantity up to 4, so their product has up to 8 and is exact:
nothing is ever rounded, and the amounts of the parts of a line always add up to the line's.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from stocktrail.ledger.quantity import CACHED, SCALE, parse_quantity
from stocktrail.ledger.written import Written

MONEY_SCALE = SCALE * SCALE
"""Hundred-millionths in one unit of a currency."""


def parse_price(written: object) -> int:
    """Read a price as it was written, with at most 4 decimals, into hundred-millionths.

    >>> parse_price("9.8")
    980000000
    """
    return parse_quantity(written) * SCALE


@lru_cache(CACHED)
def to_decimal_string(amount: int) -> str:
    """Write an amount in hundred-millionths as a decimal string with two decimals or more.

    >>> to_decimal_string(980000000), to_decimal_string(-50), to_decimal_string(0)
    ('9.80', '-0.0000005', '0.00')
    """
    units, rest = divmod(abs(amount), MONEY_SCALE)
    decimals = f"{rest:08d}".rstrip("0").ljust(2, "0")
    return f"{'-' if amount < 0 else ''}{units}.{decimals}"


@lru_cache(CACHED)
def from_decimal_string(text: str) -> int:
    """Read back what :func:`to_decimal_string` wrote.

    >>> from_decimal_string("-0.0000005")
    -50
    """
    whole, _, decimals = text.lstrip("-").partition(".")
    amount = int(whole) * MONEY_SCALE + int(decimals.ljust(8, "0"))
    return -amount if text.startswith("-") else amount


DECIMAL_STRING = Written(to_decimal_string, from_decimal_string)
"""How money is written in an event."""

if TYPE_CHECKING:
    Money = int
else:
    Money = Annotated[
        str, Meta(extra_json_schema={"pattern": r"^-?\d+\.\d{2,8}$"}),
        DECIMAL_STRING,
    ]
"""Money in an event: hundred-millionths in Python, a decimal string in JSON."""
