"""An order and a purchase order: their lines, promises with every slip, and what happened."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.projections import ReadModels
from stocktrail.projections.answers.narrative import event_with_sentence
from stocktrail.projections.answers.promised import change_row
from stocktrail.projections.models.promise_changes import load_changes
from stocktrail.projections.questions.explain_order import ExplainOrder
from stocktrail.projections.questions.fields import OrderId, PurchaseOrderId
from stocktrail.projections.questions.order import OrderStatus
from stocktrail.projections.questions.purchase_order import PurchaseOrderStatus

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)

_EVENTS = 50


def _story(models: ReadModels, stream: str, until: int) -> list[dict[str, Any]]:
    """Return the events of a stream as sentences, the first one first."""
    return [event_with_sentence(each) for each in models.ledger.read_stream(stream, until=until)]


def _changes(models: ReadModels, order_id: str, as_of: int | None) -> list[dict[str, Any]]:
    """List what the promises of an order went through, each with its cause."""
    with models.reading() as reading:
        rows = load_changes(reading.place, reading.cursor, order_id)
    return [
        {"line": row["line"], "sku": row["sku"], **change_row(row)} for row in rows
        if as_of is None or row["position"] <= as_of
    ]


@router.get("/view/orders/{order:id}")
async def order(order: OrderId, request: MayRead) -> Response:
    """An order with its lines."""
    asked = request.question_from_query(OrderStatus, order=order)

    def question(models: ReadModels) -> dict[str, Any]:
        report = asked.answer(models)
        return report | {
            "changes": _changes(models, order, request.as_of),
            "events": _story(models, Order.stream_of(order), report["as_of"]),
        }

    report = await request.ask(question)
    return request.respond("order.html", report, title=f"Order {order}", rows=asked.table,
                           header=asked.header())


@router.get("/view/orders/{order:id}/why")
async def why(order: OrderId, request: MayRead) -> Response:
    """Why an order stands as it does."""
    last = None if request.format == "csv" else _EVENTS
    asked = request.question_from_query(ExplainOrder, {"last": last}, order=order)
    return request.respond(
        "why_order.html", await request.ask(asked.answer), title=f"Why order {order} stands so",
        rows=asked.table, header=asked.header(),
    )


@router.get("/view/purchase-orders/{purchase_order:id}")
async def purchase_order(purchase_order: PurchaseOrderId, request: MayRead) -> Response:
    """A purchase order with its lines, and who waits for them."""
    asked = request.question_from_query(PurchaseOrderStatus, purchase_order=purchase_order)

    def question(models: ReadModels) -> dict[str, Any]:
        report = asked.answer(models)
        stream = PurchaseOrder.stream_of(purchase_order)
        return report | {"events": _story(models, stream, report["as_of"])}

    report = await request.ask(question)
    return request.respond(
        "purchase_order.html", report, title=f"Purchase order {purchase_order}", rows=asked.table,
        header=asked.header(),
    )
