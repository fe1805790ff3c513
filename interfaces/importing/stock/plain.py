"""A plain list: each column is a field by its name, or because it was mapped to one."""

from collections.abc import Iterator

from stocktrail.interfaces.importing.findings import Findings
from stocktrail.interfaces.importing.header import Layout
from stocktrail.interfaces.importing.numbers import DecimalMark
from stocktrail.interfaces.importing.records import records_of
from stocktrail.interfaces.importing.stock.reading import (
    mapped_of,
    note_no_quantity,
    sku_of,
    without_sku,
)
from stocktrail.interfaces.importing.stock.stock_line import StockLine


def read_plain_list(
    layout: Layout, findings: Findings, mark: DecimalMark | None
) -> Iterator[StockLine]:
    """Yield a line for each row that has a SKU."""
    for record in records_of(layout, findings, mark):
        with findings.of(record.row):
            sku = sku_of(record)
            if not sku:
                without_sku(findings, record.row)
                continue
            line = StockLine(record.row, sku, **mapped_of(record, layout, findings))
            is_counted = line.manage_stock != "off" and layout.has("quantity")
            if is_counted and line.quantity is None:
                note_no_quantity(findings, record.row)
            yield line
