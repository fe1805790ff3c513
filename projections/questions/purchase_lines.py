"""The list of purchase lines: when each was due, when it came, and whether it came in full.

``due`` are those that the vendor is judged by; what is late of them, short, or still to come is a
facet each. Rule 6.5 says when a line is which.
"""

from datetime import date
from typing import ClassVar

from pydantic import Field

from stocktrail.projections.answers.lists.definition import COUNT, QUANTITY, TEXT, ListDefinition
from stocktrail.projections.answers.lists.parts import RowsInMemory
from stocktrail.projections.answers.purchase_lines import PurchaseLineRow, purchase_lines_at
from stocktrail.projections.questions.fields import ItemId, VendorId
from stocktrail.projections.questions.listed import Listed, ListReport
from stocktrail.projections.questions.question import Example, Question, Report, Today
from stocktrail.projections.read_models import ReadModels


class PurchaseLinesReport(ListReport):
    """A page of the list of purchase lines."""

    today: date
    time_zone: str
    rows: list[PurchaseLineRow]


class PurchaseLineList(Listed, Today, Question[PurchaseLinesReport]):
    """Purchase lines: when each was due, when it came, and whether in full."""

    question: ClassVar[str] = "purchase-lines"
    example: ClassVar[Example] = {"today": "2026-03-01", "limit": 1}
    definition: ClassVar[ListDefinition] = ListDefinition(
        "purchase lines",
        key=("vendor", "purchase_order", "line"),
        columns={
            "vendor": TEXT, "purchase_order": TEXT, "line": COUNT, "sku": TEXT, "source": TEXT,
            "first_ordered": QUANTITY, "ordered": QUANTITY, "received": QUANTITY,
            "cancelled": QUANTITY, "remaining": QUANTITY, "original_expected_date": TEXT,
            "expected_date": TEXT, "received_date": TEXT, "days_late": COUNT, "slips": COUNT,
        },
        facets=(
            "due", "on_time", "late", "in_full", "short", "on_time_in_full", "open", "overdue",
            "undated", "is_cancelled",
        ),
        searched=("vendor", "purchase_order", "sku"),
        totals=("first_ordered", "received", "remaining"),
    )

    vendor: VendorId | None = Field(default=None, description="Only those of this vendor.")
    item: ItemId | None = Field(default=None, description="Only those of this item.")

    def answer(self, models: ReadModels) -> Report:
        """Find a page; refuses an unknown position, facet, column or page."""
        wanted = self.wanted
        with purchase_lines_at(models, self.position(models), self.day(models)) as found:
            rows = (
                found.row_of(line) for line in found.lines(self.vendor)
                if self.item is None or line.sku == self.item
            )
            return self.listed(
                RowsInMemory(wanted, rows), as_of=found.position,
                today=found.today.isoformat(), time_zone=found.zone,
            )
