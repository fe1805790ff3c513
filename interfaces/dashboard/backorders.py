"""Backorders: every open line, by item, by customer and by vendor, under one selection."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from stocktrail.interfaces.dashboard.columns import BACKORDER_COLUMNS
from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.projections.questions.backlog import BacklogByDay
from stocktrail.projections.questions.backorders import VIEWS, Backorders, View

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)

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


@router.get("/view/backorders/{by}")
async def backorders(by: Annotated[View, Path()], request: MayRead) -> Response:
    """The open lines of one view."""
    asked = request.question_from_query(Backorders, {"limit": 50}, by=by)
    report = await request.first_page_of(asked)
    return request.respond(
        "backorders.html", report, title=f"Backorders by {by}", asked=asked,
        selection={name: getattr(asked, name) for name in SELECTION},
        columns=BACKORDER_COLUMNS[by], sort=asked.sort or VIEWS[by].default_sort, by=by,
        header=asked.table_header(), row_names=ROW_NAMES[by],
    )


@router.get("/view/backlog")
async def backlog(request: MayRead) -> Response:
    """How many units waited at the end of each day."""
    asked = request.question_from_query(BacklogByDay)
    report = await request.ask(asked.answer)
    return request.respond("backlog.html", report, title="Backlog over time", asked=asked,
                           header=asked.header())
