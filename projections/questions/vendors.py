"""The list of vendors: what each owes, and how it kept what it said.

What is ``due`` of a vendor, and what of that came on time and in full, is counted in lines, as rule
6.5 says; percent are of the lines that are due, rounded.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar

from stocktrail.projections.answers.lists.definition import COUNT, TEXT, ListDefinition
from stocktrail.projections.answers.lists.parts import RowsInMemory
from stocktrail.projections.answers.purchase_lines import (
    PurchaseLineAt,
    PurchaseLinesAt,
    purchase_lines_at,
)
from stocktrail.projections.answers.shapes.shape import Shape
from stocktrail.projections.questions.listed import Listed, ListReport
from stocktrail.projections.questions.question import Example, Question, Report, Today
from stocktrail.projections.read_models import ReadModels


class VendorOfList(Shape):
    """A vendor of the list: what it owes, and how it kept what it said."""

    vendor: str
    purchase_orders: int
    open_purchase_orders: int
    open_lines: int
    overdue_lines: int
    undated_lines: int
    due: int
    on_time: int
    late: int
    in_full: int
    short: int
    on_time_in_full: int
    on_time_percent: int | None
    in_full_percent: int | None
    on_time_in_full_percent: int | None
    average_days_late: float | None
    worst_days_late: int
    owing: bool
    overdue: bool
    undated: bool
    once_late: bool
    once_short: bool


class VendorsReport(ListReport):
    """A page of the list of vendors."""

    today: date
    time_zone: str
    rows: list[VendorOfList]


class VendorList(Listed, Today, Question[VendorsReport]):
    """Vendors: what each owes, and how late it was."""

    question: ClassVar[str] = "vendors"
    example: ClassVar[Example] = {"today": "2026-03-01", "limit": 1}
    definition: ClassVar[ListDefinition] = ListDefinition(
        "vendors",
        key=("vendor",),
        columns={
            "vendor": TEXT, "purchase_orders": COUNT, "open_purchase_orders": COUNT,
            "open_lines": COUNT, "overdue_lines": COUNT, "undated_lines": COUNT, "due": COUNT,
            "on_time": COUNT, "late": COUNT, "in_full": COUNT, "short": COUNT,
            "on_time_in_full": COUNT, "on_time_percent": COUNT, "in_full_percent": COUNT,
            "on_time_in_full_percent": COUNT, "worst_days_late": COUNT,
        },
        facets=("owing", "overdue", "undated", "once_late", "once_short"),
        searched=("vendor",),
        totals=(
            "purchase_orders", "open_purchase_orders", "open_lines", "overdue_lines",
            "undated_lines", "due", "on_time", "late", "in_full", "short", "on_time_in_full",
        ),
    )

    def answer(self, models: ReadModels) -> Report:
        """Find a page; refuses an unknown position, facet, column or page."""
        wanted = self.wanted
        with purchase_lines_at(models, self.position(models), self.day(models)) as found:
            by_vendor: dict[str, list[PurchaseLineAt]] = {}
            for line in found.lines():
                by_vendor.setdefault(line.vendor, []).append(line)
            rows = [_row(vendor, found, lines) for vendor, lines in by_vendor.items()]
            return self.listed(
                RowsInMemory(wanted, rows), as_of=found.position,
                today=found.today.isoformat(), time_zone=found.zone,
            )


def _row(vendor: str, at: PurchaseLinesAt, lines: Iterable[PurchaseLineAt]) -> dict[str, Any]:
    owed, performance = owed_by(at, lines), at.performance(lines).as_json()
    percent = {
        name: value if value is None else round(value)
        for name, value in performance.items() if name.endswith("_percent")
    }
    return {
        "vendor": vendor, **owed, **performance, **percent,
        "owing": owed["open_lines"] > 0, "overdue": owed["overdue_lines"] > 0,
        "undated": owed["undated_lines"] > 0, "once_late": performance["late"] > 0,
        "once_short": performance["short"] > 0,
    }


def owed_by(at: PurchaseLinesAt, lines: Iterable[PurchaseLineAt]) -> dict[str, int]:
    """Count the purchase orders of a vendor, those of which units are to come, and such lines."""
    orders, still_open = set(), set()
    open_lines = overdue = undated = 0
    for line in lines:
        orders.add(line.purchase_order)
        if line.ordered > line.received + line.cancelled:
            still_open.add(line.purchase_order)
            open_lines += 1
            overdue += at.is_overdue(line)
            undated += line.expected_date is None
    return {
        "purchase_orders": len(orders), "open_purchase_orders": len(still_open),
        "open_lines": open_lines, "overdue_lines": overdue, "undated_lines": undated,
    }
