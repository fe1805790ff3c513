"""Backorders: every open line, by item, by customer and by vendor, under one selection."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.responses import Response

from stocktrail.interfaces.dashboard import csv_headers
from stocktrail.interfaces.dashboard.columns import BACKORDER_COLUMNS
from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.page_request import Report
from stocktrail.interfaces.dashboard.query import PageAsked, WholeAsked
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.projections import ReadModels
from stocktrail.projections.as_of.moment import resolve_day
from stocktrail.projections.questions.backlog import backlog as backlog_report
from stocktrail.projections.questions.backorder_views.filters import Filters
from stocktrail.projections.questions.backorders import VIEWS, View
from stocktrail.projections.questions.backorders import backorders as backorders_report

router = APIRouter(route_class=DashboardRoute, include_in_schema=False)

SELECTION = (
    "item", "customer", "vendor", "pool", "source", "cutoff", "waiting", "overdue", "late",
    "slipped", "uncertain", "uncovered",
)
"""What one view hands on to the next."""


ROW_NAMES = {
    "item": ("item with open lines", "items with open lines"),
    "customer": ("open order line", "open order lines"),
    "vendor": ("open purchase line", "open purchase lines"),
}
"""What the rows of each view are called, one and many."""


class BackordersAsked(PageAsked):
    """What the views are asked with; an empty field filters nothing."""

    item: str = Field("", max_length=1000)
    customer: str = Field("", max_length=1000)
    vendor: str = Field("", max_length=1000)
    pool: str = Field("", max_length=1000)
    source: str = Field("", max_length=1000)
    cutoff: str = Field("", max_length=60)
    waiting: bool = False
    overdue: bool = False
    late: bool = False
    slipped: bool = False
    uncertain: bool = False
    uncovered: bool = False
    sort: str = Field("", max_length=100)
    limit: int = Field(50, ge=1, le=1000)
    after: str = Field("", max_length=2000)

    def filters(self, models: ReadModels) -> Filters:
        """Return what the view is to show."""
        return Filters(
            item=self.item or None, customer=self.customer or None, vendor=self.vendor or None,
            pool=self.pool or None, source=self.source or None, waiting=self.waiting,
            overdue=self.overdue, late=self.late, slipped=self.slipped,
            uncertain=self.uncertain, uncovered=self.uncovered,
            cutoff=resolve_day(models.ledger, self.cutoff) if self.cutoff else None,
        )

    def selection(self) -> dict[str, object]:
        """Return what a link to another view carries."""
        return {name: getattr(self, name) for name in SELECTION}


@router.get("/view/backorders/{by}")
async def backorders(
    by: Annotated[View, Path()], request: MayRead, asked: Annotated[BackordersAsked, Query()]
) -> Response:
    """The open lines of one view."""

    async def page(limit: int, after: str | None) -> Report:
        return await request.ask(lambda models: backorders_report(
            models, by, asked.filters(models), sort=asked.sort or None, limit=limit, after=after,
            as_of=request.as_of, today=request.today, occurred_until=request.occurred_until,
        ))

    report = await request.first_page(page, asked.limit, asked.after or None)
    return request.respond(
        "backorders.html", report, title=f"Backorders by {by}", asked=asked,
        columns=BACKORDER_COLUMNS[by], sort=asked.sort or VIEWS[by].default_sort, by=by,
        header=csv_headers.BACKORDERS[by], row_names=ROW_NAMES[by],
    )


class BacklogAsked(WholeAsked):
    """What the backlog is asked with."""

    item: str = Field("", max_length=1000)
    pool: str = Field("", max_length=1000)


@router.get("/view/backlog")
async def backlog(request: MayRead, asked: Annotated[BacklogAsked, Query()]) -> Response:
    """How many units waited at the end of each day."""
    report = await request.ask(lambda models: backlog_report(
        models, sku=asked.item or None, pool=asked.pool or None, as_of=request.as_of
    ))
    return request.respond("backlog.html", report, title="Backlog over time", asked=asked,
                        header=csv_headers.BACKLOG)
