"""The vendor report: what a vendor owes, who waits for it, and how it kept what it said."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from stocktrail.ledger.refusal import Refusal
from stocktrail.projections.answers.backorder_views.by_vendor import VendorRow
from stocktrail.projections.answers.backorder_views.filters import Filters
from stocktrail.projections.answers.moment_view import moment_view
from stocktrail.projections.answers.purchase_lines import PerformanceReport, PurchaseLinesAt
from stocktrail.projections.answers.shapes.shape import Position, Shape
from stocktrail.projections.as_of import LedgerAsOf
from stocktrail.projections.models.open_spans import PURCHASE
from stocktrail.projections.questions.backorders import found_in
from stocktrail.projections.questions.fields import VendorId
from stocktrail.projections.questions.question import Example, InPages, Question, Report, Today
from stocktrail.projections.questions.vendors import owed_by
from stocktrail.projections.read_models import ReadModels


class VendorReport(Shape):
    """What a vendor owes, who waits for it, and how it kept what it said.

    ``total`` counts the rows of all pages.
    """

    vendor: str
    as_of: Position
    today: date
    time_zone: str
    purchase_orders: int
    open_purchase_orders: int
    open_lines: int
    overdue_lines: int
    undated_lines: int
    waited_for_lines: int
    performance: PerformanceReport
    total: int
    rows: list[VendorRow]
    next: str | None


class VendorStatus(InPages, Today, Question[VendorReport]):
    """What a vendor owes, who waits for it, and how late it was."""

    question: ClassVar[str] = "vendor"
    address: ClassVar[str | None] = "/vendors/{vendor}"
    example: ClassVar[Example] = {"vendor": "Lumen", "today": "2026-03-01"}

    vendor: Annotated[VendorId, Field(min_length=1, description="The vendor.")]
    sort: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        default=None,
        description="A column of the rows, as JSON names it; - before it turns the order around.",
    )

    def answer(self, models: ReadModels) -> Report:
        """Judge it, and find a page of what it owes; refuses one that nobody ever ordered from."""
        def touched(past: LedgerAsOf) -> Iterable[str]:
            return {row["sku"] for row in past.spans(PURCHASE, party=self.vendor)}

        with moment_view(models, self.position(models), self.day(models), touched) as moment:
            zone = moment.settings.time_zone
            at = PurchaseLinesAt(moment.live, moment.past, moment.today, zone)
            lines = list(at.lines(self.vendor))
            if not lines:
                raise unknown_vendor(self.vendor, moment.position)
            owed = found_in(
                moment, "vendor", Filters(vendor=self.vendor), sort=self.sort, limit=self.limit,
                after=self.after,
            )
            waited_for = found_in(
                moment, "vendor", Filters(vendor=self.vendor, waiting=True), limit=1
            )
            return {
                "vendor": self.vendor, "as_of": moment.position,
                "today": moment.today.isoformat(), "time_zone": zone, **owed_by(at, lines),
                "waited_for_lines": waited_for.total,
                "performance": at.performance(lines).as_json(),
                "total": owed.total, "rows": owed.rows, "next": owed.next,
            }


def unknown_vendor(vendor: str, position: int) -> Refusal:
    """Return the refusal of a vendor that nobody had ordered from by a position."""
    return Refusal(
        "unknown_vendor", f"Nothing was ever ordered from a vendor {vendor}.",
        vendor=vendor, as_of=position,
    )
