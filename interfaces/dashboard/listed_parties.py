"""Customers and vendors: their lists, and a page for each of them."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from stocktrail.interfaces.dashboard.columns import BACKORDER_COLUMNS, Column
from stocktrail.interfaces.dashboard.lists import ListView, list_page
from stocktrail.interfaces.dashboard.order_lists import ORDERS
from stocktrail.interfaces.dashboard.page_access import MayRead
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.customer import who_is
from stocktrail.projections.questions.customer_overview import CustomerOverview
from stocktrail.projections.questions.customers import CustomerList
from stocktrail.projections.questions.fields import CustomerId, VendorId
from stocktrail.projections.questions.orders import OrderList
from stocktrail.projections.questions.purchase_lines import PurchaseLineList
from stocktrail.projections.questions.question import Report
from stocktrail.projections.questions.vendor import VendorStatus
from stocktrail.projections.questions.vendors import VendorList

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)

_ORDERS, _LINES, _NEWS = 20, 50, 20
_ORDER_COLUMNS = [
    column for column in ORDERS.columns if column.name != "customer" and not column.hidden
]
"""What is shown of the orders of a customer."""

_OWED = (
    "purchase_order", "line", "sku", "remaining", "original_expected_date", "expected_date",
    "days_late", "waiting",
)
"""The columns of what a vendor owes."""

CUSTOMERS = ListView(
    "customers.html", "Customers", ("customer", "customers"),
    (
        Column("customer", "Customer", "customer"),
        Column("name", "Name", "name", sortable=False),
        Column("orders", "Orders", "of_customer"),
        Column("open_lines", "Open lines", "of_customer"),
        Column("waiting_lines", "Waiting", "of_customer"),
        Column("slipped_lines", "Slipped", "of_customer"),
        Column("order", "Last order", "latest_order", sortable=False),
        Column("placed_at", "Placed", "placed_if_any", sortable=False),
    ),
    "Customer or name",
)
VENDORS = ListView(
    "vendors.html", "Vendors", ("vendor", "vendors"),
    (
        Column("vendor", "Vendor", "vendor"),
        Column("open_lines", "To come", "of_vendor"),
        Column("overdue_lines", "Overdue", "of_vendor"),
        Column("due", "Were due", "of_vendor"), Column("on_time", "On time", "of_vendor"),
        Column("on_time_percent", "On time, %", "number"),
        Column("in_full", "In full", "of_vendor"),
        Column("in_full_percent", "In full, %", "number"),
        Column("on_time_in_full_percent", "Both, %", "number"),
        Column("average_days_late", "Days late", "number", sortable=False),
        Column("worst_days_late", "At worst", "number"),
        Column("late", "Late", "of_vendor", hidden=True),
        Column("short", "Short", "of_vendor", hidden=True),
        Column("on_time_in_full", "Both", "of_vendor", hidden=True),
        Column("undated_lines", "Undated", "of_vendor", hidden=True),
        Column("purchase_orders", "Purchase orders", "of_vendor", hidden=True),
    ),
    "Vendor",
)
PURCHASE_LINES = ListView(
    "purchase_lines.html", "Purchase lines", ("purchase line", "purchase lines"),
    (
        Column("purchase_order", "Purchase order", "purchase_order"),
        Column("line", "Line", "number"), Column("vendor", "Vendor", "vendor"),
        Column("sku", "Item", "sku"),
        Column("original_expected_date", "First expected", "date"),
        Column("received_date", "Came", "date"), Column("days_late", "Days late", "number"),
        Column("first_ordered", "First ordered", "number"),
        Column("received", "Received", "number"), Column("remaining", "To come", "number"),
        Column("expected_date", "Expected", "date", hidden=True),
        Column("ordered", "Ordered", "number", hidden=True),
        Column("cancelled", "Cancelled", "number", hidden=True),
        Column("slips", "Slips", "number", hidden=True),
        Column("source", "To", hidden=True),
    ),
    "Vendor, number or item",
    {"due": "Were due", "open": "Still to come", "is_cancelled": "Cancelled",
     "on_time_in_full": "On time and in full"},
)


@router.get("/view/customers")
async def customers(request: MayRead) -> Response:
    """Every customer, with their names where the sender may know them."""
    return await list_page(request, CustomerList, CUSTOMERS)


@router.get("/view/customers/{customer:id}")
async def customer(customer: CustomerId, request: MayRead) -> Response:
    """One customer: every order, what is promised, what slipped, what was told."""
    orders = request.question_from_query(
        OrderList, {"limit": _ORDERS, "sort": "-position"}, customer=customer
    )
    overview = request.question(CustomerOverview, customer=customer, limit=_LINES, news=_NEWS)
    may_know = request.may("admin")

    def answer(models: ReadModels) -> tuple[Report, Report, Report | None]:
        return (
            orders.answer(models), overview.answer(models),
            who_is(models.ledger, customer) if may_know else None,
        )

    if request.format == "csv":
        report = await request.first_page_of(orders)
        return request.respond("customer.html", report, title=customer, header=orders.header())
    listed, report, who = await request.ask(answer)
    return request.respond(
        "customer.html", {**report, "orders_listed": listed}, title=f"Customer {customer}",
        header=overview.header(), orders=orders, who=who, columns=_ORDER_COLUMNS,
    )


@router.get("/view/vendors")
async def vendors(request: MayRead) -> Response:
    """Every vendor: what it owes, and how late it was."""
    return await list_page(request, VendorList, VENDORS)


@router.get("/view/vendors/{vendor:id}")
async def vendor(
    vendor: Annotated[VendorId, Field(min_length=1)], request: MayRead
) -> Response:
    """One vendor: what it owes, who waits, and how late it was."""
    asked = request.question_from_query(VendorStatus, {"limit": _LINES}, vendor=vendor)
    report = await request.first_page_of(asked)
    return request.respond(
        "vendor.html", report, title=f"Vendor {vendor}", header=asked.header(), asked=asked,
        columns=[each for each in BACKORDER_COLUMNS["vendor"] if each.name in _OWED],
    )


@router.get("/view/purchase-lines")
async def purchase_lines(request: MayRead) -> Response:
    """Every purchase line: when it was due, when it came, and how much of it."""
    return await list_page(request, PurchaseLineList, PURCHASE_LINES)
