"""Layouts of orders: whose file it is, and which of its columns is which field."""

from collections.abc import Mapping, Sequence

from stocktrail.interfaces.importing.bad_file import BadFile
from stocktrail.interfaces.importing.fields import Field
from stocktrail.interfaces.importing.format_name import FormatName
from stocktrail.interfaces.importing.header import Layout, first_rows, is_signed, judge_header
from stocktrail.interfaces.importing.orders.formats import OrderFormat
from stocktrail.interfaces.importing.orders.magento import MAGENTO
from stocktrail.interfaces.importing.orders.plain import PLAIN
from stocktrail.interfaces.importing.orders.shopify import SHOPIFY
from stocktrail.interfaces.importing.orders.woocommerce import WOOCOMMERCE
from stocktrail.interfaces.importing.remedies import CHOOSE_FORMAT
from stocktrail.interfaces.importing.table import ImportedTable

FORMATS: Mapping[FormatName, OrderFormat] = {
    "shopify": SHOPIFY, "woocommerce": WOOCOMMERCE, "magento": MAGENTO, "csv": PLAIN,
}


def order_format_of(table: ImportedTable) -> FormatName:
    """Return whose orders a table holds, by the headings in its first rows; ``csv`` if nobody's."""
    for row in first_rows(table):
        for name, form in FORMATS.items():
            if is_signed(row, form.signatures):
                return name
    return "csv"


def sales_layout(
    table: ImportedTable, name: FormatName, maps: Sequence[str], sets: Sequence[str]
) -> Layout:
    """Judge the header of a table of sales orders in a format.

    Raises :class:`~stocktrail.interfaces.importing.bad_file.BadFile`: as :func:`judge_header` does,
    and ``wrong_format`` where it seems to be the file of another system.
    """
    form = FORMATS[name]
    try:
        return layout_with_items(table, form.fields, "order", maps, sets, form.packed)
    except BadFile as error:
        if error.code != "missing_column":
            raise
        other = order_format_of(table)
        if other not in (name, "csv"):
            raise BadFile(
                "wrong_format",
                f"{error.message} It looks like {FORMATS[other].called}: "
                f"{CHOOSE_FORMAT.said(format=other)}.",
            ) from None
        message = f"{error.message} {form.without_items}".rstrip()
        raise BadFile(error.code, message) from None


def layout_with_items(
    table: ImportedTable, fields: Sequence[Field], key: str, maps: Sequence[str],
    sets: Sequence[str], packed: Sequence[str] = (),
) -> Layout:
    """Judge the header of a table whose rows name an order (``key``), an item and how many.

    Raises :class:`~stocktrail.interfaces.importing.bad_file.BadFile` as :func:`judge_header` does.
    """
    names = [field.name for field in fields if field.name not in packed]

    def judged(required: Sequence[str]) -> Layout:
        return judge_header(
            table, fields, maps=maps, sets=sets, required=required, assignable=names
        )

    layout = judged([key])
    if any(map(layout.has, packed)):
        return layout
    return judged([key, "sku"] if layout.has("remaining") else [key, "sku", "quantity"])
