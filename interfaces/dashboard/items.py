"""Items: the grid of what is sold, searched and narrowed by facets."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import RedirectResponse, Response

from stocktrail.interfaces.dashboard import csv_headers
from stocktrail.interfaces.dashboard.columns import GRID_COLUMNS
from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.page_request import PageRequest, Report
from stocktrail.interfaces.dashboard.query import PageAsked
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.ledger.refusal import Refusal
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.item_grid import GridAsked, item_grid
from stocktrail.projections.questions.order import order
from stocktrail.projections.questions.purchase_order import purchase_order
from stocktrail.projections.questions.stock import stock

router = APIRouter(route_class=DashboardRoute, include_in_schema=False)


class ItemsAsked(PageAsked):
    """What the grid is asked with."""

    q: str = Field("", max_length=20_000)
    pool: str = "default"
    facet: list[str] = []
    sort: str = "sku"
    limit: int = Field(50, ge=1, le=1000)
    after: str | None = Field(None, max_length=2000)


@router.get("/view/items")
async def items(request: MayRead, asked: Annotated[ItemsAsked, Query()]) -> Response:
    """Every item: what is there, what waits, and what may still be sold."""
    grid = GridAsked(asked.pool or "default", asked.q.strip(), asked.facet, asked.sort or "sku")

    async def page(limit: int, after: str | None) -> Report:
        return await request.ask(lambda models: item_grid(
            models, grid, as_of=request.as_of, limit=limit, after=after
        ))

    report = await request.first_page(page, asked.limit, asked.after or None)
    return request.respond("items.html", report, title="Items", asked=asked, columns=GRID_COLUMNS,
                        header=csv_headers.ITEM)


@router.get("/view/find")
async def find(
    request: MayRead, q: Annotated[str, Query(max_length=20_000)] = ""
) -> Response:
    """Go to the item, order or purchase order of this id, else search the items."""
    written = q.strip()
    where = await request.ask(lambda models: _find(request, models, written)) if written else None
    return RedirectResponse(where or request.link("/view/items", q=written), 303)


def _find(request: PageRequest, models: ReadModels, written: str) -> str | None:
    kinds: tuple[tuple[str, Callable[[], object]], ...] = (
        ("/view/items", lambda: stock(models, written, as_of=request.as_of)),
        ("/view/orders", lambda: order(models, written, request.as_of)),
        ("/view/purchase-orders", lambda: purchase_order(models, written, as_of=request.as_of)),
    )
    for path, known in kinds:
        try:
            known()
        except Refusal:
            continue
        return request.link(path, written)
    return None
