"""A plain list of orders: a row a line, with columns of any names."""

from stocktrail.interfaces.importing.fields import Field
from stocktrail.interfaces.importing.orders.formats import (
    OrderFormat,
    closed_by_status,
    every_row,
    no_doubts,
)
from stocktrail.interfaces.importing.orders.open_units import netted_off, units
from stocktrail.interfaces.importing.orders.statuses import Statuses
from stocktrail.interfaces.importing.records import Record

ITEM_COLUMNS = (
    "sku", "Item", "Item no", "Item number", "Item code", "Article", "Article no",
    "Article number", "Part number", "Product code",
)
"""Headings that name an item by themselves."""

LINE_COLUMNS = ("line", "Line no", "Line number", "Pos", "Position")
"""Headings that number a line by themselves."""

QUANTITY_COLUMNS = (
    "quantity", "Ordered", "Qty", "Qty ordered", "Ordered qty", "Quantity ordered",
    "Ordered quantity", "Order qty", "Order quantity", "Quantity purchased",
)
"""Headings that say by themselves how many were ordered."""

REMAINING_COLUMNS = (
    "remaining", "Open", "Open qty", "Open quantity", "Outstanding", "Qty remaining",
    "Remaining qty", "Remaining quantity", "Quantity remaining", "Outstanding quantity",
    "Quantity to ship", "Qty to ship",
)
"""Headings that say by themselves how many are still to come."""

CANCELLED_COLUMNS = (
    "cancelled", "Canceled", "Qty cancelled", "Qty canceled", "Cancelled qty", "Canceled qty",
    "Cancelled quantity", "Canceled quantity", "Quantity cancelled", "Quantity canceled",
)
"""Headings that say by themselves how many will never come."""

FIELDS = (
    Field("order", "the order", (
        "order", "Order id", "Order no", "Order nr", "Order number", "Order #", "Sales order",
        "Sales order no", "Sales order number", "SO number",
    )),
    Field("customer", "the customer, by an id", (
        "customer", "Customer id", "Customer no", "Customer number", "Customer code", "Account",
    )),
    Field("name", "the customer's name", ("Customer name", "Buyer name")),
    Field("email", "the customer's e-mail address", (
        "E-mail", "Email", "Customer email", "Buyer email",
    )),
    Field("sku", "the item", ITEM_COLUMNS),
    Field("quantity", "units ordered", QUANTITY_COLUMNS, "number"),
    Field("shipped", "units shipped", (
        "shipped", "Qty shipped", "Shipped qty", "Shipped quantity", "Quantity shipped",
        "Delivered", "Qty delivered", "Delivered qty", "Delivered quantity", "Fulfilled",
    ), "number"),
    Field("cancelled", "units cancelled", CANCELLED_COLUMNS, "number"),
    Field("refunded", "units paid back that were not shipped", (
        "refunded", "Qty refunded", "Refunded qty", "Refunded quantity", "Quantity refunded",
        "Released",
    ), "number"),
    Field("remaining", "units that are still to be shipped", REMAINING_COLUMNS, "number"),
    Field("unit_price", "the price of one", ("Unit price", "Price"), "number"),
    Field("currency", "the currency of the prices", ("currency",)),
    Field("placed", "when it was ordered", (
        "placed", "Placed at", "Order date", "Ordered at", "Ordered on", "Created at", "Date",
    )),
    Field("requested_date", "when the line is wanted", (
        "Requested date", "Requested", "Wanted on", "Delivery date", "Due date", "Required date",
        "Requested delivery date",
    )),
    Field("line", "the number of the line in its order", LINE_COLUMNS, "number"),
    Field("status", "the status of the order", ("status", "Order status", "State")),
    Field("pool", "the pool that the order is sold from", ("pool",)),
    Field("priority", "its place in the queues, 1 is first", ("priority",), "number"),
    Field("ship_policy", "partial, or complete: only whole", ("Ship policy",)),
)

STATUSES = Statuses(
    ("open", "new", "pending", "processing", "in progress", "confirmed", "unfulfilled", "partial",
     "partially shipped", "partially fulfilled", "on hold", "backordered", "backorder", "paid"),
    ("closed", "complete", "completed", "shipped", "fulfilled", "delivered", "done", "cancelled",
     "canceled", "refunded", "returned", "void", "voided"),
)


def remaining(record: Record, _: Statuses) -> int:
    """Return the open units of a line: ordered less shipped, less cancelled, less refunded."""
    settled = sum(units(record, field) for field in ("shipped", "cancelled", "refunded"))
    return netted_off(record, settled)


PLAIN = OrderFormat(
    "a plain list of orders", FIELDS, (), STATUSES, closed_by_status, every_row, remaining,
    no_doubts,
    "",
)
