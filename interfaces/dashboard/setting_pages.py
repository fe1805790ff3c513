"""Settings: every level side by side, with "use the level above", and what holds."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from stocktrail.interfaces.dashboard import csv_headers
from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.query import WholeAsked
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.projections.questions.setting_table import setting_table

router = APIRouter(route_class=DashboardRoute, include_in_schema=False)


class SettingsAsked(WholeAsked):
    """Whose settings are asked for."""

    sku: str = Field("", max_length=1000)
    pool: str = Field("", max_length=1000)
    source: str = Field("", max_length=1000)


@router.get("/view/settings")
async def settings(request: MayRead, asked: Annotated[SettingsAsked, Query()]) -> Response:
    """Every setting, level by level."""
    report = await request.ask(lambda models: setting_table(
        models, sku=asked.sku.strip() or None, pool=asked.pool or "default",
        source=asked.source or None, as_of=request.as_of,
    ))
    return request.respond("settings.html", report, title="Settings", asked=asked,
                        header=csv_headers.SETTING)
