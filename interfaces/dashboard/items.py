"""Items: the grid of what is sold, searched and narrowed by facets."""

from fastapi import APIRouter
from starlette.responses import Response

from stocktrail.interfaces.dashboard.columns import Column
from stocktrail.interfaces.dashboard.lists import ListView, list_page
from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.projections.questions.products import ItemGrid

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)

ITEMS = ListView(
    "items.html", "Items", ("item", "items"),
    (
        Column("sku", "Item", "sku"), Column("name", "Name", "name"),
        Column("on_hand", "On hand", "on_hand"), Column("allocated", "Allocated", "number"),
        Column("demand", "Demand", "number"), Column("backordered", "Backordered", "short"),
        Column("available", "Available", "number"),
        Column("salable_quantity", "Salable", "salable"), Column("message", "Message", "words"),
        Column("low_stock", "Notice", "low"), Column("unit", "Unit", "words", hidden=True),
    ),
    "SKU or name",
)


@router.get("/view/items")
async def items(request: MayRead) -> Response:
    """Every item: what is there, what waits, and what may still be sold."""
    return await list_page(request, ItemGrid, ITEMS)
