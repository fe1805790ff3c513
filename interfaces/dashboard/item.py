"""An item: its figures and why they are so, its chart, receipts, movements and settings."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.page_request import PageRequest, Report
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.interfaces.service.problems import Problem
from stocktrail.ledger.quantity import parse_quantity
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.backorders import Backorders, View
from stocktrail.projections.questions.explain_stock import ExplainStock
from stocktrail.projections.questions.fields import Sku
from stocktrail.projections.questions.flow import Flow
from stocktrail.projections.questions.movements import Movements
from stocktrail.projections.questions.promise import Promise
from stocktrail.projections.questions.setting_table import SettingTable
from stocktrail.projections.questions.stock import Stock
from stocktrail.projections.questions.stock_chart import StockChart

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)

_MOVEMENTS = 20
_LINES = 50
_EXPECTED = 200


@router.get("/view/items/{sku:id}")
async def item(sku: Sku, request: MayRead) -> Response:
    """One item in a pool; ``quantity`` is how much more is to be promised."""
    require_quantity(request.query.get("quantity", "").strip() or "1")
    promise = request.question_from_query(Promise, {"quantity": "1"}, sku=sku)
    pool = promise.pool
    movements = request.question(Movements, sku=sku, pool=pool, limit=_MOVEMENTS)
    if request.format == "csv":
        return await _movements(request, movements)

    def answer(models: ReadModels) -> dict[str, Any]:
        """Put the questions together; some are not asked by what had happened by a moment."""
        by_record = request.occurred_until is None

        def lines(by: View, sort: str) -> Report:
            """Show the open lines of the pool, and count those of all pools."""
            every, of_pool = (
                request.question(
                    Backorders, by=by, sort=sort, limit=_LINES, item=sku, pool=each
                ).answer(models) for each in (None, pool)
            )
            return of_pool | {"total_in_all_pools": every["total"]}

        return {
            **request.question(Stock, sku=sku, pool=pool).answer(models),
            "flow": (
                request.question(Flow, sku=sku, pool=pool).answer(models) if by_record else None
            ),
            "promise": promise.answer(models) if by_record else None,
            "receipts": lines("vendor", "expected_date"),
            "waiting": lines("customer", "requested_date"),
            "movements": movements.answer(models),
            "setting_table": request.question(SettingTable, sku=sku, pool=pool).answer(models),
        }

    return request.respond("item.html", await request.ask(answer), title=sku, rows="movements",
                           header=Movements.header(), most_expected=_EXPECTED)


def require_quantity(written: str) -> None:
    """Raise a problem, in words for who filled in the form, for what is no quantity above 0."""
    try:
        units = parse_quantity(written)
    except ValueError:
        units = 0
    if units <= 0:
        raise Problem(422, "bad_parameter", f"quantity: {written!r} is no quantity; write a number "
                      "above 0 with at most 4 places, such as 2.5.")


@router.get("/view/items/{sku:id}/chart")
async def chart(sku: Sku, request: MayRead) -> Response:
    """The points of an item's chart, and the same as a table."""
    asked = request.question_from_query(StockChart, sku=sku)
    return request.respond("chart.html", await request.ask(asked.answer), title=f"Stock of {sku}",
                        rows=asked.table, header=asked.header())


@router.get("/view/items/{sku:id}/why")
async def why(sku: Sku, request: MayRead) -> Response:
    """Why the figures of an item are what they are."""
    last = None if request.format == "csv" else _LINES
    asked = request.question_from_query(ExplainStock, {"last": last}, sku=sku)
    return request.respond(
        "why_stock.html", await request.ask(asked.answer), title=f"Why {sku} stands so",
        rows=asked.table, header=asked.header(),
    )


@router.get("/view/items/{sku:id}/movements")
async def movements(sku: Sku, request: MayRead) -> Response:
    """Every change of an item's units, the latest one first; without a pool those of all."""
    asked = request.question_from_query(Movements, {"limit": 100}, sku=sku)
    return await _movements(request, asked)


async def _movements(request: PageRequest, asked: Movements) -> Response:
    report = await request.first_page_of(asked)
    return request.respond("movements.html", report, title=f"Movements of {asked.sku}",
                           header=asked.header())
