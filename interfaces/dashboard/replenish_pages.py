"""Replenish: what to order by vendor, what to transfer, and one dry run of all that is ticked."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from stocktrail.commands.model import Command
from stocktrail.commands.purchasing import PlacePurchaseOrder
from stocktrail.interfaces.dashboard.group import brought_back, try_group
from stocktrail.interfaces.dashboard.new_ids import new_id
from stocktrail.interfaces.dashboard.page_access import MayCommand, MayRead
from stocktrail.interfaces.dashboard.page_request import PageRequest, Report
from stocktrail.interfaces.dashboard.rendering import counted
from stocktrail.interfaces.dashboard.replenish_form import (
    AS_PROPOSED,
    TRANSFERS,
    ReplenishForm,
    as_before,
    commands_of,
    purchases_of,
    sent_form,
    transfers_of,
)
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.projections.questions.replenishment import FACETS, Replenishment

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)

_PATH = "/view/replenishment"


@router.get(_PATH)
async def replenishment(request: MayRead) -> Response:
    """What to order by vendor, everything ticked that can be ordered."""
    asked = request.question_from_query(Replenishment)
    return _page(request, asked, await request.first_page_of(asked), AS_PROPOSED)


@router.post(_PATH)
async def try_replenishment(request: MayCommand) -> Response:
    """Do a dry run of what is ticked, or show what is wrong at its field."""
    sent = await request.form()
    before = await brought_back(request, sent)
    if before is not None:
        asked = request.question_from_query(Replenishment)
        report = await request.ask(asked.answer)
        return _page(request, asked, report, as_before(sent_form(before), report["rows"]))
    form = sent_form(sent)
    ticked = await request.service.run_in(request.service.body_threads, commands_of, form)
    if ticked.errors:
        asked = request.question_from_query(Replenishment)
        report = await request.ask(asked.answer)
        return _page(request, asked, report, form._replace(errors=ticked.errors))
    return await try_group(
        request, ticked.commands, title=_title(ticked.commands), back=request.here(),
        about="Purchase orders have the ids that they are shown with; a line without a date waits "
        "until it is confirmed.", then=_then(request, ticked.commands), sent=sent,
    )


def _title(commands: list[Command]) -> str:
    orders = [each for each in commands if isinstance(each, PlacePurchaseOrder)]
    transfers = len(commands) - len(orders)
    if len(orders) == 1 and not transfers:
        return f"Order from {orders[0].vendor}"
    parts = []
    if orders:
        parts.append(counted(len(orders), "purchase order"))
    if transfers:
        parts.append(counted(transfers, "transfer"))
    return " and ".join(parts)


def _then(request: PageRequest, commands: list[Command]) -> str:
    """Return the page that shows what was done: the order, or what is left to order."""
    if len(commands) == 1 and isinstance(commands[0], PlacePurchaseOrder):
        return request.link("/view/purchase-orders", commands[0].purchase_order)
    return request.here()


def _page(
    request: PageRequest, asked: Replenishment, report: Report, form: ReplenishForm
) -> Response:
    context: dict[str, Any] = {
        "facets": FACETS, "transfers_button": TRANSFERS, "new_id": new_id,
        "purchases": purchases_of(report["rows"]), "transfers": transfers_of(report["rows"]),
    } if request.format == "html" else {}
    return request.respond(
        "replenishment.html", report, title="Replenish", header=asked.header(), asked=asked,
        form=form, status=422 if form.errors and not request.is_by_script else 200, **context,
    )
