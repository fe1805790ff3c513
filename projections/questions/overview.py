"""The overview of a day: who waits, what is late, slipped or uncovered, what is overdue or low.

Every number is the total of a list that can be asked for by itself, under the same filters and the
same today: both are answers to one question
(:func:`stocktrail.projections.questions.backorders.found_in`).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from pydantic import Field

from stocktrail.projections.answers.backorder_views.by_customer import WAITS, CustomerRow
from stocktrail.projections.answers.backorder_views.by_item import ItemRow
from stocktrail.projections.answers.backorder_views.by_vendor import VendorRow
from stocktrail.projections.answers.moment_view import MomentView, moment_view
from stocktrail.projections.answers.shapes.shape import Position, Shape
from stocktrail.projections.as_of import LedgerAsOf
from stocktrail.projections.models.open_lines import OPEN_LINE
from stocktrail.projections.questions.backorders import Backorders, View, found_in
from stocktrail.projections.questions.low_stock import LowStockRow, low_stock
from stocktrail.projections.questions.question import Question, Report, Today
from stocktrail.projections.read_models import ReadModels


class OverviewList(Shape):
    """The first rows of a list, and how many it has; ``asked`` is what its view is asked with."""

    by: View | None = None
    asked: dict[str, Any] = {}
    total: int
    rows: list[ItemRow] | list[CustomerRow] | list[VendorRow] | list[LowStockRow]


class OverviewReport(Shape):
    """What a day begins with: every number, and the lists worth looking at first."""

    as_of: Position
    today: date
    time_zone: str
    counts: dict[str, int]
    lists: dict[str, OverviewList]


class Overview(Today, Question[OverviewReport]):
    """What a day begins with: who waits, what is late, slipped, uncovered, overdue or low."""

    question: ClassVar[str] = "overview"
    address: ClassVar[str | None] = None
    is_listed: ClassVar[bool] = False

    rows: int = Field(default=1, ge=1, le=1000, description="So many rows of each list.")

    def answer(self, models: ReadModels) -> Report:
        """Count, and look up the first rows; refuses an unknown position."""
        return overview(
            models, as_of=self.position(models), today=self.day(models), rows=self.rows
        )


LISTS: Mapping[str, Backorders] = {
    "open_lines": Backorders(by="customer"),
    "lines_waiting": Backorders(by="customer", waiting=True),
    "items_short": Backorders(by="item", waiting=True, sort="-backordered"),
    "items_uncovered": Backorders(by="item", uncovered=True, sort="-uncovered"),
    "open_receipts": Backorders(by="vendor"),
    "receipts_overdue": Backorders(by="vendor", overdue=True, sort="expected_date"),
    "late_receipts": Backorders(by="vendor", late=True, waiting=True, sort="-days_late"),
    "lines_late": Backorders(by="customer", late=True, waiting=True, sort="requested_date"),
    "lines_uncertain": Backorders(by="customer", uncertain=True, sort="requested_date"),
    "lines_slipped": Backorders(by="customer", slipped=True, sort="-days_slipped"),
}
"""What an overview counts, and the question that each count is the total of.

Late receipts are those that somebody waits for; late lines those that wait; uncertain ones rest on
overdue receipts.
"""

_SHOWN = (
    "items_short", "items_uncovered", "late_receipts", "lines_late", "lines_uncertain",
    "lines_slipped",
)


def asked_with(question: Backorders) -> dict[str, bool | str]:
    """Return what a list is asked with beside its view: filters that are set, and the order.

    >>> asked_with(LISTS["items_short"])
    {'waiting': True, 'sort': '-backordered'}
    """
    return question.model_dump(exclude_unset=True, exclude={"by"})


def overview(
    models: ReadModels, *, as_of: int | None = None, today: date | None = None, rows: int = 1
) -> dict[str, Any]:
    """Report what a day begins with, now or as of a position.

    ``counts`` holds every number, ``lists`` the first ``rows`` of the lists worth looking at first,
    each with what it is asked with. Refuses a position that the log has not reached
    (``unknown_position``).
    """
    with moment_view(models, as_of, today, LedgerAsOf.open_skus) as moment:
        found = {
            name: found_in(
                moment, each.by, each.filters(models), sort=each.sort,
                limit=rows if name in _SHOWN else 1,
            ) for name, each in LISTS.items()
        }
        customers = _customers_waiting(moment)
        position, day = moment.position, moment.today.isoformat()
        zone = moment.settings.time_zone
    low = low_stock(models, limit=rows, as_of=as_of)
    return {
        "as_of": position, "today": day, "time_zone": zone,
        "counts": {
            **{name: each.total for name, each in found.items()},
            "customers_waiting": customers, "low_stock": low["total"],
        },
        "lists": {
            **{
                name: {
                    "by": LISTS[name].by, "asked": asked_with(LISTS[name]),
                    "total": found[name].total, "rows": found[name].rows,
                } for name in _SHOWN
            },
            "low_stock": {"total": low["total"], "rows": low["rows"]},
        },
    }


def _customers_waiting(moment: MomentView) -> int:
    moment.cursor.execute(
        f"SELECT COUNT(DISTINCT customer) AS found FROM {moment.place.table(OPEN_LINE).name} "
        f"WHERE {WAITS}"
    )
    return int(moment.cursor.fetchall()[0]["found"])
