"""The shapes of answers about who waits."""

from datetime import date
from typing import Literal

from pydantic import Field

from stocktrail.interfaces.api.shapes.orders import WaitingReport
from stocktrail.interfaces.api.shapes.shape import Number, Position, Shape
from stocktrail.interfaces.api.shapes.stock import OverdueReceiptReport, RefusalReport
from stocktrail.ledger.pegging import Blocked


class Expedite(Shape):
    """A purchase line to chase, because it comes too late for who waits."""

    purchase_order: str
    purchase_line: int
    expected_date: date
    overdue: bool
    days_late: int
    quantity: Number


class ItemRow(Shape):
    """An item: what is short, what is to come, what to order or to chase."""

    sku: str
    name: str | None
    supply: Number
    allocated: Number
    free: Number
    safety_stock: Number
    open_demand: Number
    backordered: Number
    sales_orders_waiting: int
    customers_waiting: int
    oldest_requested_date: date | None
    first_promise_date: date | None
    last_promise_date: date | None
    open_supply: Number
    next_receipt_date: date | None
    next_receipt_quantity: Number | None
    next_receipt_purchase_order: str | None
    next_receipt_purchase_line: int | None
    overdue_supply: Number
    undated_supply: Number
    blocked_supply: Number
    uncovered: Number
    suggested_order_quantity: Number
    first_promise_uncertain: bool
    last_promise_uncertain: bool
    uncertain: bool
    overdue_receipts: list[OverdueReceiptReport]
    expedite: list[Expedite]


class PegReport(Shape):
    """Units that wait for a purchase line."""

    purchase_order: str
    purchase_line: int
    quantity: Number
    ready_date: date
    uncertain: bool


class CustomerRow(Shape):
    """An open order line: what it waits for, and until when."""

    customer: str
    order: str
    line: int
    sku: str
    pool: str
    ordered: Number
    shipped: Number
    cancelled: Number
    released: Number
    remaining: Number
    allocated: Number
    backordered: Number
    uncovered: Number
    priority: int
    ship_policy: Literal["partial", "complete"]
    requested_date: date
    promise_date: date | None
    ready_date: date | None
    uncertain: bool
    overdue_receipts: list[OverdueReceiptReport]
    late: bool
    slips: int
    days_slipped: int
    lost: bool
    pegged_to: list[PegReport]
    age_days: int


class VendorRow(Shape):
    """An open purchase line: how late it is, and who waits for it."""

    vendor: str
    purchase_order: str
    line: int
    sku: str
    destination: str
    ordered: Number
    received: Number
    cancelled: Number
    remaining: Number
    original_expected_date: date | None
    expected_date: date | None
    counted_on: date | None
    overdue: bool
    undated: bool
    blocked: Blocked | None
    days_late: int
    slips: int
    confirmed: bool
    pegged: Number
    free: Number
    waiting: list[WaitingReport]


class BackordersReport(Shape):
    """A page of a backorder view; ``total`` counts all pages."""

    by: Literal["item", "customer", "vendor"]
    as_of: Position
    today: date
    time_zone: str = Field(description="Where the shop counts its days; today is one of them.")
    cutoff: date | None
    total: int
    rows: list[ItemRow] | list[CustomerRow] | list[VendorRow]
    next: str | None
    parked: list[str] = Field(
        description="Items that cannot be folded, and are left out by item."
    )


class FlowRow(Shape):
    """A future transaction, and the balance after it.

    Undated receipts stand last, and blocked ones move no balance.
    """

    date: str | None
    quantity: Number
    balance: Number
    kind: Literal["sales_line", "purchase_line"]
    order: str | None = None
    line: int | None = None
    customer: str | None = None
    requested_date: str | None = None
    promise_date: str | None = None
    uncertain: bool | None = None
    overdue_receipts: list[OverdueReceiptReport] | None = None
    allocated: Number | None = None
    backordered: Number | None = None
    purchase_order: str | None = None
    purchase_line: int | None = None
    vendor: str | None = None
    expected_date: str | None = None
    overdue: bool | None = None
    blocked: Blocked | None = None


class FlowReport(Shape):
    """What is still to come and to go of an item."""

    sku: str
    name: str | None
    pool: str
    as_of: Position
    today: date
    supply: Number
    rows: list[FlowRow]


class PromiseStep(Shape):
    """What can be promised from a day on."""

    date: str
    projected: Number
    signed: Number
    available_to_promise: Number
    free: Number
    salable_quantity: Number


class PromiseReport(Shape):
    """The first day on which a quantity can be both sold and shipped, and whether it is sold now.

    ``uncertain`` says that the day rests on a receipt that is overdue.
    """

    sku: str
    pool: str
    quantity: Number
    as_of: Position
    today: date
    first_date: date | None
    uncertain: bool
    overdue_receipts: list[OverdueReceiptReport]
    accepted_now: bool
    orderable_from: date | None
    refusals: list[RefusalReport]
    supply: Number
    steps: list[PromiseStep]
