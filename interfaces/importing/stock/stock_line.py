"""A stock line: what one row of a shop's file says of an item, whoever's format it is in.

``None`` and "" mean that the row does not say. Quantities are ten-thousandths.
"""

from typing import Literal, NamedTuple

from stocktrail.interfaces.importing.fields import Field

FIELDS = (
    Field("sku", "the item", ("sku",)),
    Field("name", "what people call it", ("name",)),
    Field("source", "where it is", ("source", "source code", "location", "warehouse")),
    Field("quantity", "what is on hand there", ("quantity", "on hand", "qty"), "number"),
    Field("status", "in_stock or out_of_stock there", ("status",)),
    Field("notify_below", "the low-stock threshold", ("notify below",), "number"),
    Field(
        "out_of_stock_threshold", "the out-of-stock threshold", ("out of stock threshold",),
        "number",
    ),
    Field("backorders", "no, allow or allow_and_notify", ("backorders",)),
    Field("manage_stock", "whether its stock is counted", ("manage stock",)),
    Field("unit", "what one unit is", ("unit",)),
    Field("decimal", "whether it is sold in fractions", ("decimal",)),
)
"""What a column can be mapped to in any format; the headings are those of a plain list."""

FIELD_NAMES = tuple(field.name for field in FIELDS)

UNNAMED = tuple(field._replace(columns=()) for field in FIELDS)
"""The same fields for a format with headings of its own: only --map makes a column one of them."""

Setting = int | str | None
"""A value of a setting, ``inherit`` where a more general one is to hold, ``None`` if not said."""


class StockLine(NamedTuple):
    """What a row says of an item. A line without a source is about the item alone."""

    row: int
    sku: str
    name: str = ""
    source: str | None = None
    quantity: int | None = None
    status: Literal["in_stock", "out_of_stock"] | None = None
    notify_below: Setting = None
    out_of_stock_threshold: Setting = None
    backorders: str | None = None
    manage_stock: str | None = None
    unit: str = ""
    decimal: bool | None = None
