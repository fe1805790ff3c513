"""Compare: what changed between two moments, and by which events."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.interfaces.service.problems import Problem
from stocktrail.ledger.refusal import Refusal
from stocktrail.projections import ReadModels
from stocktrail.projections.as_of.moment import resolve_as_of, today_at
from stocktrail.projections.questions.diff import Difference, difference
from stocktrail.projections.questions.hindsight import Hindsight

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)

MOST_EVENTS = 5_000
"""How many events may lie between two moments that a page compares."""

MOST_SHOWN = 100
"""How many rows of each table the page shows; CSV has all."""


@router.get("/view/compare")
async def compare(request: MayRead) -> Response:
    """What changed from one moment to another; without any, from yesterday until now."""
    written = {name: request.query.get(name, "").strip() for name in ("from", "to")}
    asked = request.question_from_query(Difference, {"from": "0"})

    def question(models: ReadModels) -> dict[str, Any]:
        ledger = models.ledger
        today = today_at(ledger, request.as_of)
        begins = written["from"] or (today - timedelta(days=1)).isoformat()
        start = resolve_as_of(ledger, begins)
        if written["to"]:
            stop = resolve_as_of(ledger, written["to"])
        else:
            stop = (request.head or 0) if request.as_of is None else request.as_of
        between = abs(stop - start)
        found = (
            difference(models, start, stop) if between <= MOST_EVENTS else _nothing(start, stop)
        )
        rows = list(asked.table_rows(found))
        for row in found["orders"]:
            row["lines_placed"] = sum(name.endswith(" ordered") for name in row["changes"])
        return {
            **found, "rows": rows, "total": len(rows), "written": {**written, "from": begins},
            "too_many": between > MOST_EVENTS, "today": today.isoformat(),
            "week_ago": (today - timedelta(days=7)).isoformat(),
            "yesterday": (today - timedelta(days=1)).isoformat(),
        }

    report = await request.ask(question)
    if report["too_many"] and request.format != "html":
        raise Problem(
            422, "too_far_apart", f"{report['events']} events lie between these moments; at most "
            f"{MOST_EVENTS} are compared here. `stocktrail diff` compares any two.",
        )
    return request.respond("compare.html", report, title="Compare", header=asked.table_header(),
                           most_shown=MOST_SHOWN, most_events=MOST_EVENTS)


@router.get("/view/compare/hindsight")
async def hindsight(request: MayRead) -> Response:
    """What was known of stock at a moment, beside what had happened by it."""
    def yesterday() -> str:
        day = today_at(request.service.ledger, request.as_of) - timedelta(days=1)
        return day.isoformat()

    begins = request.query.get("as_of", "").strip() or await request.service.in_thread(yesterday)
    asked = request.question_from_query(Hindsight, {"moment": begins, "limit": MOST_SHOWN})
    try:
        report = await request.first_page_of(asked)
    except Refusal as refusal:
        if refusal.code != "too_many_events" or request.format != "html":
            raise
        return request.render(
            "hindsight.html", title="Hindsight", report=None, asked=asked, refused=refusal.message
        )
    return request.respond("hindsight.html", report, title="Hindsight", header=asked.header(),
                           asked=asked)


def _nothing(start: int, stop: int) -> dict[str, Any]:
    empty: list[Any] = []
    return {"from": start, "to": stop, "events": abs(stop - start), "stock": empty,
            "orders": empty, "backorders": empty, "settings": empty}
