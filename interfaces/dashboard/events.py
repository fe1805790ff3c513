"""Events: the log itself, the latest event first, filtered, and live where the browser can."""

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.query import Plain
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.interfaces.service.csv_table import header_of
from stocktrail.interfaces.service.problems import Problem
from stocktrail.ledger.catalogue import CATALOGUE
from stocktrail.ledger.store import Ledger
from stocktrail.projections.answers.narrative import event_with_sentence
from stocktrail.projections.answers.shapes.events import ToldEvent
from stocktrail.projections.as_of.moment import today_at
from stocktrail.projections.event_search.known_actors import known_actors
from stocktrail.projections.questions.latest_events import LatestEvents

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)

ONE_DAY = timedelta(days=1)

TYPES = sorted(topic.rpartition(".")[0] for topic in CATALOGUE.classes())
"""Every type of event there is."""


@router.get("/view/events")
async def events(request: MayRead) -> Response:
    """The log, the latest event first."""
    asked = request.question_from_query(LatestEvents)
    report = await request.first_page_of(asked)
    actors = await request.ask(known_actors) if request.format == "html" else []
    today = await request.service.in_thread(today_at, request.service.ledger, request.as_of)
    return request.respond("events.html", report, title="Events", asked=asked, types=TYPES,
                           header=asked.header(), actors=actors, days=_days(asked, today))


def _days(asked: LatestEvents, today: date) -> list[tuple[str, str]]:
    """Return the days that are one click away: those around the day that is shown, and today's."""
    found = {"Today": today, "Yesterday": today - ONE_DAY}
    with suppress(ValueError, OverflowError):
        shown = date.fromisoformat(asked.since) if asked.since == asked.until else None
        if shown is not None and shown not in (today, today - ONE_DAY):
            found[f"{shown - ONE_DAY}"] = shown - ONE_DAY
            found[f"{shown}"] = shown
        if shown is not None and shown + ONE_DAY < today - ONE_DAY:
            found[f"{shown + ONE_DAY}"] = shown + ONE_DAY
    return [(name, day.isoformat()) for name, day in found.items()]


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
