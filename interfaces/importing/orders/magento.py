"""Adobe Commerce's (Magento's) orders: the rows of ``sales_order_item`` with those of their order.

The grid of orders in the admin exports no items; extensions and reports on the database do, under
the names of its columns. A configurable product stands on two rows, of which the parent counts; of
a bundle the children count.
"""

from collections.abc import Iterator

from stocktrail.interfaces.importing.fields import Field
from stocktrail.interfaces.importing.orders.documents import FiledOrder
from stocktrail.interfaces.importing.orders.formats import (
    SOLD_FROM,
    OrderFormat,
    closed_by_status,
    no_doubts,
)
from stocktrail.interfaces.importing.orders.open_units import netted_off, units
from stocktrail.interfaces.importing.orders.statuses import Statuses
from stocktrail.interfaces.importing.records import Record


def _named(*names: str) -> tuple[str, ...]:
    """Return the headings of a column of an item, with and without what exports put before it."""
    return tuple(f"{before}{name}" for name in names for before in ("", "item_", "items_"))


FIELDS = (
    Field("order", "the order", (
        "increment_id", "order_increment_id", "order_number", "Order #", "order_id",
    )),
    Field("sku", "the item", (*_named("sku"), "product_sku")),
    Field("item_name", "what the item is called", _named("name", "product_name")),
    Field("quantity", "units ordered", _named("qty_ordered", "ordered_qty"), "number"),
    Field("shipped", "units shipped", _named("qty_shipped", "shipped_qty"), "number"),
    Field("cancelled", "units cancelled", _named("qty_canceled", "qty_cancelled"), "number"),
    Field("refunded", "units paid back", _named("qty_refunded", "refunded_qty"), "number"),
    Field("unit_price", "the price of one", _named("price", "base_price"), "number"),
    Field("product_type", "what kind of product it is", _named("product_type")),
    Field("item", "the id of the row", ("item_id", "order_item_id", "items_item_id")),
    Field("parent", "the row that it is a part of", _named("parent_item_id")),
    Field("status", "the status of the order", ("status", "order_status", "state")),
    Field("currency", "the currency of the prices", ("order_currency_code", "base_currency_code")),
    Field("placed", "when it was ordered", ("created_at", "Purchase Date", "order_date")),
    Field("customer", "the customer, by an id", ("customer_id",)),
    Field("email", "the customer's e-mail address", ("customer_email", "email")),
    Field("name", "the customer's name", ("customer_name", "Bill-to Name", "billing_name")),
    Field("first_name", "the customer's first name", ("customer_firstname",)),
    Field("last_name", "the customer's last name", ("customer_lastname",)),
    *SOLD_FROM,
)

STATUSES = Statuses(
    ("new", "pending", "processing", "holded", "on hold", "pending payment", "payment review",
     "pending paypal", "fraud", "suspected fraud", "partially shipped"),
    ("complete", "closed", "canceled", "cancelled", "paypal canceled reversal"),
)


def items(document: FiledOrder) -> Iterator[Record]:
    """Yield the rows that are shipped: of a configurable product the parent, of a bundle its parts.

    Without the columns ``product_type`` and ``parent_item_id`` every row is a line.
    """
    kinds = {
        record.text("item"): record.text("product_type").lower() for record in document.records
        if record.text("item")
    }
    parents = {record.text("parent") for record in document.records}
    for record in document.records:
        parent = record.text("parent")
        if parent in kinds:
            if kinds[parent] == "bundle":
                yield record
        elif not (kinds.get(record.text("item")) == "bundle" and record.text("item") in parents):
            yield record


def remaining(record: Record, _: Statuses) -> int:
    """Return the open units of a line, as Magento counts what can still be shipped.

    Paying back units that were shipped takes no more off: the larger of the two counts.
    """
    settled = max(units(record, "shipped"), units(record, "refunded"))
    return netted_off(record, settled + units(record, "cancelled"))


MAGENTO = OrderFormat(
    "Adobe Commerce's (Magento's) orders", FIELDS, [("qty_ordered",), ("item_qty_ordered",)],
    STATUSES, closed_by_status, items, remaining, no_doubts,
    "The export of the admin's grid Orders names no items. Export the rows of sales_order_item, "
    "with increment_id, sku, qty_ordered, qty_shipped, qty_canceled and qty_refunded.",
)
