"""Events: the log itself, the latest event first, filtered, and live where the browser can."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from stocktrail.interfaces.dashboard.csv_table import header_of
from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.query import Plain
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.interfaces.service.problems import Problem
from stocktrail.ledger.catalogue import CATALOGUE
from stocktrail.ledger.store import Ledger
from stocktrail.projections.answers.narrative import event_with_sentence
from stocktrail.projections.answers.shapes.events import ToldEvent
from stocktrail.projections.questions.latest_events import LatestEvents

router = APIRouter(route_class=DashboardRoute, include_in_schema=False)

TYPES = sorted(topic.rpartition(".")[0] for topic in CATALOGUE.classes())
"""Every type of event there is."""


@router.get("/view/events")
async def events(request: MayRead) -> Response:
    """The log, the latest event first."""
    asked = request.question_from_query(LatestEvents)
    report = await request.first_page_of(asked)
    return request.respond("events.html", report, title="Events", asked=asked, types=TYPES,
                           header=asked.header())


@router.get("/view/events/{position}")
async def event(position: int, request: MayRead, _: Plain) -> Response:
    """One event with the command behind it, and what else that command recorded."""
    report = await request.service.in_thread(_event, request.service.ledger, position)
    return request.respond("event.html", report, title=f"Event {position}", rows="together",
                           header=header_of(ToldEvent))


def _event(ledger: Ledger, position: int) -> dict[str, Any]:
    found = ledger.read(position - 1, 1) if 0 < position <= 10**15 else []
    if not found:
        raise Problem(404, "unknown_position", f"There is no event at position {position}.")
    told = event_with_sentence(found[0])
    outcome = ledger.outcome(told["command_id"]) if told["command_id"] else None
    together = [told]
    if outcome is not None:
        first, last = outcome.first_position, outcome.last_position
        together = [event_with_sentence(each) for each in ledger.read(first - 1, last - first + 1)]
    return {"as_of": position, "event": told, "together": together,
            "command": outcome.body.decode() if outcome is not None else None}
