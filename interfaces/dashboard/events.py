"""Events: the log itself, the latest event first, filtered, and live where the browser can."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from stocktrail.interfaces.dashboard import csv_headers
from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.page_request import Report
from stocktrail.interfaces.dashboard.query import PageAsked, Plain
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.interfaces.service.problems import Problem
from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.catalogue import CATALOGUE
from stocktrail.ledger.spelling import composed
from stocktrail.ledger.store import Ledger
from stocktrail.projections.questions.narrative import event_with_sentence

router = APIRouter(route_class=DashboardRoute, include_in_schema=False)

MOST_LOOKED_AT = 5_000
"""How many events one page looks at for those that were asked for."""

TYPES = sorted(CATALOGUE.names())
"""Every type of event there is."""

_AT_ONCE = 1000


class EventsAsked(PageAsked):
    """Which events are asked for: of a type, of a stream or of streams that begin so (``*``)."""

    type: str = Field("", max_length=200)
    stream: str = Field("", max_length=1000)
    before: int | None = Field(None, ge=1, le=10**15)
    above: int = Field(0, ge=0, le=10**15)
    limit: int = Field(50, ge=1, le=1000)

    def wants(self, recorded: RecordedEvent) -> bool:
        """Return whether an event is asked for."""
        if self.type and type(recorded.payload).__name__ != self.type:
            return False
        stream, wanted = composed(str(recorded.originator_id)), composed(self.stream)
        if wanted.endswith("*"):
            return stream.startswith(wanted[:-1])
        return not wanted or stream == wanted


def latest_events(ledger: Ledger, asked: EventsAsked, until: int) -> dict[str, Any]:
    """Return the latest events that are asked for, up to a position, the last one first.

    ``next`` is what to give as ``before`` for the following page; the log is looked at for no more
    than so many events at a time, so a page may have fewer rows and still go on.
    """
    stop = min(until, until if asked.before is None else asked.before - 1)
    rows: list[dict[str, Any]] = []
    looked, at = 0, stop
    while at > asked.above and len(rows) < asked.limit and looked < MOST_LOOKED_AT:
        begin = max(at - _AT_ONCE, asked.above)
        for recorded in reversed(ledger.read(begin, at - begin)):
            at = recorded.position - 1
            looked += 1
            if asked.wants(recorded):
                rows.append(event_with_sentence(recorded))
                if len(rows) == asked.limit:
                    break
        else:
            at = begin
    return {"as_of": until, "rows": rows, "next": at + 1 if at > asked.above else None}


@router.get("/view/events")
async def events(request: MayRead, asked: Annotated[EventsAsked, Query()]) -> Response:
    """The log, the latest event first."""
    until = (request.head or 0) if request.as_of is None else request.as_of

    async def page(limit: int, before: int | None) -> Report:
        wanted = asked.model_copy(update={"limit": limit, "before": before})
        return await request.service.in_thread(latest_events, request.service.ledger, wanted, until)

    report = await request.first_page(page, asked.limit, asked.before)
    return request.respond("events.html", report, title="Events", asked=asked, types=TYPES,
                        header=csv_headers.EVENT)


@router.get("/view/events/{position}")
async def event(position: int, request: MayRead, _: Plain) -> Response:
    """One event with the command behind it, and what else that command recorded."""
    report = await request.service.in_thread(_event, request.service.ledger, position)
    return request.respond("event.html", report, title=f"Event {position}", rows="together",
                        header=csv_headers.EVENT)


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
