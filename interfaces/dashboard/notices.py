"""Notices: what is low now, every notice there was, and what became of those sent by e-mail."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from stocktrail.feeds.notices.store import sent_notices
from stocktrail.interfaces.dashboard import csv_headers
from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.page_request import Report
from stocktrail.interfaces.dashboard.query import PageAsked
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.latest_notices import latest_notices
from stocktrail.projections.questions.low_stock import low_stock

_E_MAILS = 50
_LOW = 20

router = APIRouter(route_class=DashboardRoute, include_in_schema=False)


class NoticesAsked(PageAsked):
    """What notices are asked with."""

    before: int | None = Field(None, ge=1, le=10**15)
    limit: int = Field(100, ge=1, le=1000)


class LowStockAsked(PageAsked):
    """What low stock is asked with."""

    after: str | None = Field(None, max_length=2000)
    limit: int = Field(100, ge=1, le=1000)


@router.get("/view/low-stock")
async def low(request: MayRead, asked: Annotated[LowStockAsked, Query()]) -> Response:
    """Every low-stock notice that stands."""

    async def page(limit: int, after: str | None) -> Report:
        return await request.ask(lambda models: low_stock(
            models, limit=limit, after=after, as_of=request.as_of
        ))

    report = await request.first_page(page, asked.limit, asked.after or None)
    return request.respond(
        "low_stock.html", report, title="Notices of low stock", header=csv_headers.LOW_STOCK
    )


@router.get("/view/notices")
async def notices(request: MayRead, asked: Annotated[NoticesAsked, Query()]) -> Response:
    """Low stock that stands, and every notice, the latest first."""

    async def page(limit: int, before: int | None) -> Report:
        return await request.ask(lambda models: latest_notices(
            models, limit=limit, before=before, as_of=request.as_of
        ))

    def beside(models: ReadModels) -> dict[str, Any]:
        is_now = request.as_of is None and asked.before is None
        return {
            "low_stock": low_stock(models, limit=_LOW, as_of=request.as_of),
            "e_mails": sent_notices(models.ledger, limit=_E_MAILS) if is_now else None,
        }

    every = await request.first_page(page, asked.limit, asked.before)
    report = {**every, **await request.ask(beside)}
    return request.respond("notices.html", report, title="Notices", header=csv_headers.NOTICE)
