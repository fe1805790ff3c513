"""Explanations: why a number is what it is, from the events to the arithmetic.

An address is made of the words of the command line. Those that were served before, named like
``/orders/{order}``, go on answering; they are not described any more.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from stocktrail.interfaces.api.asked import AskedAsOf, AskedToday, ask
from stocktrail.interfaces.api.position_headers import PositionHeaderRoute
from stocktrail.interfaces.api.responses import operation
from stocktrail.interfaces.service.addresses import OrderId, Sku
from stocktrail.projections.questions.explain_order import explain_order
from stocktrail.projections.questions.explain_promise import explain_promise
from stocktrail.projections.questions.explain_stock import explain_stock
from stocktrail.projections.questions.question import InPool

router = APIRouter(prefix="/explain", tags=["explanations"], route_class=PositionHeaderRoute)

LineNumber = Annotated[int, Path(ge=1, le=1_000_000, description="The number of the line.")]


class StockExplanationAsked(AskedAsOf, InPool):
    """What an explanation of stock is asked with."""

    last: int | None = Field(
        None, ge=0, le=1_000_000, description="Only so many of the latest events."
    )


@router.get("/stock/{sku:id}", **operation("explain-stock"))
async def stock(
    request: Request, sku: Sku, asked: Annotated[StockExplanationAsked, Query()]
) -> Response:
    """Why an item's salable quantity is what it is."""
    return await ask(request, asked, lambda models: explain_stock(
        models, sku, asked.pool, asked.position(models), last=asked.last
    ))


@router.get("/order/{order:id}", **operation("explain-order"))
@router.get("/orders/{order:id}", include_in_schema=False)
async def order(
    request: Request, order: OrderId, asked: Annotated[AskedAsOf, Query()]
) -> Response:
    """Why an order stands as it does."""
    return await ask(request, asked, lambda models: explain_order(
        models, order, asked.position(models)
    ))


@router.get("/promise/{order:id}/{line}", **operation("explain-promise"))
@router.get("/orders/{order:id}/lines/{line}", include_in_schema=False)
async def promise(
    request: Request, order: OrderId, line: LineNumber, asked: Annotated[AskedToday, Query()]
) -> Response:
    """Why a line of an order is promised for its day."""
    return await ask(request, asked, lambda models: explain_promise(
        models, order, line, as_of=asked.position(models), today=asked.day(models)
    ))
