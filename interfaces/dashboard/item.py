"""An item: its figures and why they are so, its chart, receipts, movements and settings."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from stocktrail.interfaces.dashboard import csv_headers
from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.page_request import PageRequest, Report
from stocktrail.interfaces.dashboard.query import PageAsked, WholeAsked
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.interfaces.service.addresses import Sku
from stocktrail.interfaces.service.problems import Problem
from stocktrail.ledger.quantity import parse_quantity
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.backorder_views.filters import Filters
from stocktrail.projections.questions.backorders import View
from stocktrail.projections.questions.backorders import backorders as backorders_report
from stocktrail.projections.questions.explain_stock import explain_stock
from stocktrail.projections.questions.flow import flow
from stocktrail.projections.questions.history import history
from stocktrail.projections.questions.promise import promise
from stocktrail.projections.questions.setting_table import setting_table
from stocktrail.projections.questions.stock import stock
from stocktrail.projections.questions.stock_chart import stock_chart

router = APIRouter(route_class=DashboardRoute, include_in_schema=False)

_MOVEMENTS = 20
_LINES = 50
_EXPECTED = 200


class InPoolAsked(WholeAsked):
    """What is asked of an item in a pool."""

    pool: str = "default"


class ItemAsked(InPoolAsked):
    """What an item is asked with; ``quantity`` is how much more is to be promised."""

    quantity: Annotated[str, Field(max_length=30)] = "1"

    def units(self) -> int:
        """Return the quantity in ten-thousandths. Raises a problem when it is none above 0."""
        try:
            units = parse_quantity(self.quantity.strip() or "1")
        except ValueError:
            units = 0
        if units <= 0:
            raise Problem(422, "bad_parameter", f"quantity: {self.quantity!r} is no quantity; "
                          "write a number above 0 with at most 4 places, such as 2.5.")
        return units


class MovementsAsked(PageAsked):
    """What the movements of an item are asked with; without a pool they are those of all."""

    pool: str = ""
    after: str | None = Field(None, max_length=2000)
    limit: int = Field(100, ge=1, le=1000)


@router.get("/view/items/{sku:id}")
async def item(sku: Sku, request: MayRead, asked: Annotated[ItemAsked, Query()]) -> Response:
    """One item in a pool."""
    pool = asked.pool or "default"
    units = asked.units()
    if request.format == "csv":
        return await _movements(request, sku, pool, _MOVEMENTS, None)

    def question(models: ReadModels) -> dict[str, Any]:
        as_of, today, until = request.as_of, request.today, request.occurred_until
        by_record = until is None

        def view(by: View, sort: str) -> Report:
            """Show the lines of the pool, and count those of all pools."""
            every, of_pool = (
                backorders_report(
                    models, by, filters, sort=sort, limit=_LINES, as_of=as_of, today=today,
                    occurred_until=until,
                ) for filters in (Filters(item=sku), Filters(item=sku, pool=pool))
            )
            return of_pool | {"total_in_all_pools": every["total"]}

        return {
            **stock(models, sku, pool, as_of, until),
            "flow": flow(models, sku, pool, as_of=as_of, today=today) if by_record else None,
            "promise": promise(
                models, sku, units, pool, as_of=as_of, today=today
            ) if by_record else None,
            "receipts": view("vendor", "expected_date"),
            "waiting": view("customer", "requested_date"),
            "movements": history(
                models, sku, as_of, occurred_until=until, pool=pool, limit=_MOVEMENTS,
                newest_first=by_record,
            ),
            "setting_table": setting_table(models, sku=sku, pool=pool, as_of=as_of),
        }

    return request.respond("item.html", await request.ask(question), title=sku, rows="movements",
                        header=csv_headers.MOVEMENT, most_expected=_EXPECTED)


@router.get("/view/items/{sku:id}/chart")
async def chart(sku: Sku, request: MayRead, asked: Annotated[InPoolAsked, Query()]) -> Response:
    """The points of an item's chart, and the same as a table."""
    report = await request.ask(lambda models: stock_chart(
        models, sku, asked.pool or "default", as_of=request.as_of, today=request.today
    ))
    return request.respond("chart.html", report, title=f"Stock of {sku}", rows="expected",
                        header=csv_headers.EXPECTED)


@router.get("/view/items/{sku:id}/why")
async def why(sku: Sku, request: MayRead, asked: Annotated[InPoolAsked, Query()]) -> Response:
    """Why the figures of an item are what they are."""
    last = None if request.format == "csv" else _LINES
    report = await request.ask(lambda models: explain_stock(
        models, sku, asked.pool or "default", request.as_of, last=last
    ))
    return request.respond("why_stock.html", report, title=f"Why {sku} stands so", rows="events",
                        header=csv_headers.EVENT)


@router.get("/view/items/{sku:id}/movements")
async def movements(
    sku: Sku, request: MayRead, asked: Annotated[MovementsAsked, Query()]
) -> Response:
    """Every change of an item's units, the latest one first."""
    return await _movements(request, sku, asked.pool or None, asked.limit, asked.after or None)


async def _movements(
    request: PageRequest, sku: str, pool: str | None, most: int, begin: str | None
) -> Response:
    async def page(limit: int, after: str | None) -> Report:
        return await request.ask(lambda models: history(
            models, sku, request.as_of, occurred_until=request.occurred_until, pool=pool,
            limit=limit, after=after, newest_first=request.occurred_until is None,
        ))

    report = await request.first_page(page, most, begin)
    return request.respond("movements.html", report, title=f"Movements of {sku}",
                        header=csv_headers.MOVEMENT)
