"""The three backorder views: every open line, by item, by customer and by vendor.

"Backorder" here is any open line, of sales or purchase. Each row carries the keys (``sku``,
``order``, ``line``, ``purchase_order``, ``purchase_line``) that lead to the others'.

Rule 6.4 is the source.
"""

from collections.abc import Callable, Collection
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import Field

from stocktrail.projections.answers.backorder_views import by_customer, by_item, by_vendor
from stocktrail.projections.answers.backorder_views.filters import NO_FILTERS, Filters
from stocktrail.projections.answers.backorder_views.page import Found, read_page
from stocktrail.projections.answers.backorder_views.touched import Touched
from stocktrail.projections.answers.moment_view import MomentView, moment_view
from stocktrail.projections.answers.shapes.shape import Position, Shape
from stocktrail.projections.answers.sorted_page import Page
from stocktrail.projections.as_of.moment import resolve_day
from stocktrail.projections.models.parked_items import parked_items
from stocktrail.projections.questions.fields import (
    CustomerId,
    ItemId,
    Moment,
    PoolId,
    SourceId,
    VendorId,
    as_text,
)
from stocktrail.projections.questions.question import (
    Example,
    InPages,
    OccurredAsOf,
    Question,
    Report,
    Today,
)
from stocktrail.projections.read_models import ReadModels

View = Literal["item", "customer", "vendor"]


class BackordersReport(Shape):
    """A page of a backorder view; ``total`` counts all pages."""

    by: Literal["item", "customer", "vendor"]
    as_of: Position
    today: date
    time_zone: str = Field(description="Where the shop counts its days; today is one of them.")
    cutoff: date | None
    total: int
    rows: list[by_item.ItemRow] | list[by_customer.CustomerRow] | list[by_vendor.VendorRow]
    next: str | None
    parked: list[str] = Field(
        description="Items that cannot be folded, and are left out by item."
    )


class Backorders(InPages, OccurredAsOf, Today, Question[BackordersReport]):
    """Every open line: by item, by customer or by vendor.

    By item: what is short, what is to come, what to order or to chase. By customer: who waits for
    what until when. By vendor: what is owed, how late it is, and who waits for it.
    """

    question: ClassVar[str] = "backorders"
    address: ClassVar[str | None] = "/backorders/{by}"
    tag: ClassVar[str] = "who waits"
    example: ClassVar[Example] = {"by": "customer", "today": "2026-03-01"}

    by: View = Field(description="Which view.")
    cutoff: Moment | None = Field(
        default=None, description="Only lines due before this day; what to order, too."
    )
    item: ItemId | None = Field(default=None, description="Only this item.")
    customer: CustomerId | None = Field(
        default=None, description="Only what this customer waits for."
    )
    vendor: VendorId | None = Field(default=None, description="Only what this vendor owes.")
    pool: PoolId | None = Field(default=None, description="Only what is sold in this pool.")
    source: SourceId | None = Field(
        default=None, description="Only what this source delivers or gets."
    )
    waiting: bool = Field(default=False, description="Only where somebody waits.")
    overdue: bool = Field(default=False, description="Only what rests on overdue receipts.")
    late: bool = Field(
        default=False,
        description="Only what comes later than wanted, or lost the date that was told.",
    )
    slipped: bool = Field(default=False, description="Only what was put off.")
    uncertain: bool = Field(
        default=False, description="Only promises that rest on overdue receipts."
    )
    uncovered: bool = Field(default=False, description="Only where more must be ordered.")
    sort: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        default=None,
        description="A column of the rows, as JSON names it; - before it turns the order around.",
    )

    def day(self, models: ReadModels) -> date | None:
        """Return the day that is today, ``None`` to leave it to the moment or the clock."""
        if self.today is None and self.occurred_as_of is not None:
            return None
        return super().day(models)

    def filters(self, models: ReadModels) -> Filters:
        """Return which lines are asked for. Refuses a cutoff that is no day (``bad_moment``)."""
        cutoff = None if self.cutoff is None else as_text(self.cutoff)
        return Filters(
            item=self.item, customer=self.customer, vendor=self.vendor, pool=self.pool,
            source=self.source, waiting=self.waiting, overdue=self.overdue, late=self.late,
            slipped=self.slipped, uncertain=self.uncertain, uncovered=self.uncovered,
            cutoff=None if cutoff is None else resolve_day(models.ledger, cutoff),
        )

    def table_header(self) -> tuple[str, ...]:
        """Return the columns of the view that is asked for."""
        return tuple(VIEWS[self.by].row.model_fields)

    def answer(self, models: ReadModels) -> Report:
        """Find a page of the view; refuses an unknown pool, source, column, position or page."""
        return backorders(
            models, self.by, self.filters(models), sort=self.sort, limit=self.limit,
            after=self.after, as_of=self.position(models), today=self.day(models),
            occurred_until=self.until(models),
        )




class _View(NamedTuple):
    row: type[Shape]
    columns: Collection[str]
    default_sort: str
    found: Callable[[MomentView, Filters, Page], Found]


VIEWS: dict[View, _View] = {
    "item": _View(
        by_item.ItemRow, by_item.COLUMNS, by_item.DEFAULT_SORT, by_item.by_item
    ),
    "customer": _View(
        by_customer.CustomerRow, by_customer.COLUMNS, by_customer.DEFAULT_SORT,
        by_customer.by_customer,
    ),
    "vendor": _View(
        by_vendor.VendorRow, by_vendor.COLUMNS, by_vendor.DEFAULT_SORT, by_vendor.by_vendor
    ),
}
"""The views by name: their rows, what they are sorted by, and who puts them together."""


def backorders(
    models: ReadModels,
    by: View,
    filters: Filters = NO_FILTERS,
    *,
    sort: str | None = None,
    limit: int | None = None,
    after: str | None = None,
    as_of: int | None = None,
    today: date | None = None,
    occurred_until: int | None = None,
) -> dict[str, Any]:
    """Report the open lines by item, customer or vendor, a page at a time.

    ``total`` counts the rows of all pages. ``sort`` names a column (``-`` before it turns the order
    around); ``after`` is the ``next`` of the page before, which is ``None`` on the last one.
    ``occurred_until`` (an instant) counts only what had happened by it, also what was recorded
    later. With a ``cutoff`` only lines due before it count, in every row and column but what is
    there now (``supply``, ``allocated``, ``free``). Refuses an unknown pool, source, column or
    position (``unknown_*``), and a limit or page that cannot be (``bad_limit``, ``bad_page``).
    """
    page = _page(by, sort, limit, after)
    touched = Touched(by, filters, page)
    with moment_view(
        models, as_of, today, touched.items, occurred_until=occurred_until,
        with_orders=page.column in by_customer.ORDERED,
    ) as moment:
        filters.check(moment.settings)
        found = VIEWS[by].found(moment, filters, page)
        total = found.total if touched.total is None else touched.total
        return {
            "by": by, "as_of": moment.position, "today": moment.today.isoformat(),
            "time_zone": moment.settings.time_zone, "cutoff": filters.before,
            "total": total, "rows": found.rows, "next": found.next,
            "parked": [each.sku for each in parked_items(moment.place, moment.cursor)],
        }


def found_in(
    moment: MomentView, by: View, filters: Filters = NO_FILTERS, *, sort: str | None = None,
    limit: int | None = None, after: str | None = None, counted: bool = True,
) -> Found:
    """Find a page of a view in what stands at one moment; :func:`backorders` says the rest.

    Where it is not ``counted`` the total of the page is any number.
    """
    filters.check(moment.settings)
    page = _page(by, sort, limit, after)
    return VIEWS[by].found(moment, filters, page._replace(counted=counted))


def _page(by: View, sort: str | None, limit: int | None, after: str | None) -> Page:
    view = VIEWS[by]
    return read_page(by, view.columns, view.default_sort, sort, limit, after)

