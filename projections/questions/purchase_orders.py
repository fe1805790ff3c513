"""The list of purchase orders: what was bought, what is to come of it, and who waits for it.

``expected_date`` is the next day on which anything is expected, ``days_late`` the worst of what is
to come; ``orders_waiting`` counts the orders with a line that is pegged to it, ``pegged`` the
units. What is ``overdue``, ``undated`` or ``unconfirmed`` is so of anything that is to come.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, Literal

from pydantic import Field

from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.answers.lists.parts import RowsAddedUp, RowsInMemory
from stocktrail.projections.answers.lists.purchase_orders import DEFINITION, PurchaseOrdersAt
from stocktrail.projections.answers.moment_view import moment_view
from stocktrail.projections.answers.shapes.shape import Number, Shape
from stocktrail.projections.questions.fields import ItemId, SourceId, VendorId
from stocktrail.projections.questions.listed import Listed, ListReport
from stocktrail.projections.questions.question import Example, Question, Report, Today
from stocktrail.projections.read_models import ReadModels


class PurchaseOrderRow(Shape):
    """A purchase order of the list: quantities are those of all of its lines."""

    purchase_order: str
    vendor: str
    source: str
    status: Literal["open", "received", "cancelled"]
    placed_at: datetime
    position: int
    lines: int
    ordered: Number
    received: Number
    cancelled: Number
    remaining: Number
    expected_date: date | None
    days_late: int
    slips: int
    orders_waiting: int
    pegged: Number
    open: bool
    overdue: bool
    undated: bool
    unconfirmed: bool
    waited_for: bool
    is_received: bool
    is_cancelled: bool


class PurchaseOrdersReport(ListReport):
    """A page of the list of purchase orders."""

    today: date
    rows: list[PurchaseOrderRow]


class PurchaseOrderList(Listed, Today, Question[PurchaseOrdersReport]):
    """Purchase orders: what is to come, overdue, waited for, received, cancelled."""

    question: ClassVar[str] = "purchase-orders"
    definition = DEFINITION
    example: ClassVar[Example] = {"today": "2026-03-01", "limit": 1}

    vendor: VendorId | None = Field(default=None, description="Only those of this vendor.")
    source: SourceId | None = Field(default=None, description="Only those for this source.")
    item: ItemId | None = Field(default=None, description="Only those with a line of this item.")

    def answer(self, models: ReadModels) -> Report:
        """Find a page; refuses an unknown position, facet, column or page."""
        wanted = self.wanted
        with moment_view(
            models, self.position(models), self.day(models), lambda _: (),
            counts_every_line=True,
        ) as moment:
            found = PurchaseOrdersAt(
                moment, vendor=self.vendor, source=self.source, item=self.item
            )
            return self.listed(
                RowsInMemory(wanted, found.open()),
                RowsAddedUp(wanted, found.cursor, *found.closed()),
                as_of=moment.position, today=moment.today.isoformat(), finish=self._finish,
            )

    def _finish(self, rows: Sequence[Row]) -> Iterator[Mapping[str, Any]]:
        for row in rows:
            shown = self.definition.report_row(row)
            yield shown | {"status": _status(shown), "placed_at": to_iso(row["placed_at"])}


def _status(row: Mapping[str, Any]) -> str:
    return "open" if row["open"] else "received" if row["is_received"] else "cancelled"
