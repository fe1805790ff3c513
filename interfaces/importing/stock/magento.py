"""Adobe Commerce's (Magento's) files: ``stock_sources.csv``, and the export of products.

A value with ``use_config_...`` 1 is not the product's own: what is more general holds. A row with a
store view repeats a product in other words.
"""

from collections.abc import Iterator
from typing import TypeVar

from stocktrail.interfaces.importing.fields import Field, comparable
from stocktrail.interfaces.importing.findings import Findings
from stocktrail.interfaces.importing.header import Layout
from stocktrail.interfaces.importing.numbers import DecimalMark
from stocktrail.interfaces.importing.records import Record, records_of
from stocktrail.interfaces.importing.stock.reading import (
    STATUSES,
    Status,
    mapped_of,
    quantity_of,
    sku_of,
    with_mapped,
    without_sku,
)
from stocktrail.interfaces.importing.stock.stock_line import UNNAMED, StockLine

Value = TypeVar("Value", int, str)

_HEADINGS = {"sku": ("sku",), "name": ("name",), "source": ("source_code", "source_id")}

FIELDS = (
    *(field._replace(columns=_HEADINGS.get(field.name, ())) for field in UNNAMED),
    Field("source_status", "whether it is in stock there", ("status",)),
    Field("source_quantity", "what is there", ("quantity",), "number"),
    Field("product_type", "what kind of product", ("product_type", "type")),
    Field("store_view", "in whose words the row is", ("store_view_code", "store")),
    Field("qty", "what is there", ("qty",), "number"),
    Field("in_stock", "whether it can be bought", ("is_in_stock",)),
    Field("min_qty", "the out-of-stock threshold", ("out_of_stock_qty", "min_qty"), "number"),
    Field("use_config_min_qty", "not its own", ("use_config_min_qty",)),
    Field("allowed", "whether it is sold beyond", ("allow_backorders", "backorders")),
    Field("use_config_backorders", "not its own", ("use_config_backorders",)),
    Field(
        "notify_qty", "when somebody is told", ("notify_on_stock_below", "notify_stock_qty"),
        "number",
    ),
    Field("use_config_notify", "not its own", ("use_config_notify_stock_qty",)),
    Field("managed", "whether it is counted", ("manage_stock",)),
    Field("use_config_managed", "not its own", ("use_config_manage_stock",)),
    Field("fractions", "whether it is sold in fractions", ("is_qty_decimal",)),
)

SIGNATURES = (
    ("source code", "sku", "quantity"), ("source id", "sku", "quantity"),
    ("sku", "product type", "attribute set code"),
    ("sku", "store view code", "product type"), ("sku", "qty", "is in stock"),
    ("sku", "qty", "use config min qty"), ("sku", "qty", "allow backorders"),
)
"""Headings that only Magento's files have together."""

_BACKORDERS = {
    "0": "no", "no": "no", "1": "allow", "yes": "allow", "2": "allow_and_notify",
    "no backorders": "no", "allow qty below 0": "allow",
    "allow qty below 0 and notify customer": "allow_and_notify",
}
_COUNTED_BY_PARTS = frozenset(("configurable", "bundle", "grouped"))


def read_magento(
    layout: Layout, findings: Findings, mark: DecimalMark | None
) -> Iterator[StockLine]:
    """Yield a line for each product that has stock of its own, or for each of its sources."""
    for record in records_of(layout, findings, mark):
        with findings.of(record.row):
            sku = sku_of(record)
            if not sku:
                without_sku(findings, record.row)
            elif record.text("store_view"):
                findings.note(
                    record.row, "store_view", "repeats a product for a store view; left out."
                )
            elif comparable(record.text("product_type")) in _COUNTED_BY_PARTS:
                findings.note(
                    record.row, "not_sold",
                    "sold as other products, which have rows of their own; left out.",
                )
            else:
                line = _line_of(record, layout, findings, sku)
                yield with_mapped(line, mapped_of(record, layout, findings))


def _line_of(record: Record, layout: Layout, findings: Findings, sku: str) -> StockLine:
    line = StockLine(record.row, sku, record.text("name"))
    if layout.has("source"):
        return line._replace(
            source=record.text("source") or "default",
            quantity=quantity_of(record, "source_quantity", findings),
            status=_status(record, "source_status", findings),
        )
    managed = _own(record, "use_config_managed", _on_or_off(record.switch("managed")))
    quantity = quantity_of(record, "qty", findings)
    is_counted = quantity is not None and (managed != "off" or quantity > 0)
    return line._replace(
        source="default" if is_counted else None,
        quantity=quantity if is_counted else None,
        status=_status(record, "in_stock", findings) if is_counted else None,
        manage_stock=managed,
        out_of_stock_threshold=_own(record, "use_config_min_qty", record.number("min_qty")),
        notify_below=_own(record, "use_config_notify", record.number("notify_qty")),
        backorders=_own(
            record, "use_config_backorders", record.choice("allowed", _BACKORDERS)
        ),
        decimal=record.switch("fractions") or None,
    )


def _own(record: Record, use_config: str, value: Value | None) -> Value | str | None:
    """Return a product's own value of a setting, ``inherit`` where the shop's holds."""
    return "inherit" if record.switch(use_config) else value


def _on_or_off(switch: bool | None) -> str | None:
    return None if switch is None else "on" if switch else "off"


def _status(record: Record, field: str, findings: Findings) -> Status | None:
    found = record.choice(field, STATUSES)
    if found == "out_of_stock":
        findings.note(
            record.row, "out_of_stock",
            "set out of stock there, as the file has it: nothing of it is sold, whatever arrives, "
            "until set-stock-status says in_stock.",
        )
        return "out_of_stock"
    return "in_stock" if found else None
