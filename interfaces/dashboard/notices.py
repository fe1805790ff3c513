"""Notices: what is low now, every notice there was, and what became of those sent by e-mail."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from feeds.notices.record import sent_notices
from interfaces.dashboard import csv_headers
from interfaces.dashboard.asked import PageAsked
from interfaces.dashboard.readers import Reader
from interfaces.dashboard.visit import DashboardRoute
from projections import ReadModels
from projections.reports.latest_notices import latest_notices
from projections.reports.notices import low_stock

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
async def low(visit: Reader, asked: Annotated[LowStockAsked, Query()]) -> Response:
    """Every low-stock notice that stands."""
    report = await visit.ask(lambda models: low_stock(
        models, limit=asked.limit, after=asked.after or None, as_of=visit.as_of
    ))
    return visit.answer(
        "low_stock.html", report, title="Notices of low stock", header=csv_headers.LOW_STOCK
    )


@router.get("/view/notices")
async def notices(visit: Reader, asked: Annotated[NoticesAsked, Query()]) -> Response:
    """Low stock that stands, and every notice, the latest first."""

    def question(models: ReadModels) -> dict[str, Any]:
        every = latest_notices(
            models, limit=asked.limit, before=asked.before, as_of=visit.as_of
        )
        is_now = visit.as_of is None and asked.before is None
        return every | {
            "low_stock": low_stock(models, limit=_LOW, as_of=visit.as_of),
            "e_mails": sent_notices(models.ledger, limit=_E_MAILS)["rows"] if is_now else [],
        }

    return visit.answer(
        "notices.html", await visit.ask(question), title="Notices", header=csv_headers.NOTICE
    )
