"""Commands that describe items and move units at a source."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from stocktrail.commands.fields import Attribute, AttributeName, Counted, Delta, Key, Quantity, Text
from stocktrail.commands.model import Body, Command
from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.stock import movements, product
from stocktrail.ledger.stock.back_dated import When
from stocktrail.ledger.stock.events import StockStatus
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.stock.stocks import moved
from stocktrail.ledger.store.engine.unit_of_work import UnitOfWork

__all__ = [
    "AdjustStock", "CountStock", "ReceiveStock", "RegisterProduct", "SetStockStatus",
    "TransferStock",
]

Attributes = Annotated[dict[AttributeName, Attribute], Field(max_length=100)]
"""Free attributes of an item: texts, numbers or booleans by name, 100 at the most."""


class _StockCommand(Command):
    sku: Key = Field(description="The item.")

    def stream(self) -> str:
        return ProductStock.stream_of(self.sku)

    def _stock_when(self, work: UnitOfWork) -> tuple[ProductStock, When]:
        stock = work.stock(self.sku)
        return stock, work.when(stock)


class RegisterProduct(_StockCommand):
    """Make an item known, or change its description."""

    command: ClassVar[str] = "register-product"
    example: ClassVar[Body] = {
        "sku": "LAMP", "name": "Desk lamp", "attributes": {"colour": "green"},
    }

    name: Text | None = Field(default=None, description="What people call it.")
    decimal: bool | None = Field(
        default=None, description="Whether it is sold in fractions; default: whole units only."
    )
    unit: Text | None = Field(default=None, description="What one unit is, such as kg.")
    attributes: Attributes | None = Field(default=None, description="Free attributes by name.")
    source: Key | None = Field(
        default=None, description="A source that carries it from now on, with nothing there yet."
    )

    def begins(self) -> str:
        """Return the stream that it begins."""
        return self.stream()

    def decide(self, work: UnitOfWork) -> Decision:
        """Register the item, or change its description, and let a source carry it."""
        stock = work.stock(self.sku)
        attributes: dict[str, Any] | None = self.attributes
        events = product.register(stock, self.name, self.decimal, self.unit, attributes)
        if self.source is not None:
            events += product.carry(stock, work.settings(), self.source)
        return Decision.about(stock, events)


class ReceiveStock(_StockCommand):
    """Put units on hand at a source; waiting lines are served at once."""

    command: ClassVar[str] = "receive-stock"
    example: ClassVar[Body] = {"sku": "LAMP", "quantity": 12, "reason": "opening"}

    quantity: Quantity = Field(description="How many units arrived.")
    source: Key = Field(default="default", description="Where they arrived.")
    reason: Text | None = Field(default=None, description="Why.")

    def decide(self, work: UnitOfWork) -> Decision:
        """Receive the units and serve the queue."""
        stock, when = self._stock_when(work)
        return moved(stock, when, movements.receive(
            stock, work.settings(), self.source, self.quantity, self.reason, when
        ))


class AdjustStock(_StockCommand):
    """Correct the units at a source by a delta."""

    command: ClassVar[str] = "adjust-stock"
    example: ClassVar[Body] = {"sku": "LAMP", "delta": -1, "reason": "broken"}

    delta: Delta = Field(description="How many more, or fewer when negative.")
    reason: Text = Field(description="Why.")
    source: Key = Field(default="default", description="Where.")

    def decide(self, work: UnitOfWork) -> Decision:
        """Adjust the units and let allocations follow."""
        stock, when = self._stock_when(work)
        return moved(stock, when, movements.adjust(
            stock, work.settings(), self.source, self.delta, self.reason, when
        ))


class CountStock(_StockCommand):
    """Set the units at a source to what was counted there; what has moved since then stays."""

    command: ClassVar[str] = "count-stock"
    example: ClassVar[Body] = {"sku": "LAMP", "counted": 11}

    counted: Counted = Field(description="How many units were counted.")
    source: Key = Field(default="default", description="Where.")
    reason: Text | None = Field(default=None, description="Why.")

    def decide(self, work: UnitOfWork) -> Decision:
        """Record the count and let allocations follow."""
        stock, when = self._stock_when(work)
        return moved(stock, when, movements.count(
            stock, work.settings(), self.source, self.counted, self.reason, when
        ))


class TransferStock(_StockCommand):
    """Move units from one source to another."""

    command: ClassVar[str] = "transfer-stock"
    example: ClassVar[Body] = {
        "sku": "LAMP", "quantity": 4, "from_source": "default", "to_source": "harbour",
    }

    quantity: Quantity = Field(description="How many units.")
    from_source: Key = Field(description="Where they were.")
    to_source: Key = Field(description="Where they are now.")
    reason: Text | None = Field(default=None, description="Why.")

    def decide(self, work: UnitOfWork) -> Decision:
        """Transfer the units and let allocations follow."""
        stock, when = self._stock_when(work)
        return moved(stock, when, movements.transfer(
            stock, work.settings(), self.from_source, self.to_source, self.quantity, self.reason,
            when,
        ))


class SetStockStatus(_StockCommand):
    """Set an item in stock or out of stock at a source by hand."""

    command: ClassVar[str] = "set-stock-status"
    example: ClassVar[Body] = {"sku": "LAMP", "source": "harbour", "status": "in_stock"}

    status: StockStatus = Field(description="in_stock or out_of_stock.")
    source: Key = Field(default="default", description="Where.")

    def decide(self, work: UnitOfWork) -> Decision:
        """Set the status and let allocations follow."""
        stock = work.stock(self.sku)
        events = movements.set_status(stock, work.settings(), self.source, self.status)
        return Decision.about(stock, events)
