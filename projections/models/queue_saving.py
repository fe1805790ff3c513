"""Writing which items were pegged for which day, and how stock of them is managed."""

from collections.abc import Sequence

from stocktrail.ledger.store.tables import Cursor, TableSet
from stocktrail.projections.models.managed_items import MANAGED_ITEM
from stocktrail.projections.models.open_line_rows import item_row
from stocktrail.projections.models.open_lines import PEGGED_ITEM, Queue


def save_items(tables: TableSet, cursor: Cursor, queues: Sequence[Queue]) -> None:
    """Write for which day items were pegged; those of which nothing is open are taken out."""
    items = tables.table(PEGGED_ITEM)
    items.take_out(cursor, [
        (queue.sku,) for queue in queues if not (queue.lines or queue.receipts)
    ])
    items.put(cursor, (item_row(queue) for queue in queues if queue.lines or queue.receipts))


def save_managed(tables: TableSet, cursor: Cursor, queues: Sequence[Queue]) -> None:
    """Write the items' own settings for managing stock; those that have none are taken out."""
    managed = tables.table(MANAGED_ITEM)
    managed.take_out(cursor, [(queue.sku,) for queue in queues if queue.manage is None])
    managed.put(cursor, [
        (queue.sku, queue.manage) for queue in queues if queue.manage is not None
    ])
