"""Place an order: all of its lines are accepted or none, and what is short is backordered."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from stocktrail.commands.fields import MAX_LINES, Day, Key, LineNumber, Price, Quantity
from stocktrail.commands.model import Body, Part
from stocktrail.commands.orders.lines import OrderCommand
from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.orders import placing
from stocktrail.ledger.orders.events import ShipPolicy
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store.engine.unit_of_work import UnitOfWork

__all__ = ["NewLine", "PlaceOrder"]


class NewLine(Part):
    """One line of a new order."""

    line: LineNumber | None = Field(
        default=None, description="Its number; default: 1, 2, 3 in order."
    )
    sku: Key = Field(description="The item.")
    quantity: Quantity = Field(description="How many units.")
    unit_price: Price | None = Field(default=None, description="The price of one unit.")
    requested_date: Day | None = Field(
        default=None, description="Wanted on; default: the occurred date."
    )


def _numbered(lines: object) -> object:
    """Number lines without a number by their places: written out or not, it is the same order."""
    if not isinstance(lines, list):
        return lines
    return [_with_number(line, place) for place, line in enumerate(lines, start=1)]


def _with_number(line: object, place: int) -> object:
    if isinstance(line, dict) and line.get("line") is None:
        return {**line, "line": place}
    if isinstance(line, NewLine) and line.line is None:
        return line.model_copy(update={"line": place})
    return line


NUMBERED = BeforeValidator(_numbered)
"""Of a list of lines: those without a number have that of their place."""


def _each_number_once(lines: list[NewLine]) -> list[NewLine]:
    if len({line.line for line in lines}) < len(lines):
        raise PydanticCustomError(
            "repeated",
            "must number each line once; a line without a number has that of its place",
        )
    return lines


class PlaceOrder(OrderCommand):
    """Accept an order, all of its lines or none; what is short is backordered."""

    command: ClassVar[str] = "place-order"
    example: ClassVar[Body] = {
        "order": "SO-1", "customer": "ANNA", "pool": "web", "currency": "EUR",
        "lines": [{"sku": "LAMP", "quantity": 14, "unit_price": "19.90",
                   "requested_date": "2026-03-04"}],
    }

    customer: Key = Field(description="Who ordered.")
    lines: Annotated[
        list[NewLine], Field(min_length=1, max_length=MAX_LINES), NUMBERED,
        AfterValidator(_each_number_once),
    ] = Field(description="What was ordered.")
    pool: Key = Field(default="default", description="The pool it is sold from.")
    priority: Annotated[int, Field(ge=1, le=999)] = Field(
        default=5, description="Place in the queues; 1 is first."
    )
    ship_policy: ShipPolicy = Field(
        default="partial", description="partial, or complete: only whole."
    )
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = Field(
        default=None, description="ISO 4217 code of the prices."
    )

    def begins(self) -> str:
        """Return the stream that it begins."""
        return self.stream()

    def streams(self) -> Sequence[str]:
        """Return the order's stream and those of its items."""
        stocks = [ProductStock.stream_of(line.sku) for line in self.lines]
        return [self.stream(), *stocks]

    def decide(self, work: UnitOfWork) -> Decision:
        """Place the order."""
        order = work.order(self.order)
        return placing.place(order, work, self, work.content, work.occurred_at)
