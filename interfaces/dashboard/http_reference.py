"""The reference of the HTTP API at ``/docs``: every address, to read and to try.

Swagger UI draws it from ``/openapi.json``. It is vendored, and needs nothing that the policy of the
pages forbids: the few images that its stylesheet holds as ``data:`` are replaced by files in ours.
Whoever may read pages may read it; what is tried there is judged like any other request.
"""

from fastapi import APIRouter
from starlette.responses import Response

from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.route import DashboardRoute

PATH = "/docs"

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)


@router.get(PATH)
async def http_reference(request: MayRead) -> Response:
    """Show every address of the API."""
    return request.render("http_reference.html", title="HTTP reference")
