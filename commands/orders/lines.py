"""What the commands about orders share: which lines they name, and what is taken off them."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from stocktrail.commands.fields import MAX_LINES, Key, LineNumber, Quantity
from stocktrail.commands.model import Command, Part
from stocktrail.ledger.line_units import LineUnits
from stocktrail.ledger.orders.events import LineQuantity
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.stock.product import require_quantity
from stocktrail.ledger.store.engine.unit_of_work import AlreadyRecorded, UnitOfWork

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


def managed_by_sku(takes: Iterable[LineUnits]) -> dict[str, list[LineUnits]]:
    """Group units by item, without those of lines that were accepted unmanaged."""
    grouped: dict[str, list[LineUnits]] = {}
    for take in takes:
        if take.managed:
            grouped.setdefault(take.sku, []).append(take)
    return grouped


def quantities_of(takes: Iterable[LineUnits]) -> tuple[LineQuantity, ...]:
    """Write units down as an event carries them."""
    return tuple(
        LineQuantity(line=take.line, sku=take.sku, quantity=take.quantity) for take in takes
    )


def require_whole(work: UnitOfWork, takes: Iterable[LineUnits]) -> None:
    """Refuse fractions of items that come in whole units only."""
    for take in takes:
        require_quantity(work.stock(take.sku), take.quantity)


def stop_if_recorded(order: Order, what: str, content: str) -> None:
    """Stop when something with a business id of its own is known already with this content."""
    version = order.recorded_as(what, content)
    if version is not None:
        raise AlreadyRecorded(order.id, version)
