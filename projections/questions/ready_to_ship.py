"""What can ship now: orders of which units are there, the first to go first.

The list is that of the orders which ``ship-order`` would accept at the moment. Beside the filters
of every list, a customer narrows it, and a receipt, of which only the orders that it served remain.
"""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from stocktrail.ledger.spelling import composed
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.answers.lists.definition import COUNT, QUANTITY, TEXT, ListDefinition
from stocktrail.projections.answers.lists.parts import RowsInMemory
from stocktrail.projections.answers.shapes.shape import Number, Shape
from stocktrail.projections.answers.shipping.ready_orders import ReadyOrder, ready_orders
from stocktrail.projections.answers.shipping.receipts import orders_served
from stocktrail.projections.as_of import LedgerAsOf
from stocktrail.projections.as_of.moment import today_at
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.questions.fields import (
    NO_CONTROL,
    CustomerId,
    PurchaseOrderId,
    ReceiptId,
)
from stocktrail.projections.questions.listed import Listed, ListReport
from stocktrail.projections.questions.question import Example, Question, Report, Today
from stocktrail.projections.read_models import Reading, ReadModels

MOST_NAMED = 1_000
"""How many orders may be named."""


class ReadyRow(Shape):
    """An order of which units can ship: what goes, and what stays."""

    order: str
    customer: str
    pool: str
    priority: int
    ship_policy: Literal["partial", "complete"]
    requested_date: date
    position: int
    lines: int
    lines_ready: int
    ready: Number
    remaining: Number
    whole: bool
    in_part: bool
    due: bool
    late: bool


class ReadyReport(ListReport):
    """A page of the orders that can ship."""

    today: date
    rows: list[ReadyRow]


class OfReadyOrders(BaseModel):
    """A question about orders that can ship; alone it is none."""

    model_config: ClassVar[ConfigDict] = ConfigDict(defer_build=True)

    orders: Annotated[
        list[Annotated[str, Field(pattern=NO_CONTROL)]], Field(max_length=MOST_NAMED)
    ] = Field(default=[], validation_alias="order", description="Only these orders.")
    customer: CustomerId | None = Field(default=None, description="Only those of this customer.")
    receipt: ReceiptId | None = Field(
        default=None, description="Only those that this receipt served."
    )
    purchase_order: PurchaseOrderId | None = Field(
        default=None, description="Only those that this purchase order served."
    )

    def those_asked_for(
        self, ledger: Ledger, reading: Reading, past: LedgerAsOf | None
    ) -> list[ReadyOrder]:
        """Return the orders that can ship and are asked for, the first to go first.

        Refuses a receipt that nobody received (``unknown_receipt``).
        """
        found = ready_orders(reading, past)
        if self.orders:
            named = set(map(composed, self.orders))
            found = [each for each in found if each.order in named]
        if self.customer is not None:
            found = [each for each in found if each.customer == self.customer]
        if self.receipt is not None or self.purchase_order is not None:
            position = reading.position if past is None else past.position
            served = orders_served(ledger, reading, position, self.purchase_order, self.receipt)
            found = [each for each in found if each.order in served]
        return found


class ReadyToShip(OfReadyOrders, Listed, Today, Question[ReadyReport]):
    """Orders that can ship now, whole or in part."""

    question: ClassVar[str] = "ready-to-ship"
    example: ClassVar[Example] = {"today": "2026-03-01", "limit": 1}
    definition: ClassVar[ListDefinition] = ListDefinition(
        "orders ready to ship",
        # The order in which they go; what is sorted otherwise follows it among equals.
        key=("priority", "requested_date", "position"),
        columns={
            "order": TEXT, "customer": TEXT, "pool": TEXT, "priority": COUNT, "ship_policy": TEXT,
            "requested_date": TEXT, "position": COUNT, "lines": COUNT, "lines_ready": COUNT,
            "ready": QUANTITY, "remaining": QUANTITY,
        },
        facets=("whole", "in_part", "due", "late"),
        searched=("order", "customer"),
        totals=("lines_ready", "ready", "remaining"),
        sort="priority",
    )

    def answer(self, models: ReadModels) -> Report:
        """Find a page; refuses an unknown position or receipt, facet, column or page."""
        wanted, position = self.wanted, self.position(models)
        today = self.day(models) or today_at(models.ledger, position)
        with open_as_of(models, position) as (reading, past):
            found = self.those_asked_for(models.ledger, reading, past)
            rows = RowsInMemory(wanted, (_row(each, today) for each in found))
            return self.listed(
                rows, as_of=reading.position if past is None else past.position,
                today=today.isoformat(), finish=_shown,
            )


def _row(order: ReadyOrder, today: date) -> dict[str, Any]:
    return {
        "order": order.order, "customer": order.customer, "pool": order.pool,
        "priority": order.priority, "ship_policy": order.ship_policy,
        "requested_date": order.requested.isoformat(), "position": order.position,
        "lines": order.lines, "lines_ready": order.lines_ready, "ready": order.ready,
        "remaining": order.remaining, "whole": order.is_whole, "in_part": not order.is_whole,
        "due": order.requested <= today, "late": order.requested < today,
    }


def _shown(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [ReadyToShip.definition.report_row(row) for row in rows]
