"""Ship an order, or units of its lines."""

from typing import ClassVar

from pydantic import Field

from stocktrail.commands.fields import Key
from stocktrail.commands.model import Body
from stocktrail.commands.orders.lines import LineParts, OrderCommand, units_of
from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.orders import shipping
from stocktrail.ledger.store.engine.unit_of_work import UnitOfWork

__all__ = ["ShipOrder"]


class ShipOrder(OrderCommand):
    """Ship allocated units of an order; without lines, everything that can ship.

    Lines of an item that is not managed ship any time, allocated or not.
    """

    command: ClassVar[str] = "ship-order"
    example: ClassVar[Body] = {
        "order": "SO-1", "shipment": "SH-1", "lines": [{"line": 1, "quantity": 5}],
    }

    shipment: Key = Field(description="The id of the shipment.")
    source: Key | None = Field(
        default=None, description="From where; default: by the pool's priority."
    )
    lines: LineParts | None = Field(
        default=None, description="Which lines; default: all that can ship."
    )

    def decide(self, work: UnitOfWork) -> Decision:
        """Ship the units from their sources."""
        order = work.order(self.order)
        return shipping.ship(
            order, work, self.shipment, self.source, units_of(self.lines), work.content
        )
