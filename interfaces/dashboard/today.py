"""Today: what is short, late, slipped or low, and whether everything keeps up."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from interfaces.dashboard import csv_headers
from interfaces.dashboard.asked import Plain
from interfaces.dashboard.readers import Reader
from interfaces.dashboard.visit import DashboardRoute
from interfaces.dashboard.webhook_pages import lags
from ledger.instant import to_iso
from projections import ReadModels
from projections.reports.backorders import Filters
from projections.reports.backorders import backorders as backorders_report
from projections.reports.notices import low_stock
from projections.reports.overview import overview

router = APIRouter(route_class=DashboardRoute, include_in_schema=False)

_ROWS = 8


@router.get("/")
async def today(visit: Reader, _: Plain) -> Response:
    """What a day begins with."""

    def question(models: ReadModels) -> dict[str, Any]:
        def view(by: Any, sort: str, **filters: Any) -> list[dict[str, Any]]:
            found = backorders_report(
                models, by, Filters(**filters), sort=sort, limit=_ROWS, as_of=visit.as_of,
                today=visit.today,
            )
            rows: list[dict[str, Any]] = found["rows"]
            return rows

        counted = overview(models, as_of=visit.as_of, today=visit.today)
        is_uncovered = counted["counts"]["items_uncovered"] > 0
        low = low_stock(models, limit=_ROWS, as_of=visit.as_of)
        return {
            **counted,
            "short": [row for row in view("item", "-backordered") if row["backordered"]],
            "uncovered": view("item", "-uncovered", uncovered=True) if is_uncovered else [],
            "late_receipts": [
                row for row in view("vendor", "-days_late", late=True) if row["days_late"]
            ],
            "oldest": [
                row for row in view("customer", "requested_date", late=True) if row["backordered"]
            ],
            "slipped": [row for row in view("customer", "-days_slipped") if row["slips"]],
            "low_stock": low["rows"],
            "status": models.status(),
            "webhooks": lags(models.ledger),
            "now": to_iso(models.ledger.clock()),
        }

    return visit.answer(
        "today.html", await visit.ask(question), title="Today", rows="short",
        header=csv_headers.BACKORDERS["item"],
    )
