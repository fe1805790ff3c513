"""Words that the sentences of several events share."""

from collections.abc import Iterable
from typing import Protocol

from stocktrail.ledger.quantity import to_text


class UnitsOfLine(Protocol):
    """Units of one line of an order, of whatever kind the order is."""

    @property
    def line(self) -> int:
        """The number of the line."""

    @property
    def sku(self) -> str:
        """The item."""

    @property
    def quantity(self) -> int:
        """How many units."""


def because(reason: str | None) -> str:
    """Return a reason in parentheses, to follow what it is the reason of.

    >>> f"Deliveries were stopped{because('410')}.", because(None)
    ('Deliveries were stopped (410).', '')
    """
    return f" ({reason})" if reason else ""


def parts_of(lines: Iterable[UnitsOfLine]) -> str:
    """Return the units of several lines as a list in words."""
    return ", ".join(f"{to_text(part.quantity)} of {part.sku} (line {part.line})" for part in lines)
