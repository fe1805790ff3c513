"""Settings: every level side by side, with "use the level above", and what holds."""

from fastapi import APIRouter
from starlette.responses import Response

from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.projections.questions.setting_table import SettingTable

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)


@router.get("/view/settings")
async def settings(request: MayRead) -> Response:
    """Every setting, level by level."""
    asked = request.question_from_query(SettingTable)
    return request.respond("settings.html", await request.ask(asked.answer), title="Settings",
                        asked=asked, header=asked.header())
