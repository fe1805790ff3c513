"""An item: its figures and why they are so, its chart, receipts, movements and settings."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from interfaces.api.addresses import Sku
from interfaces.dashboard import csv_headers
from interfaces.dashboard.asked import PageAsked, WholeAsked
from interfaces.dashboard.readers import Reader
from interfaces.dashboard.visit import DashboardRoute
from projections import ReadModels
from projections.reports.backorders import Filters
from projections.reports.backorders import backorders as backorders_report
from projections.reports.explain_stock import explain_stock
from projections.reports.flow import flow
from projections.reports.history import history
from projections.reports.setting_table import setting_table
from projections.reports.stock import stock
from projections.reports.stock_chart import stock_chart

router = APIRouter(route_class=DashboardRoute, include_in_schema=False)

_MOVEMENTS = 20


class ItemAsked(WholeAsked):
    """What an item is asked with."""

    pool: str = "default"


class MovementsAsked(PageAsked):
    """What the movements of an item are asked with."""

    after: str | None = Field(None, max_length=2000)
    limit: int = Field(100, ge=1, le=1000)


@router.get("/view/items/{sku:id}")
async def item(sku: Sku, visit: Reader, asked: Annotated[ItemAsked, Query()]) -> Response:
    """One item in a pool."""
    pool = asked.pool or "default"

    def question(models: ReadModels) -> dict[str, Any]:
        as_of, today = visit.as_of, visit.today
        moves = history(models, sku, as_of, limit=_MOVEMENTS, newest_first=True)
        return {
            **stock(models, sku, pool, as_of),
            "flow": flow(models, sku, pool, as_of=as_of, today=today),
            "receipts": backorders_report(
                models, "vendor", Filters(item=sku), sort="expected_date", limit=50, as_of=as_of,
                today=today,
            )["rows"],
            "waiting": backorders_report(
                models, "customer", Filters(item=sku), sort="requested_date", limit=50,
                as_of=as_of, today=today,
            ),
            "movements": moves["rows"], "more_movements": moves["next"],
            "setting_table": setting_table(models, sku=sku, pool=pool, as_of=as_of),
        }

    report = await visit.ask(question)
    return visit.answer("item.html", report, title=sku, rows="movements",
                        header=csv_headers.MOVEMENT)


@router.get("/view/items/{sku:id}/chart")
async def chart(sku: Sku, visit: Reader, asked: Annotated[ItemAsked, Query()]) -> Response:
    """The points of an item's chart, and the same as a table."""
    report = await visit.ask(lambda models: stock_chart(
        models, sku, asked.pool or "default", as_of=visit.as_of, today=visit.today
    ))
    return visit.answer("chart.html", report, title=f"Stock of {sku}", rows="expected",
                        header=csv_headers.EXPECTED)


@router.get("/view/items/{sku:id}/why")
async def why(sku: Sku, visit: Reader, asked: Annotated[ItemAsked, Query()]) -> Response:
    """Why the figures of an item are what they are."""
    report = await visit.ask(lambda models: explain_stock(
        models, sku, asked.pool or "default", visit.as_of, last=50
    ))
    return visit.answer("why_stock.html", report, title=f"Why {sku} stands so", rows="events",
                        header=csv_headers.EVENT)


@router.get("/view/items/{sku:id}/movements")
async def movements(
    sku: Sku, visit: Reader, asked: Annotated[MovementsAsked, Query()]
) -> Response:
    """Every change of an item's units, the latest one first."""
    report = await visit.ask(lambda models: history(
        models, sku, visit.as_of, limit=asked.limit, after=asked.after or None, newest_first=True
    ))
    return visit.answer("movements.html", report, title=f"Movements of {sku}",
                        header=csv_headers.MOVEMENT)
