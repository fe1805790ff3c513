"""The lists of orders and of purchase orders."""

from fastapi import APIRouter
from starlette.responses import Response

from stocktrail.interfaces.dashboard.columns import Column
from stocktrail.interfaces.dashboard.lists import ListView, list_page
from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.projections.questions.orders import OrderList
from stocktrail.projections.questions.purchase_orders import PurchaseOrderList

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)

ORDERS = ListView(
    "orders.html", "Orders", ("order", "orders"),
    (
        Column("order", "Order", "order"), Column("customer", "Customer", "customer"),
        Column("status", "Status", "order_status"),
        Column("promise_date", "Promised", "order_promise"),
        Column("requested_date", "Requested", "date"),
        Column("remaining", "Remaining", "number"), Column("allocated", "Allocated", "number"),
        Column("backordered", "Backordered", "short"),
        Column("uncovered", "Uncovered", "short"),
        Column("ordered", "Ordered", "number", hidden=True),
        Column("shipped_units", "Shipped", "number", hidden=True),
        Column("lines", "Lines", "number", hidden=True),
        Column("pool", "Pool", hidden=True), Column("priority", "Priority", "number", hidden=True),
        Column("ship_policy", "Ships", hidden=True),
        Column("captured_amount", "Paid", "money", hidden=True),
        Column("position", "Placed", "placed"),
    ),
    "Number or customer",
    {"open": "Processing", "ready": "Ready to ship", "shipped": "Complete"},
)
PURCHASE_ORDERS = ListView(
    "purchase_orders.html", "Purchase orders", ("purchase order", "purchase orders"),
    (
        Column("purchase_order", "Purchase order", "purchase_order"),
        Column("vendor", "Vendor", "vendor"), Column("status", "Status", "status"),
        Column("expected_date", "Expected", "next_expected"),
        Column("remaining", "To come", "number"), Column("days_late", "Days late", "number"),
        Column("orders_waiting", "Orders waiting", "number"),
        Column("pegged", "Pegged", "number", hidden=True),
        Column("ordered", "Ordered", "number"), Column("received", "Received", "number"),
        Column("cancelled", "Cancelled", "number", hidden=True),
        Column("slips", "Slips", "number", hidden=True),
        Column("lines", "Lines", "number", hidden=True),
        Column("source", "To", hidden=True), Column("position", "Placed", "placed"),
    ),
    "Number or vendor",
    {"received": "Received", "undated": "Without a date"},
)


@router.get("/view/orders")
async def orders(request: MayRead) -> Response:
    """Every order: what waits, what can ship, what was promised until when."""
    return await list_page(request, OrderList, ORDERS)


@router.get("/view/purchase-orders")
async def purchase_orders(request: MayRead) -> Response:
    """Every purchase order: what is to come, and who waits for it."""
    return await list_page(request, PurchaseOrderList, PURCHASE_ORDERS)
