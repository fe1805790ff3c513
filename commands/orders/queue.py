"""Commands about the queues: reschedule, prioritise, and move allocations by hand."""

from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from stocktrail.commands.fields import MAX_LINES, Day, Key, LineNumber, Quantity, Text
from stocktrail.commands.model import Body, Command, Part
from stocktrail.commands.orders.lines import OrderCommand, each_line_once
from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.orders import queueing
from stocktrail.ledger.reallocation import Strategy
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store.engine.unit_of_work import UnitOfWork

__all__ = [
    "AllocateBackorders", "LineDatePart", "MoveAllocation", "PrioritiseOrder", "RescheduleOrder",
    "StrategyPart",
]


class LineDatePart(Part):
    """Another requested date for one line."""

    line: LineNumber = Field(description="The line.")
    requested_date: Day = Field(description="When it is wanted now.")


class RescheduleOrder(OrderCommand):
    """Ask for lines of an order on other dates."""

    command: ClassVar[str] = "reschedule-order"
    example: ClassVar[Body] = {
        "order": "SO-1", "lines": [{"line": 1, "requested_date": "2026-03-05"}],
        "reason": "asked for",
    }

    lines: Annotated[
        list[LineDatePart], Field(min_length=1, max_length=MAX_LINES),
        AfterValidator(each_line_once),
    ] = Field(description="Which lines, and their dates.")
    reason: Text = Field(description="Why.")

    def decide(self, work: UnitOfWork) -> Decision:
        """Move the lines to their dates, and to their places in the queues."""
        dates = [(part.line, part.requested_date) for part in self.lines]
        return queueing.reschedule(work.order(self.order), work, dates, self.reason)


class PrioritiseOrder(OrderCommand):
    """Give an order another place in the queues."""

    command: ClassVar[str] = "prioritise-order"
    example: ClassVar[Body] = {"order": "SO-1", "priority": 1, "reason": "best customer"}

    priority: Annotated[int, Field(ge=1, le=999)] = Field(description="1 is first.")
    reason: Text = Field(description="Why.")

    def decide(self, work: UnitOfWork) -> Decision:
        """Change the priority of the order and of all its open lines."""
        return queueing.prioritise(work.order(self.order), work, self.priority, self.reason)


class MoveAllocation(Command):
    """Give allocated units of one order to another that waits for them."""

    command: ClassVar[str] = "move-allocation"
    example: ClassVar[Body] = {
        "sku": "LAMP", "from_order": "SO-1", "to_order": "SO-2", "quantity": 1,
        "reason": "urgent", "pool": "web",
    }
    example_needs: ClassVar[Body] = {
        "command": "place-order", "order": "SO-2", "customer": "BOB", "pool": "web",
        "lines": [{"sku": "LAMP", "quantity": 3, "requested_date": "2026-03-06"}],
    }

    sku: Key = Field(description="The item.")
    from_order: Key = Field(description="The order that gives.")
    to_order: Key = Field(description="The order that takes.")
    quantity: Quantity = Field(description="How many units.")
    reason: Text = Field(description="Why.")
    pool: Key | None = Field(default=None, description="Only lines sold in this pool.")

    @model_validator(mode="after")
    def _two_orders(self) -> Self:
        if self.from_order == self.to_order:
            raise PydanticCustomError("same_order", "from_order and to_order are the same order")
        return self

    def stream(self) -> str:
        """Return the item's stream."""
        return ProductStock.stream_of(self.sku)

    def decide(self, work: UnitOfWork) -> Decision:
        """Move the units between the orders' lines."""
        return queueing.move_allocation(
            work.stock(self.sku), work.settings(), work.order(self.from_order),
            work.order(self.to_order), self.quantity, self.reason, self.pool,
        )


class StrategyPart(Part):
    """How one line is treated."""

    order: Key = Field(description="The order.")
    line: LineNumber = Field(description="The line.")
    strategy: Strategy = Field(description="How it is treated.")


class AllocateBackorders(Command):
    """Distribute the units of an item again among the lines that want them."""

    command: ClassVar[str] = "allocate-backorders"
    example: ClassVar[Body] = {"sku": "LAMP", "strategy": "fill", "pool": "web"}

    sku: Key = Field(description="The item.")
    strategy: Strategy = Field(
        description="win, gain, redistribute, fill, lose or fair_share: for lines not named."
    )
    pool: Key | None = Field(default=None, description="Only lines sold in this pool.")
    lines: Annotated[list[StrategyPart], Field(min_length=1, max_length=MAX_LINES)] | None = Field(
        default=None, description="Strategies line by line."
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        named = [(part.order, part.line) for part in self.lines or ()]
        if len(set(named)) < len(named):
            raise PydanticCustomError("repeated", "lines must name each line once")
        return self

    def stream(self) -> str:
        """Return the item's stream."""
        return ProductStock.stream_of(self.sku)

    def decide(self, work: UnitOfWork) -> Decision:
        """Reallocate the item's units by the strategies."""
        named = {(part.order, part.line): part.strategy for part in self.lines or ()}
        orders = {order: work.order(order) for order, _ in named}
        return queueing.reallocate(
            work.stock(self.sku), work.settings(), orders, self.strategy, named, self.pool
        )
