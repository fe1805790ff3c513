"""Questions about stock and orders: what may be sold, what is low, what became of an order."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from stocktrail.interfaces.api.asked import (
    AskedAsOf,
    AskedOccurred,
    AskedToday,
    PagedAsked,
    Report,
    ask,
)
from stocktrail.interfaces.api.position_headers import PositionHeaderRoute
from stocktrail.interfaces.api.responses import operation
from stocktrail.interfaces.service.addresses import OrderId, PurchaseOrderId, Sku
from stocktrail.interfaces.service.service import service_of
from stocktrail.projections import ReadModels
from stocktrail.projections.as_of.moment import resolve_occurred
from stocktrail.projections.questions import availability as availability_report
from stocktrail.projections.questions import history as history_report
from stocktrail.projections.questions import low_stock as low_stock_report
from stocktrail.projections.questions import notices as notices_report
from stocktrail.projections.questions import order as order_report
from stocktrail.projections.questions import purchase_order as purchase_order_report
from stocktrail.projections.questions import stock as stock_report
from stocktrail.projections.questions import stock_list as stock_list_report
from stocktrail.projections.questions.question import InPool, OfQuantity

router = APIRouter(tags=["questions"], route_class=PositionHeaderRoute)


class StockListAsked(AskedOccurred, InPool, PagedAsked):
    """What the list of stock is asked with."""


class StockAsked(AskedOccurred, InPool):
    """What the stock of an item is asked with."""


class AvailabilityAsked(AskedAsOf, InPool, OfQuantity):
    """What availability is asked with."""


class HistoryAsked(AskedOccurred, PagedAsked):
    """What history is asked with."""

    occurred: bool = Field(
        False, description="In the order in which it happened, not in which it was recorded; then "
        "a day or a time in as_of is when it happened."
    )


class NoticesAsked(AskedAsOf, PagedAsked):
    """What lists of notices are asked with."""


@router.get("/stock", **operation("stock-list"))
async def stock_list(request: Request, asked: Annotated[StockListAsked, Query()]) -> Response:
    """What may still be sold, of every item."""
    limit = asked.rows(service_of(request))
    return await ask(request, asked, lambda models: stock_list_report.stock_list(
        models, asked.pool, asked.position(models), asked.after, limit, asked.until(models)
    ))


@router.get("/stock/{sku:id}", **operation("stock"))
async def stock(request: Request, sku: Sku, asked: Annotated[StockAsked, Query()]) -> Response:
    """What may still be sold of an item, and the numbers behind it."""
    return await ask(request, asked, lambda models: stock_report.stock(
        models, sku, asked.pool, asked.position(models), asked.until(models)
    ))


@router.get("/stock/{sku:id}/availability", **operation("availability"))
async def availability(
    request: Request, sku: Sku, asked: Annotated[AvailabilityAsked, Query()]
) -> Response:
    """Would a quantity be accepted, what would wait, and why."""
    units = asked.units()
    return await ask(request, asked, lambda models: availability_report.availability(
        models, sku, units, asked.pool, asked.position(models)
    ))


@router.get("/stock/{sku:id}/history", **operation("history"))
async def history(
    request: Request, sku: Sku, asked: Annotated[HistoryAsked, Query()]
) -> Response:
    """How the stock of an item came about, change by change."""
    limit = asked.rows(service_of(request))

    def question(models: ReadModels) -> Report:
        as_of, until = None, asked.until(models)
        by_day = asked.as_of is not None and not asked.as_of.isdigit()
        if until is None and asked.occurred and by_day:
            until = resolve_occurred(models.ledger, asked.as_of or "")
        else:
            as_of = asked.position(models)
        return history_report.history(
            models, sku, as_of, asked.occurred, until, limit=limit, after=asked.after
        )

    return await ask(request, asked, question)


@router.get("/low-stock", **operation("low-stock"))
async def low_stock(request: Request, asked: Annotated[NoticesAsked, Query()]) -> Response:
    """What is at or below its threshold now."""
    limit = asked.rows(service_of(request))
    return await ask(request, asked, lambda models: low_stock_report.low_stock(
        models, limit=limit, after=asked.after, as_of=asked.position(models)
    ))


@router.get("/notices", **operation("notices"))
async def notices(request: Request, asked: Annotated[NoticesAsked, Query()]) -> Response:
    """Every notice ever raised: of low stock, and of promises that slipped."""
    limit = asked.rows(service_of(request))
    return await ask(request, asked, lambda models: notices_report.notices(
        models, limit=limit, after=asked.after, as_of=asked.position(models)
    ))


@router.get("/orders/{order:id}", **operation("order"))
async def order(
    request: Request, order: OrderId, asked: Annotated[AskedToday, Query()]
) -> Response:
    """An order with its lines: shipped, allocated, backordered, promised."""
    return await ask(request, asked, lambda models: order_report.order(
        models, order, asked.position(models), asked.day(models)
    ))


@router.get("/purchase-orders/{purchase_order:id}", **operation("purchase-order"))
async def purchase_order(
    request: Request, purchase_order: PurchaseOrderId, asked: Annotated[AskedToday, Query()]
) -> Response:
    """A purchase order with its lines: received, late, and who waits."""
    return await ask(request, asked, lambda models: purchase_order_report.purchase_order(
        models, purchase_order, as_of=asked.position(models), today=asked.day(models)
    ))
