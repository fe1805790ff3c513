"""What the commands about orders share: which order they are about, and which lines they name."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from stocktrail.commands.fields import MAX_LINES, Key, LineNumber, Quantity
from stocktrail.commands.model import Command, Part
from stocktrail.ledger.line_units import AskedUnits
from stocktrail.ledger.orders.state import Order

__all__ = ["LinePart"]


def each_line_once(lines: list[Any]) -> list[Any]:
    """Refuse a list that names the same line twice."""
    numbers = [line.line for line in lines if line.line is not None]
    if len(set(numbers)) < len(numbers):
        raise PydanticCustomError("repeated", "must name each line once")
    return lines


class OrderCommand(Command):
    """A command about one order."""

    order: Key = Field(description="The order.")

    def stream(self) -> str:
        """Return the order's stream."""
        return Order.stream_of(self.order)


class LinePart(Part):
    """Units of one line; without a quantity all that can be taken."""

    line: LineNumber = Field(description="The line.")
    quantity: Quantity | None = Field(default=None, description="How many units; default: all.")


LineParts = Annotated[
    list[LinePart], Field(min_length=1, max_length=MAX_LINES), AfterValidator(each_line_once)
]
"""Units of several lines, each line once."""


def units_of(parts: list[LinePart] | None) -> list[AskedUnits] | None:
    """Return the units that are asked for line by line; ``None`` for all there are."""
    return None if parts is None else [(part.line, part.quantity) for part in parts]
