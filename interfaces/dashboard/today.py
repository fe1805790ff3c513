"""Today: what is short, late, slipped or low, and whether everything keeps up."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.page_request import PageRequest
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.interfaces.dashboard.webhook_pages import keeping_up
from stocktrail.ledger.instant import to_iso
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.overview import LISTS, Overview, asked_with

router = APIRouter(route_class=DashboardRoute, include_in_schema=False)

_ROWS = 8
_FIGURE = ("figure", "number", "list")


@router.get("/")
async def today(request: MayRead) -> Response:
    """Show the figures of today, each with a link to the list that it counts."""
    asked = request.question_from_query(Overview, rows=_ROWS)
    leads = _leads(request)

    def question(models: ReadModels) -> dict[str, Any]:
        found = asked.answer(models)
        figures = [
            {"figure": name, "number": number, "list": leads.get(name)}
            for name, number in found["counts"].items()
        ]
        return {**found, "figures": figures, "health": _health(models, request)}

    return request.respond(
        "today.html", await request.ask(question), title="Today", rows="figures",
        header=_FIGURE, leads=leads, shown=_ROWS,
    )


def _leads(request: PageRequest) -> dict[str, str]:
    """Return the address of the list behind each number, as of the same moment."""
    found = {
        name: request.link("/view/backorders", each.by, **asked_with(each))
        for name, each in LISTS.items()
    }
    return found | {"low_stock": request.link("/view/low-stock")}


def _health(models: ReadModels, request: PageRequest) -> dict[str, Any] | None:
    """Return the positions of read models and webhooks, which are known only for now."""
    if request.as_of is not None:
        return None
    webhooks = keeping_up(models.ledger)
    if not request.may("admin"):               # where a webhook sends to, and what came back
        kept = {"disabled_because": None, "failing": None}
        webhooks = [{**each, "fails": each["failing"] is not None, **kept} for each in webhooks]
    return {
        "status": models.status(), "webhooks": webhooks,
        "now": to_iso(models.ledger.clock()),
    }
