"""Today: what is short, late, slipped or low, and whether everything keeps up."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from stocktrail.interfaces.dashboard.first_run import first_page
from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.page_request import PageRequest
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.interfaces.dashboard.webhook_pages import keeping_up
from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.time_zone import day_in
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.overview import LISTS, Overview, asked_with

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)

_ROWS = 8
TO_DO = (
    "lines_late_untold", "items_uncovered", "items_undated", "receipts_hitting", "orders_ready",
    "items_below_level",
)
"""The numbers that ask for something to be done, the most pressing first."""

_FIGURE = ("figure", "number", "list")


@router.get("/")
async def today(request: MayRead) -> Response:
    """Show the figures of today, each with a link to the list that it counts.

    In an empty ledger the page says how to begin.
    """
    if request.head == 0 and request.format == "html":
        return await first_page(request)
    leads = _leads(request)
    found = await _overview(request, request.question_from_query(Overview, rows=_ROWS))
    figures = [
        {"figure": name, "number": number, "list": leads.get(name)}
        for name, number in found["counts"].items()
    ]
    health = None
    if request.as_of is None:
        health = await request.ask(lambda models: _health(models, request))
    report = {**found, "figures": figures, "health": health}
    return request.respond(
        "today.html", report, title="Today", rows="figures", header=_FIGURE, leads=leads,
        shown=_ROWS, to_do=[name for name in TO_DO if report["counts"].get(name)],
    )


async def _overview(request: PageRequest, asked: Overview) -> Mapping[str, Any]:
    """Return the overview: that of a position and a day is always the same, and kept a while.

    At 100,000 open lines it takes 0.3 s of a processor, of an earlier moment 0.8, and 0.3 where one
    near it was looked at (2026-11-30).
    """
    service = request.service
    position, day = request.as_of, "then"
    if position is None:
        position = service.follower.position
        day = day_in(service.ledger.clock(), request.time_zone).isoformat()
    key = f"{position}/{asked.today or day}"
    is_kept, kept = service.overviews.get(key)
    if is_kept and kept is not None:
        return kept
    found = await request.ask(asked.answer)
    if found["as_of"] == position and (request.is_past or service.follower.position == position):
        service.overviews.put(key, found)
    return found


def _leads(request: PageRequest) -> dict[str, str]:
    """Return the address of the list behind each number, as of the same moment."""
    found = {
        name: request.link("/view/backorders", each.by, **asked_with(each))
        for name, each in LISTS.items()
    }
    return found | {
        "items_uncovered": request.link("/view/replenishment", facet="uncovered"),
        "items_below_level": request.link("/view/replenishment", facet="below_level"),
        "orders_undated": request.link("/view/purchase-orders", facet="undated"),
        "orders_ready": request.link("/view/ready-to-ship"),
        "low_stock": request.link("/view/low-stock"),
        "lines_late_untold": request.link("/view/to-tell", late=True),
        "lines_to_tell": request.link("/view/to-tell"),
    }


def _health(models: ReadModels, request: PageRequest) -> dict[str, Any]:
    """Return the positions of read models and webhooks, which are known only for now."""
    webhooks = keeping_up(models.ledger)
    if not request.may("admin"):               # where a webhook sends to, and what came back
        kept = {"disabled_because": None, "failing": None}
        webhooks = [{**each, "fails": each["failing"] is not None, **kept} for each in webhooks]
    return {
        "status": models.status(), "webhooks": webhooks,
        "now": to_iso(models.ledger.clock()),
    }
