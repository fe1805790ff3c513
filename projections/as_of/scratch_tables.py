"""Scratch tables as of a moment: the rows of just the items that a question touches."""

from collections.abc import Iterable
from datetime import date

from stocktrail.ledger.store.scratch import ScratchDatabase
from stocktrail.ledger.store.tables import TableSet
from stocktrail.projections.as_of.ledger_as_of import LedgerAsOf
from stocktrail.projections.as_of.queues import queues_of
from stocktrail.projections.folding.shadow_tables import create_tables
from stocktrail.projections.models.managed_items import MANAGED_ITEM
from stocktrail.projections.models.open_line_rows import item_row, line_row
from stocktrail.projections.models.open_lines import OPEN_LINE, PEGGED_ITEM
from stocktrail.projections.models.orders import ORDER, ORDER_LINE, header_row, order_line_row
from stocktrail.projections.models.parked_items import PARKED_ITEM, Parked
from stocktrail.projections.models.promise_changes import PROMISE_CHANGE
from stocktrail.projections.models.purchase_orders import OPEN_RECEIPT, receipt_row
from stocktrail.projections.models.queue_sources import QUEUE_SOURCE
from stocktrail.projections.models.setting_levels import save_settings


def fill_scratch_tables(
    moment: LedgerAsOf, skus: Iterable[str], today: date, *, with_orders: bool = False,
    with_changes: bool = False,
) -> TableSet:
    """Return a scratch database with the tables that questions about open lines read.

    Items are pegged for ``today`` already; their stock is not there, but with the moment: few
    answers tell it, and of few items. ``with_orders`` also fills the tables of orders, for
    questions that sort lines by fields of their order, ``with_changes`` that of how their promises
    moved.
    """
    tables = TableSet(ScratchDatabase())
    wanted = list(dict.fromkeys(skus))
    queues = queues_of(moment, wanted, today)
    receipts = {key for queue in queues.values() for key in queue.receipts}
    purchases = moment.purchase_orders(order for order, _ in sorted(receipts))
    with tables.database.writing() as cursor:
        create_tables(tables, cursor)
        save_settings(moment.settings, tables, cursor)
        tables.table(PARKED_ITEM).put(
            cursor, [tuple(Parked(sku, moment.position, 0)) for sku in moment.parked(wanted)]
        )
        tables.table(OPEN_LINE).put(cursor, (
            line_row(line) for queue in queues.values() for line in queue.lines.values()
        ))
        tables.table(MANAGED_ITEM).put(cursor, (
            (sku, queue.manage) for sku, queue in queues.items() if queue.manage is not None
        ))
        tables.table(PEGGED_ITEM).put(cursor, (
            item_row(queue) for queue in queues.values() if queue.lines or queue.receipts
        ))
        tables.table(QUEUE_SOURCE).put(cursor, (
            row for sku, queue in queues.items() for row in queue.sources.rows(sku)
        ))
        tables.table(OPEN_RECEIPT).put(cursor, (
            receipt_row(purchases[name], purchases[name].lines[line]) for name, line in receipts
        ))
        names = sorted({
            line.order for queue in queues.values() for line in queue.lines.values()
        }) if with_orders or with_changes else []
        if with_changes:
            tables.table(PROMISE_CHANGE).put(cursor, (
                tuple(row.values()) for row in moment.changes(names)
            ))
        if with_orders:
            orders = moment.orders(names)
            tables.table(ORDER).put(cursor, map(header_row, orders.values()))
            tables.table(ORDER_LINE).put(cursor, (
                order_line_row(name, line)
                for name, order in orders.items() for line in order.lines.values()
            ))
    return tables
