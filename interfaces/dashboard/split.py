"""Splits of an item: its units between orders as a table, with a preview while numbers change."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from fastapi import APIRouter
from starlette.responses import Response

from stocktrail.commands.orders.queue import MoveAllocation
from stocktrail.interfaces.dashboard.group import group_context
from stocktrail.interfaces.dashboard.page_access import MayCommand, MayRead
from stocktrail.interfaces.dashboard.page_request import PageRequest, Report
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.interfaces.dashboard.split_plan import (
    CannotSplit,
    OrderShare,
    moves_of,
    shares_of,
)
from stocktrail.interfaces.service.bodies import read_command
from stocktrail.interfaces.service.csv_table import header_of
from stocktrail.ledger.quantity import parse_quantity, to_text
from stocktrail.projections.answers.backorder_views.by_customer import CustomerRow
from stocktrail.projections.questions.backorders import Backorders
from stocktrail.projections.questions.fields import Sku

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)

MOST_LINES = 200
"""How many open lines can be split at a time: those that are wanted first."""

REASON = "split by hand"
_POOL = "default"


class SplitForm(NamedTuple):
    """What each order gets as it was written, why, and the error at an order."""

    texts: Mapping[str, str]
    reason: str
    errors: Mapping[str, str]


@router.get("/view/items/{sku:id}/split")
async def split(sku: Sku, request: MayRead) -> Response:
    """The open orders of an item in a pool, with what each has of its units."""
    return _page(request, await _lines(request, sku), SplitForm({}, REASON, {}))


@router.post("/view/items/{sku:id}/split")
async def try_split(sku: Sku, request: MayCommand) -> Response:
    """Try a split: who gains, who loses, and whose promise moves."""
    sent = {name: str(value) for name, value in (await request.form()).items()}
    lines = await _lines(request, sku)
    shares, pool = shares_of(lines["rows"]), sent.get("pool") or _POOL
    texts = {share.order: sent.get(f"gets-{share.order}", "").strip() for share in shares}
    reason = sent.get("reason", "").strip() or REASON
    filled = SplitForm(texts, reason, {})
    try:
        moves = moves_of(shares, _changes(shares, texts, sent))
        if not moves:
            raise CannotSplit("", "Change what an order gets.")
    except CannotSplit as error:
        return _page(request, lines, filled._replace(errors={error.order: str(error)}))
    commands = [
        read_command(
            {"sku": sku, "from_order": move.from_order, "to_order": move.to_order,
             "quantity": to_text(move.quantity), "reason": reason, "pool": pool},
            MoveAllocation.command, None,
        ) for move in moves
    ]
    here = request.link("/view/items", sku, "split", pool="" if pool == _POOL else pool)
    outcome = await group_context(
        request, commands, title=f"Split {sku} between orders", back=here, then=here,
    )
    return _page(request, lines, filled, outcome)


def _changes(
    shares: list[OrderShare], texts: Mapping[str, str], sent: Mapping[str, str]
) -> dict[str, int]:
    """Return what each order is to gain whose number was changed.

    It is counted from the number that the form showed, not from what has become of it since.
    """
    found: dict[str, int] = {}
    for share in shares:
        try:
            was = parse_quantity(sent.get(f"had-{share.order}", "0"))
            gets = parse_quantity(texts[share.order]) if texts[share.order] else was
        except ValueError as error:
            raise CannotSplit(share.order, f"What order {share.order} gets is no quantity: "
                              f"{error}.") from None
        if gets != was:
            found[share.order] = gets - was
    return found


async def _lines(request: PageRequest, sku: str) -> Report:
    asked = request.question_from_query(
        Backorders, {"pool": _POOL, "limit": MOST_LINES, "sort": "requested_date"},
        by="customer", item=sku,
    )
    return {**await request.ask(asked.answer), "sku": sku, "pool": asked.pool}


def _page(
    request: PageRequest, lines: Report, filled: SplitForm, outcome: dict[str, Any] | None = None
) -> Response:
    return request.respond(
        "split.html", lines, title=f"Split {lines['sku']} between orders",
        header=header_of(CustomerRow), shares=shares_of(lines["rows"]), filled=filled,
        outcome=outcome, status=422 if filled.errors and not request.is_by_script else 200,
    )
