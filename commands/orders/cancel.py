"""Cancel an order, or units of its lines."""

from typing import ClassVar

from pydantic import Field

from stocktrail.commands.fields import Text
from stocktrail.commands.model import Body
from stocktrail.commands.orders.lines import LineParts, OrderCommand, units_of
from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.orders import cancelling
from stocktrail.ledger.store.engine.unit_of_work import UnitOfWork

__all__ = ["CancelOrder"]


class CancelOrder(OrderCommand):
    """Cancel an order, or units of its lines; shipped units are never cancelled."""

    command: ClassVar[str] = "cancel-order"
    example: ClassVar[Body] = {
        "order": "SO-2", "reason": "changed her mind", "lines": [{"line": 1, "quantity": 1}],
    }

    reason: Text | None = Field(default=None, description="Why.")
    lines: LineParts | None = Field(
        default=None, description="Which lines; default: all that remains."
    )

    def decide(self, work: UnitOfWork) -> Decision:
        """Take the units off the lines."""
        order = work.order(self.order)
        return cancelling.cancel(order, work, units_of(self.lines), self.reason)
