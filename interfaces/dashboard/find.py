"""The one search: what is found as a page, or, while somebody types, as a list under the box.

Whatever was found leads to a page: a shipment to its order, a receipt to its purchase order. Where
everything leads to the same one, or one thing is just what was typed, the browser goes there.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.page_request import PageRequest
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.projections.answers.search.matches import MOST_NAMES
from stocktrail.projections.questions.search import SearchEverything

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)

SHOWN_WHILE_TYPING, SHOWN_ON_PAGE = 5, 50
"""How many of each kind are shown."""

FEWEST_CHARACTERS = 2
"""While fewer are typed nothing is searched: nearly everything would be found."""


class KindOfFound(NamedTuple):
    """How a kind is named, where it leads to, and where all of the kind are listed."""

    name: str
    path: str
    leads_to: str = "key"
    of_all: str | None = None


KINDS: Mapping[str, KindOfFound] = {
    "order": KindOfFound("Orders", "/view/orders", of_all="/view/orders"),
    "purchase_order": KindOfFound(
        "Purchase orders", "/view/purchase-orders", of_all="/view/purchase-orders"
    ),
    "item": KindOfFound("Items", "/view/items", of_all="/view/items"),
    "customer": KindOfFound("Customers", "/view/customers", of_all="/view/customers"),
    "vendor": KindOfFound("Vendors", "/view/vendors", of_all="/view/vendors"),
    "shipment": KindOfFound("Shipments", "/view/orders", "belongs_to"),
    "receipt": KindOfFound("Receipts", "/view/purchase-orders", "belongs_to"),
    "event": KindOfFound("Events", "/view/events"),
}
"""What may be found, in the order in which it is shown."""


@router.get("/view/find")
async def find(request: MayRead) -> Response:
    """What has a part of a number or a name in it; the page itself where only one thing can be."""
    is_typing = request.http.headers.get("HX-Target") == "answers"
    shown = SHOWN_WHILE_TYPING if is_typing else SHOWN_ON_PAGE
    asked = request.question_from_query(SearchEverything, {"q": "", "limit": shown})
    if is_typing and len(asked.text.strip()) < FEWEST_CHARACTERS:
        return request.render("found_while_typing.html", title="", groups=[], asked=asked)
    report = await request.ask(asked.answer)
    rows = [row | {"leads_to": _address(request, row)} for row in report["rows"]]
    if request.format == "html" and not is_typing and (only := only_one(rows)):
        return RedirectResponse(only, 303)
    groups = [
        (KINDS[kind], kind in report["more"], list(some))
        for kind, some in groupby(rows, key=lambda row: row["kind"])
    ]
    return request.respond(
        "found_while_typing.html" if is_typing else "found.html", report, title="Find",
        header=SearchEverything.header(), groups=groups, asked=asked, most_names=MOST_NAMES,
    )


def _address(request: PageRequest, row: Mapping[str, Any]) -> str:
    kind = KINDS[row["kind"]]
    return request.link(kind.path, row[kind.leads_to])


def only_one(rows: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the page that is meant: the only one that is found, or that is just what was typed.

    A number is a position of the log too; that is meant only where nothing else has it.
    """
    others = [row for row in rows if row["kind"] != "event"] or rows
    for some in ([row for row in others if row["whole"]], others):
        pages = {row["leads_to"] for row in some}
        if len(pages) == 1:
            return str(pages.pop())
    return None
