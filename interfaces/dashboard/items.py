"""Items: the grid of what is sold, searched and narrowed by facets."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.exceptions import RequestValidationError
from starlette.responses import RedirectResponse, Response

from stocktrail.interfaces.dashboard.columns import GRID_COLUMNS
from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.page_request import PageRequest
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.ledger.refusal import Refusal
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.item_grid import ItemGrid
from stocktrail.projections.questions.order import OrderStatus
from stocktrail.projections.questions.purchase_order import PurchaseOrderStatus
from stocktrail.projections.questions.question import Question
from stocktrail.projections.questions.stock import Stock

router = APIRouter(route_class=DashboardRoute, include_in_schema=False)

_PAGES_OF_IDS: tuple[tuple[str, type[Question[Any]], str], ...] = (
    ("/view/items", Stock, "sku"), ("/view/orders", OrderStatus, "order"),
    ("/view/purchase-orders", PurchaseOrderStatus, "purchase_order"),
)
"""The pages of what has an id, with the question that says whether there is such a thing."""


@router.get("/view/items")
async def items(request: MayRead) -> Response:
    """Every item: what is there, what waits, and what may still be sold."""
    asked = request.question_from_query(ItemGrid, {"limit": 50})
    report = await request.first_page_of(asked)
    return request.respond("items.html", report, title="Items", asked=asked, columns=GRID_COLUMNS,
                           header=asked.header())


@router.get("/view/find")
async def find(
    request: MayRead, q: Annotated[str, Query(max_length=20_000)] = ""
) -> Response:
    """Go to the item, order or purchase order of this id, else search the items."""
    written = q.strip()
    where = await request.ask(lambda models: _find(request, models, written)) if written else None
    return RedirectResponse(where or request.link("/view/items", q=written), 303)


def _find(request: PageRequest, models: ReadModels, written: str) -> str | None:
    for path, kind, name in _PAGES_OF_IDS:
        try:
            request.question(kind, **{name: written}).answer(models)
        except (Refusal, RequestValidationError):
            continue
        return request.link(path, written)
    return None
