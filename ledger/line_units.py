"""Units of the lines of an order."""

from typing import NamedTuple


class LineUnits(NamedTuple):
    """Units to be taken off one line."""

    line: int
    sku: str
    quantity: int
    managed: bool
