"""Formats: whose file it is, told by name or found out from its header."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from stocktrail.interfaces.importing.bad_file import BadFile
from stocktrail.interfaces.importing.fields import Field
from stocktrail.interfaces.importing.findings import Findings
from stocktrail.interfaces.importing.format_name import FormatName
from stocktrail.interfaces.importing.header import Layout, first_rows, is_signed, judge_header
from stocktrail.interfaces.importing.numbers import DecimalMark
from stocktrail.interfaces.importing.remedies import CHOOSE_FORMAT
from stocktrail.interfaces.importing.stock import (
    magento,
    plain,
    shopify,
    stock_line,
    woocommerce,
    woocommerce_headings,
)
from stocktrail.interfaces.importing.stock.file_of_orders import refuse_orders
from stocktrail.interfaces.importing.stock.stock_line import FIELD_NAMES, StockLine
from stocktrail.interfaces.importing.table import ImportedTable

Reader = Callable[[Layout, Findings, DecimalMark | None], Iterator[StockLine]]


class StockFormat(NamedTuple):
    """How the files of one system are read.

    ``signatures`` are headings that only its files have together.
    """

    called: str
    fields: Sequence[Field]
    signatures: Sequence[Sequence[str]]
    read: Reader


FORMATS: dict[FormatName, StockFormat] = {
    "shopify": StockFormat(
        "Shopify", shopify.FIELDS, shopify.SIGNATURES, shopify.read_shopify
    ),
    "woocommerce": StockFormat(
        "WooCommerce", woocommerce.FIELDS, woocommerce_headings.SIGNATURES,
        woocommerce.read_woocommerce,
    ),
    "magento": StockFormat("Magento", magento.FIELDS, magento.SIGNATURES, magento.read_magento),
    "csv": StockFormat("a plain list", stock_line.FIELDS, (), plain.read_plain_list),
}


def format_of(table: ImportedTable) -> FormatName:
    """Return whose file a table is, by the headings in its first rows; ``csv`` if nobody's."""
    return next((name for name in FORMATS if _is_signed(table, name)), "csv")


def stock_layout(
    table: ImportedTable, name: FormatName, maps: Sequence[str], sets: Sequence[str]
) -> Layout:
    """Judge the header of a table in a format.

    Raises :class:`BadFile` as :func:`judge_header` does; ``wrong_format`` names the format whose
    file it seems to be, or says that it holds orders.
    """
    other = format_of(table)
    if other == "csv":
        refuse_orders(table, maps)
    way_out = CHOOSE_FORMAT.said(format=other)
    looks = f"It looks like a file of {FORMATS[other].called}: {way_out}."
    is_another_s = other not in (name, "csv")
    try:
        layout = judge_header(
            table, FORMATS[name].fields, maps=maps, sets=sets, assignable=FIELD_NAMES
        )
    except BadFile as error:
        if error.code != "missing_column" or not is_another_s:
            raise
        raise BadFile("wrong_format", f"{error.message} {looks}") from None
    if is_another_s and name != "csv" and not maps and not _is_signed(table, name):
        raise BadFile(
            "wrong_format",
            f"{table.name} has not the columns of {FORMATS[name].called}'s files. {looks}",
        )
    return layout


def _is_signed(table: ImportedTable, name: FormatName) -> bool:
    """Return whether one of the first rows has headings that only a system's files have."""
    return any(is_signed(row, FORMATS[name].signatures) for row in first_rows(table))
