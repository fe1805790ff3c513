"""Receiving and shipping: who got what of a receipt, what can ship now, and where to pick it.

What is ticked ships as one group: each order with a shipment of its own, in the order in which they
are listed, so that every unit leaves from where the pick list says.
"""

from itertools import groupby
from operator import itemgetter
from typing import Any

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import Response

from stocktrail.commands.orders.ship import ShipOrder
from stocktrail.interfaces.dashboard.code_128 import code_128
from stocktrail.interfaces.dashboard.columns import Column
from stocktrail.interfaces.dashboard.group import MOST_IN_GROUP, brought_back, try_group
from stocktrail.interfaces.dashboard.lists import ListView, list_page
from stocktrail.interfaces.dashboard.new_ids import new_id
from stocktrail.interfaces.dashboard.page_access import MayCommand, MayRead
from stocktrail.interfaces.dashboard.rendering import counted
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.interfaces.service.bodies import read_command
from stocktrail.projections.questions.fields import PurchaseOrderId, ReceiptId
from stocktrail.projections.questions.pick_list import ORDERS_AT_ONCE, PickList
from stocktrail.projections.questions.question import Report
from stocktrail.projections.questions.ready_to_ship import ReadyToShip
from stocktrail.projections.questions.receipt import ReceiptDetails

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)

_ROWS = 200
_MOST_OF_ORDER = 100
"""How much of the id of an order its shipment is named after: ids have 128 characters at most."""

_PAGE, _PICKS = "/view/ready-to-ship", "/view/pick-list"

READY = ListView(
    "ready_to_ship.html", "Ready to ship", ("order", "orders"),
    (
        Column("order", "Order", "to_ship"), Column("customer", "Customer", "customer"),
        Column("requested_date", "Requested", "date"), Column("ready", "Units ready", "number"),
        Column("remaining", "Of units", "number"),
        Column("lines_ready", "Lines ready", "number", hidden=True),
        Column("lines", "Of lines", "number", hidden=True),
        Column("priority", "Priority", "number", hidden=True), Column("pool", "Pool", hidden=True),
        Column("ship_policy", "Ships", hidden=True),
    ),
    "Order or customer", {"whole": "Ships whole", "in_part": "In part"},
)


@router.get("/view/purchase-orders/{purchase_order:id}/receipts/{receipt:id}")
async def receipt(
    purchase_order: PurchaseOrderId, receipt: ReceiptId, request: MayRead
) -> Response:
    """Who got what of a receipt."""
    asked = request.question_from_query(
        ReceiptDetails, {"limit": _ROWS}, purchase_order=purchase_order, receipt=receipt
    )
    return request.respond(
        "receipt.html", await request.first_page_of(asked), title=f"Receipt {receipt}",
        header=asked.header(),
    )


@router.get(_PAGE)
async def ready_to_ship(request: MayRead) -> Response:
    """Every order that can ship, the first to go first."""
    return await list_page(request, ReadyToShip, READY, ticked=None)


@router.post(_PAGE)
async def ship(request: MayCommand) -> Response:
    """Do a dry run of shipping the orders that are ticked, or lead to their pick list."""
    sent = await request.form()
    before = await brought_back(request, sent)
    if before is not None:
        return await list_page(request, ReadyToShip, READY, ticked=before.getlist("order"))
    asked = request.question_from_query(ReadyToShip).model_copy(
        update={"limit": MOST_IN_GROUP, "after": None}
    )
    report = await request.ask(asked.answer)
    orders = _chosen(sent, report)
    if sent.get("step") == "pick":
        at_once = max(len(orders), ORDERS_AT_ONCE)
        return request.lead_to(request.link(
            _PICKS, order=orders, limit=at_once if at_once > ORDERS_AT_ONCE else ""
        ))
    commands = [
        read_command(
            {"order": each, "shipment": new_id(each[:_MOST_OF_ORDER].strip())},
            ShipOrder.command, None,
        ) for each in orders
    ]
    here = request.here()
    return await try_group(
        request, commands, title=f"Ship {counted(len(commands), 'order')}", back=here, then=here,
        about="Each gets a shipment of its own, and leaves from where the pick list says.",
        sent=sent,
    )


def _chosen(sent: FormData, report: Report) -> list[str]:
    """Return the orders that are ticked, in the order of the list; what left it meanwhile last."""
    listed = [row["order"] for row in report["rows"]]
    if sent.get("step") == "all":
        return listed
    only = str(sent.get("only", ""))
    ticked = [only] if only else [str(each) for each in sent.getlist("order")]
    place = {order: number for number, order in enumerate(listed)}
    return sorted(dict.fromkeys(ticked), key=lambda order: place.get(order, len(place)))


@router.get(_PICKS)
async def pick_list(request: MayRead) -> Response:
    """What to pick where, to be printed and scanned."""
    asked = request.question_from_query(PickList)
    report = await request.ask(asked.answer)
    filters = asked.model_dump(
        exclude_defaults=True, include={"orders", "customer", "receipt", "purchase_order"}
    )
    chosen = {"order" if name == "orders" else name: each for name, each in filters.items()}
    return request.respond(
        "pick_list.html", report, title="Pick list", header=asked.header(), asked=asked,
        sources=_by_source(report), chosen=chosen, code=code_128,
    )


def _by_source(report: Report) -> list[dict[str, Any]]:
    """Put the picks together as they are walked: source by source, item by item."""
    return [
        {
            "source": source,
            "items": [
                {"sku": sku, "picks": (picks := list(of_item)), "name": picks[0]["name"],
                 "quantity": sum(pick["quantity"] for pick in picks)}
                for sku, of_item in groupby(rows, itemgetter("sku"))
            ],
        }
        for source, rows in groupby(report["rows"], itemgetter("source"))
    ]
