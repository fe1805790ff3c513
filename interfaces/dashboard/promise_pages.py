"""Promises: when a quantity could be had, and why a line is promised for its day."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import Response

from stocktrail.interfaces.dashboard.item import require_quantity
from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.explain_promise import ExplainPromise
from stocktrail.projections.questions.fields import LineNumber, OrderId, Sku
from stocktrail.projections.questions.promise import Promise
from stocktrail.projections.questions.setting_table import SettingTable

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)

_CHANGES = 50


@router.get("/view/items/{sku:id}/promise")
async def promise(sku: Sku, request: MayRead) -> Response:
    """When a quantity of an item could be had, and what could be promised from each day on."""
    require_quantity(request.query.get("quantity", "").strip() or "1")
    asked = request.question_from_query(Promise, {"quantity": "1"}, sku=sku)

    def answer(models: ReadModels) -> dict[str, Any]:
        pools = request.question(SettingTable, sku=sku).answer(models)["pools"]
        return {**asked.answer(models), "pools": pools}

    return request.respond(
        "promise.html", await request.ask(answer), title=f"When could you have {sku}?",
        rows=asked.table, header=asked.header(),
    )


@router.get("/view/orders/{order:id}/lines/{line}/why")
async def why(
    order: OrderId, line: Annotated[LineNumber, Path()], request: MayRead
) -> Response:
    """Why a line of an order is promised for its day."""
    last = None if request.format == "csv" else _CHANGES
    asked = request.question_from_query(ExplainPromise, {"last": last}, order=order, line=line)
    return request.respond(
        "why_promise.html", await request.ask(asked.answer),
        title=f"Why line {line} of {order} is promised so", rows=asked.table,
        header=asked.header(),
    )
