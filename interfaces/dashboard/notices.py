"""Notices: what is low now, every notice there was, and what became of those sent by e-mail."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from stocktrail.feeds.questions.sent_notices import SentNotices
from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.latest_notices import LatestNotices
from stocktrail.projections.questions.low_stock import LowStockList

_E_MAILS = 50
_LOW = 20

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)


@router.get("/view/low-stock")
async def low(request: MayRead) -> Response:
    """Every low-stock notice that stands."""
    asked = request.question_from_query(LowStockList, {"limit": 100})
    report = await request.first_page_of(asked)
    return request.respond("low_stock.html", report, title="Notices of low stock",
                           header=asked.header())


@router.get("/view/notices")
async def notices(request: MayRead) -> Response:
    """Low stock that stands, and every notice, the latest first."""
    asked = request.question_from_query(LatestNotices)

    def beside(models: ReadModels) -> dict[str, Any]:
        is_now = request.as_of is None and asked.before is None
        return {
            "low_stock": request.question(LowStockList, limit=_LOW).answer(models),
            "e_mails": (
                request.question(SentNotices, limit=_E_MAILS).answer(models) if is_now else None
            ),
        }

    report = {**await request.first_page_of(asked), **await request.ask(beside)}
    return request.respond("notices.html", report, title="Notices", header=asked.header())
