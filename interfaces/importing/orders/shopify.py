"""Shopify's export of orders: a row a line, with what is said of the order on its first row alone.

The export says of a line whether all of it was fulfilled, none or part; not how much. Refunds it
says as an amount of the whole order. What was cancelled, voided, restocked or wholly refunded is
closed.
"""

from collections.abc import Iterator

from stocktrail.interfaces.importing.fields import Field
from stocktrail.interfaces.importing.findings import BadCell
from stocktrail.interfaces.importing.orders.documents import FiledOrder
from stocktrail.interfaces.importing.orders.formats import SOLD_FROM, OrderFormat, every_row
from stocktrail.interfaces.importing.orders.open_units import netted_off
from stocktrail.interfaces.importing.orders.statuses import Statuses, as_word
from stocktrail.interfaces.importing.records import Record
from stocktrail.interfaces.importing.remedies import NAME_NEW_COLUMN

FIELDS = (
    Field("order", "the order", ("Name",)),
    Field("sku", "the item", ("Lineitem sku",)),
    Field("item_name", "what the item is called", ("Lineitem name",)),
    Field("quantity", "units ordered", ("Lineitem quantity",), "number"),
    Field("unit_price", "the price of one", ("Lineitem price",), "number"),
    Field("line_status", "whether the line was shipped", ("Lineitem fulfillment status",)),
    Field("needs_shipping", "whether anything is shipped", ("Lineitem requires shipping",)),
    Field("status", "whether the order was shipped", ("Fulfillment Status",)),
    Field("payment", "whether the order was paid", ("Financial Status",)),
    Field("cancelled_at", "when the order was cancelled", ("Cancelled at",)),
    Field("refunded_amount", "what was paid back", ("Refunded Amount",)),
    Field("currency", "the currency of the prices", ("Currency",)),
    Field("placed", "when it was ordered", ("Created at",)),
    Field("email", "the customer's e-mail address", ("Email",)),
    Field("name", "the customer's name", ("Billing Name", "Shipping Name")),
    Field("customer", "the customer, by an id that tells nobody who it is"),
    *SOLD_FROM,
)

STATUSES = Statuses(
    ("unfulfilled", "pending", "partial", "partially fulfilled", "on hold", "scheduled",
     "in progress", "open", "request declined", "pending fulfillment"),
    ("fulfilled", "restocked", "cancelled", "removed"),
)

_PARTLY = ("partial", "partially fulfilled")


def closed_because(document: FiledOrder, statuses: Statuses) -> str | None:
    """Return why nothing of an order is to come, ``None`` where something may be."""
    if document.text("cancelled_at"):
        return "cancelled"
    payment = as_word(document.text("payment"))
    if payment in ("refunded", "voided"):
        return payment
    return document.closed_by(statuses)


def remaining(record: Record, statuses: Statuses) -> int:
    """Return the open units of a line: all or none of them; refuses to guess how many of some."""
    status = record.text("line_status")
    if not statuses.is_open(status):
        return 0
    if as_word(status) in _PARTLY and not record.text("remaining"):
        raise BadCell(
            "shipped_in_part",
            "was shipped in part, and Shopify's export does not say how many. Add a column of what "
            f"is still to be shipped, and {NAME_NEW_COLUMN.said(field='remaining')}.",
        )
    return netted_off(record, 0)


def doubts(document: FiledOrder) -> Iterator[str]:
    """Yield a sentence about an order that was refunded in part: the file names no lines."""
    if as_word(document.text("payment")) == "partially refunded":
        amount = document.text("refunded_amount")
        yield (
            f"{document.key} was refunded in part{f' ({amount})' if amount else ''}, and the "
            "export does not say which lines: all that it shows as unfulfilled is taken as open. "
            "Cancel what is not, with cancel-order."
        )


SHOPIFY = OrderFormat(
    "Shopify's orders", FIELDS, [("Lineitem quantity", "Lineitem name")], STATUSES,
    closed_because, every_row, remaining, doubts,
    "Export the orders from Shopify's page Orders; it has a column Lineitem sku.",
)
