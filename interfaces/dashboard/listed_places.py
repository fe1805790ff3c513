"""Sources and pools, and every value that is set: the lists of how a shop is set up."""

from fastapi import APIRouter
from starlette.responses import Response

from stocktrail.interfaces.dashboard.columns import Column
from stocktrail.interfaces.dashboard.lists import ListView, list_page
from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.projections.questions.pools import PoolList
from stocktrail.projections.questions.settings_list import SettingList
from stocktrail.projections.questions.sources import SourceList

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)

SOURCES = ListView(
    "sources.html", "Sources", ("source", "sources"),
    (
        Column("source", "Source"), Column("name", "Name", "name"),
        Column("pools", "Pools", "names", sortable=False),
        Column("items_there", "Items there", "number"),
        Column("lines_to_come", "Lines to come", "of_source"),
        Column("enabled", "Enabled", "yes_or_no", sortable=False),
    ),
    "Source or name",
)
POOLS = ListView(
    "pools.html", "Pools", ("pool", "pools"),
    (
        Column("pool", "Pool", "pool"), Column("name", "Name", "name"),
        Column("sources", "Sources", "names", sortable=False),
        Column("items_backordered", "Items backordered", "of_pool"),
        Column("items_low", "Items low", "of_pool"),
    ),
    "Pool or name",
    {"backordered": "With backorders", "low_stock": "With low stock"},
)
SETTINGS = ListView(
    "set_values.html", "Values that are set", ("value that is set", "values that are set"),
    (
        Column("setting", "Setting", "words"),
        Column("value", "Value", "number", sortable=False), Column("sku", "Item", "set_for_item"),
        Column("pool", "Pool"), Column("source", "Source"), Column("level", "Level", "words"),
    ),
    "Setting, item, pool or source",
)


@router.get("/view/sources")
async def sources(request: MayRead) -> Response:
    """Every source: what it has, is to get, and which pools it serves."""
    return await list_page(request, SourceList, SOURCES)


@router.get("/view/pools")
async def pools(request: MayRead) -> Response:
    """Every pool: which sources it sells from, what is short in it and low."""
    return await list_page(request, PoolList, POOLS)


@router.get("/view/settings/values")
async def set_values(request: MayRead) -> Response:
    """Every value that a level sets: of everything, a pool, a source or an item."""
    return await list_page(request, SettingList, SETTINGS)
