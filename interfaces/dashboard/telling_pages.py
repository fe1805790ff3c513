"""To tell: whose promise is other news than they know, customer by customer, and marking them told.

What is ticked becomes one ``mark-told`` for each order, all of them one group. A tick holds what
its row said: customers were told that, also where the promise has moved since the page was made. Or
it is sent by e-mail, which says what is promised when it is sent, and marks them told by itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import orjson
from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import Response

from stocktrail.commands import MarkTold
from stocktrail.commands.model import Command
from stocktrail.commands.scripts.strict_json import BadJson, parse_json
from stocktrail.feeds.notices.due import DueNotice
from stocktrail.feeds.notices.store import NoticeStore
from stocktrail.interfaces.dashboard.group import brought_back, try_group
from stocktrail.interfaces.dashboard.group_form import nothing_chosen, unreadable
from stocktrail.interfaces.dashboard.page_access import MayCommand, MayRead
from stocktrail.interfaces.dashboard.page_request import PageRequest
from stocktrail.interfaces.dashboard.rendering import counted
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.interfaces.service.bodies import read_command
from stocktrail.interfaces.service.problems import Problem
from stocktrail.projections.questions.question import Report
from stocktrail.projections.questions.to_tell import ToTell

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)

_ROWS = 500
"""How many lines a page has: fewer than the commands that a group may hold."""

_KEPT = ("customer", "since", "late", "promise", "told")
"""What was asked for, which the page that follows asks for too."""


class Tick(NamedTuple):
    """A line that is ticked, with what its row said: a day, or ``none``."""

    customer: str
    order: str
    line: int
    told_date: str

    @classmethod
    def of(cls, row: Report) -> "Tick":
        """Return the tick of a row; of an uncertain date nobody is told."""
        certain = None if row["uncertain"] else row["promise_date"]
        return cls(row["customer"], row["order"], row["line"], certain or "none")

    def written(self) -> str:
        """Return it as the value of a checkbox."""
        return orjson.dumps(list(self)).decode()


@router.get("/view/to-tell")
async def to_tell(request: MayRead) -> Response:
    """Show who is to be told what, or was told."""
    return await _page(request, None)


async def _page(request: PageRequest, before: FormData | None) -> Response:
    """Show the page, filled in as it was ``before`` a dry run."""
    asked = request.question_from_query(ToTell, {"limit": _ROWS})
    if request.format == "html":
        asked = asked.model_copy(update={"sort": "customer"})
    report = await request.first_page_of(asked)
    mails = request.service.mails_customers and request.format == "html" and not request.is_past
    return request.respond(
        "to_tell.html", report, title="To tell", asked=asked, header=asked.header(),
        customers=by_customer(report["rows"]), ticks=asked.told == "no" and request.may_act,
        asked_for=_asked_for(request), mails=mails, before=before,
        e_mails=await _e_mails(request, report["rows"]) if mails else {},
    )


async def _e_mails(request: PageRequest, rows: Sequence[Report]) -> Mapping[str, Report]:
    """Return what became of the e-mails that were asked for, by the order."""
    orders = list(dict.fromkeys(row["order"] for row in rows))
    store = NoticeStore(request.service.ledger)
    return await request.service.in_thread(store.asked_for, orders)


def _asked_for(request: PageRequest) -> dict[str, str]:
    return {name: request.query.get(name, "") for name in _KEPT}


def by_customer(rows: Iterable[Report]) -> list[tuple[str, list[tuple[Report, str]]]]:
    """Return the rows of each customer, each with its tick."""
    return [
        (customer, [(row, Tick.of(row).written()) for row in of_customer])
        for customer, of_customer in groupby(rows, key=lambda row: str(row["customer"]))
    ]


@router.post("/view/to-tell")
async def tell(request: MayCommand) -> Response:
    """Try to mark as told what is ticked."""
    sent = await request.form()
    before = await brought_back(request, sent)
    if before is not None:
        return await _page(request, before)
    ticks = _ticks(sent)
    here = request.link("/view/to-tell", **_asked_for(request))
    if sent.get("step") == "mail":
        await _ask_for_e_mails(request, ticks)
        return request.lead_to(here)
    customers = len({tick.customer for tick in ticks})
    return await try_group(
        request, marks_of(ticks, str(sent.get("how", "")), str(sent.get("note", ""))),
        title=f"Mark {counted(customers, 'customer')} as told",
        about="What the page said is what they were told; what has moved since is to tell again.",
        back=here, then=here, sent=sent,
    )


async def _ask_for_e_mails(request: PageRequest, ticks: Sequence[Tick]) -> None:
    """Have an e-mail sent for each order that is ticked; once it is, its customer is told."""
    service = request.service
    if not service.mails_customers:
        raise Problem(422, "no_e_mail", "This shop sends its customers no e-mail: it says in "
                      "STOCKTRAIL_NOTICES_FROM from which address.")
    if not ticks:
        raise nothing_chosen()
    head = await service.in_thread(service.ledger.head)
    notices = [
        DueNotice("promise", head.position, order, customer)
        for order, customer in {tick.order: tick.customer for tick in ticks}.items()
    ]
    await service.in_thread(NoticeStore(service.ledger).ask_for, notices)


def _ticks(sent: FormData) -> list[Tick]:
    """Return what is ticked: all of it, or what is of the one customer whose button was pressed."""
    only = str(sent.get("only", ""))
    ticks = [_read_tick(str(each)) for each in sent.getlist("line")]
    return [tick for tick in ticks if only in ("", tick.customer)]


def _read_tick(text: str) -> Tick:
    try:
        customer, order, line, told = parse_json(text)
    except (BadJson, TypeError, ValueError):
        raise unreadable() from None
    if not all(isinstance(each, str) for each in (customer, order, told)):
        raise unreadable()
    return Tick(customer, order, line, told)


def marks_of(ticks: Sequence[Tick], how: str, note: str) -> list[Command]:
    """Return the commands that record what is ticked, one for each order.

    Raises a problem (422) for what is no telling.
    """
    of_order: dict[str, list[dict[str, Any]]] = {}
    for tick in ticks:
        of_order.setdefault(tick.order, []).append(
            {"line": tick.line, "told_date": tick.told_date}
        )
    said = {"note": note.strip()} if note.strip() else {}
    return [
        read_command(
            {"order": order, "lines": lines, "how": how, **said}, MarkTold.command, None
        ) for order, lines in of_order.items()
    ]
