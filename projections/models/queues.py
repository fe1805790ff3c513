"""Reads the queues of items, and finds the items of which anything is open."""

from collections.abc import Sequence
from datetime import date

from stocktrail.ledger.store.tables import Cursor, TableSet
from stocktrail.projections.models.managed_items import MANAGED_ITEM
from stocktrail.projections.models.open_line_rows import read_line
from stocktrail.projections.models.open_lines import OPEN_LINE, PEGGED_ITEM, Queue
from stocktrail.projections.models.purchase_orders import OPEN_RECEIPT, open_receipt
from stocktrail.projections.models.queue_sources import QUEUE_SOURCE


def load_queues(tables: TableSet, cursor: Cursor, skus: Sequence[str]) -> dict[str, Queue]:
    """Read the queues of items with their open receipts; empty where there is nothing."""
    queues = {sku: Queue(sku) for sku in skus}
    for row in tables.table(PEGGED_ITEM).rows_of(cursor, "sku", skus):
        queues[row["sku"]].pegged_on = date.fromisoformat(row["pegged_on"])
    for row in tables.table(QUEUE_SOURCE).rows_of(cursor, "sku", skus):
        queues[row["sku"]].sources.read(row)
    for row in tables.table(MANAGED_ITEM).rows_of(cursor, "sku", skus):
        queues[row["sku"]].manage = row["manage"]
    for row in tables.table(OPEN_RECEIPT).rows_of(cursor, "sku", skus):
        receipt = open_receipt(row)
        queues[row["sku"]].receipts[receipt.purchase_order, receipt.line] = receipt
    for row in tables.table(OPEN_LINE).rows_of(cursor, "sku", skus):
        queues[row["sku"]].put(read_line(row))
    return queues


def all_skus(tables: TableSet, cursor: Cursor) -> list[str]:
    """Return every item of which anything is open."""
    cursor.execute(f"SELECT sku FROM {tables.table(PEGGED_ITEM).name} ORDER BY sku")
    return [row["sku"] for row in cursor.fetchall()]


def skus_expected_at(tables: TableSet, cursor: Cursor, source: str) -> list[str]:
    """Return every item of which units are to come to a source."""
    cursor.execute(
        f"SELECT DISTINCT sku FROM {tables.table(OPEN_RECEIPT).name} WHERE destination = :source "
        "ORDER BY sku", {"source": source},
    )
    return [row["sku"] for row in cursor.fetchall()]
