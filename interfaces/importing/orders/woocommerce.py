"""WooCommerce's orders, as its exporters write them: a row a line, or several lines in a cell.

WooCommerce itself exports no lines. Its own *Customer / Order / Coupon Export*, WebToffee's *Order
Export* and *Advanced Order Export* do, under names of columns that differ. An order is open while
it is processing or on hold; refunds are counted line by line.
"""

import re
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

MOST_PACKED_COLUMNS = 100
"""How many columns ``line_item_1``, ``line_item_2`` ... are looked at."""

_SOLD_FROM = tuple(field for field in SOLD_FROM if field.name != "remaining")
_PACKED = ("line_items", *(f"line_item_{number}" for number in range(1, MOST_PACKED_COLUMNS + 1)))

FIELDS = (
    Field("order", "the order", (
        "order_number", "order_number_formatted", "Order #", "order_no", "order_id",
    )),
    Field("sku", "the item", ("item_sku", "line_item_sku", "Product SKU", "SKU")),
    Field("item_name", "what the item is called", ("item_name", "Product Name")),
    Field("quantity", "units ordered", (
        "item_quantity", "line_item_quantity", "Quantity", "Qty",
    ), "number"),
    Field("refunded", "units paid back", (
        "item_refunded_qty", "Item Refunded Quantity", "Quantity Refunded",
    ), "number"),
    Field("remaining", "units ordered less those paid back", ("Quantity (- Refund)",), "number"),
    Field("unit_price", "the price of one", ("item_price", "Item Cost"), "number"),
    Field("status", "the status of the order", ("status", "order_status")),
    Field("currency", "the currency of the prices", ("order_currency", "currency")),
    Field("placed", "when it was ordered", ("order_date", "date", "date_created")),
    Field("customer", "the customer, by an id", (
        "customer_id", "customer_user", "Customer User ID",
    )),
    Field("email", "the customer's e-mail address", (
        "billing_email", "Email (Billing)", "customer_email",
    )),
    Field("name", "the customer's name", (
        "billing_full_name", "Full Name (Billing)", "Customer Name",
    )),
    Field("first_name", "the customer's first name", (
        "billing_first_name", "First Name (Billing)",
    )),
    Field("last_name", "the customer's last name", (
        "billing_last_name", "Last Name (Billing)",
    )),
    *(Field(name, "lines of the order in one cell", (name,)) for name in _PACKED),
    *_SOLD_FROM,
)

SIGNATURES = (
    ("line_items", "billing_email"), ("line_item_1",), ("item_sku", "item_refunded_qty"),
    ("item_sku", "order_number"), ("line_item_sku",), ("Quantity (- Refund)",),
    ("Order Status", "Item Cost"), ("order_number", "payment_method_title", "sku"),
    ("order_id", "payment_method_title", "sku"), ("First Name (Billing)", "SKU"),
)

STATUSES = Statuses(
    ("processing", "on hold"),
    ("completed", "cancelled", "refunded", "failed", "pending", "pending payment", "draft",
     "checkout draft", "auto draft", "trash"),
)

_BETWEEN_ITEMS = re.compile(r"\|\||(?<!\\);(?=\s*(?:id|name|sku|product_id):)")
_BETWEEN_PARTS = re.compile(r"(?<!\\)\|")
_NAMES = {
    "sku": "sku", "name": "item_name", "quantity": "quantity", "qty": "quantity",
    "refunded_qty": "refunded", "price": "unit_price",
}


def items(document: FiledOrder) -> Iterator[Record]:
    """Yield the lines of an order: its rows, or what stands in their packed cells."""
    for record in document.records:
        cells = [text for text in map(record.text, _PACKED) if text]
        if not cells:
            yield record
        for cell in cells:
            for item in _BETWEEN_ITEMS.split(cell):
                yield record.with_texts(unpacked(item))


def unpacked(item: str) -> dict[str, str]:
    r"""Return the fields of a line that is packed into a cell.

    >>> unpacked("name:Beanie|product_id:70|sku:woo-beanie|quantity:2|total:36.00")
    {'sku': 'woo-beanie', 'quantity': '2', 'refunded': '', 'item_name': 'Beanie'}
    """
    found = {"sku": "", "quantity": "", "refunded": ""}
    for part in _BETWEEN_PARTS.split(item):
        name, _, value = part.strip().partition(":")
        if name.strip().lower() in _NAMES:
            found[_NAMES[name.strip().lower()]] = re.sub(r"\\([|;:\\])", r"\1", value).strip()
    return found


def remaining(record: Record, _: Statuses) -> int:
    """Return the units of a line that were not paid back: WooCommerce counts no shipped ones."""
    return netted_off(record, units(record, "refunded"))


WOOCOMMERCE = OrderFormat(
    "WooCommerce's orders", FIELDS, SIGNATURES, STATUSES, closed_by_status, items, remaining,
    no_doubts,
    "WooCommerce's own export of Analytics > Orders names no SKUs. Use an exporter that writes the "
    "lines, such as Customer / Order / Coupon Export or WebToffee's Order Export.",
    _PACKED,
)
