"""WooCommerce's file of products: one row a product, and one a variation of it.

An empty *Stock* is not counted. *In stock?* is typed by hand only then: where stock is counted it
follows from that. A variation whose *Stock* says ``parent`` is counted with its product.
"""

from collections.abc import Iterator

from stocktrail.interfaces.importing.fields import Field, comparable
from stocktrail.interfaces.importing.findings import Findings
from stocktrail.interfaces.importing.header import Layout
from stocktrail.interfaces.importing.numbers import DecimalMark
from stocktrail.interfaces.importing.records import Record, records_of
from stocktrail.interfaces.importing.remedies import SELL_AGAIN
from stocktrail.interfaces.importing.stock import woocommerce_headings as headings
from stocktrail.interfaces.importing.stock.reading import (
    mapped_of,
    note_left_after_orders,
    quantity_of,
    sku_of,
    with_mapped,
    without_sku,
)
from stocktrail.interfaces.importing.stock.stock_line import UNNAMED, StockLine

FIELDS = (
    *(
        field._replace(columns=headings.SKU) if field.name == "sku"
        else field._replace(columns=headings.NAME) if field.name == "name" else field
        for field in UNNAMED
    ),
    Field("type", "what kind of product", headings.TYPE),
    Field("in_stock", "whether it can be bought", headings.IN_STOCK),
    Field("stock", "what is there", headings.STOCK, "number"),
    Field("low_stock", "when somebody is told", headings.LOW_STOCK, "number"),
    Field("allowed", "whether it is sold beyond", headings.BACKORDERS_ALLOWED),
)

_BACKORDERS = {
    "0": "no", "no": "no", "false": "no", "1": "allow", "yes": "allow", "true": "allow",
    "notify": "allow_and_notify",
}
_IN_STOCK = {
    "1": "in_stock", "yes": "in_stock", "true": "in_stock", "instock": "in_stock",
    "in stock": "in_stock", "backorder": "backorder", "onbackorder": "backorder",
    "0": "out_of_stock", "no": "out_of_stock", "false": "out_of_stock",
    "outofstock": "out_of_stock", "out of stock": "out_of_stock",
}
_NOT_SOLD_ITSELF = {
    "grouped": "a group of products, not sold itself; left out.",
    "external": "sold by somebody else; left out.",
}


def read_woocommerce(
    layout: Layout, findings: Findings, mark: DecimalMark | None
) -> Iterator[StockLine]:
    """Yield a line for each product and variation that is sold by its SKU."""
    for record in records_of(layout, findings, mark):
        with findings.of(record.row):
            kinds = comparable(record.text("type")).split()
            why_not = _why_left_out(record, kinds)
            sku = sku_of(record)
            if why_not is not None:
                findings.note(record.row, "not_sold", why_not)
            elif not sku:
                without_sku(findings, record.row)
            else:
                line = _line_of(record, layout, findings, sku)
                yield with_mapped(line, mapped_of(record, layout, findings))


def _why_left_out(record: Record, kinds: list[str]) -> str | None:
    for kind, why in _NOT_SOLD_ITSELF.items():
        if kind in kinds:
            return why
    stock = record.text("stock")
    if "variable" in kinds and not stock:
        return "sold as its variations, which have rows of their own; left out."
    if comparable(stock) == "parent":
        return (
            "a variation that shares the stock of its product, which only the product is counted "
            "for; left out."
        )
    return None


def _line_of(record: Record, layout: Layout, findings: Findings, sku: str) -> StockLine:
    line = StockLine(
        record.row, sku, backorders=record.choice("allowed", _BACKORDERS),
        notify_below=record.number("low_stock"), name=record.text("name"),
    )
    if not layout.has("stock"):
        return line
    quantity = quantity_of(record, "stock", findings)
    if quantity is not None:
        note_left_after_orders(findings, layout.heading("stock"))
        return line._replace(source="default", quantity=quantity, manage_stock="on")
    if record.choice("in_stock", _IN_STOCK) != "out_of_stock":
        return line._replace(manage_stock="off")
    findings.note(
        record.row, "out_of_stock_uncounted",
        "not counted, and set out of stock by hand: counted as 0 and out_of_stock, so that it is "
        f"not sold. {SELL_AGAIN.said()}",
    )
    return line._replace(
        source="default", quantity=0, status="out_of_stock", manage_stock="on", backorders="no"
    )
