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
from stocktrail.projections.models.parked_items import PARKED_ITEM, Parked, stock_fits
from stocktrail.projections.models.purchase_orders import OPEN_RECEIPT, receipt_row
from stocktrail.projections.models.queue_sources import QUEUE_SOURCE
from stocktrail.projections.models.setting_levels import SETTING_LEVEL, level_rows, save_settings
from stocktrail.projections.models.stock_levels import PRODUCT, SOURCE_ITEM, STOCK_LEVEL, stock_rows


def fill_scratch_tables(
    moment: LedgerAsOf, skus: Iterable[str], today: date, *, with_orders: bool = False
) -> TableSet:
    """Return a scratch database with the tables that questions about open lines read.

    Items are pegged for ``today`` already. ``with_orders`` also fills the tables of orders, for
    questions that sort lines by fields of their order.
    """
    tables = TableSet(ScratchDatabase())
    wanted = list(dict.fromkeys(skus))
    queues = queues_of(moment, wanted, today)
    receipts = {key for queue in queues.values() for key in queue.receipts}
    purchases = moment.purchase_orders(order for order, _ in sorted(receipts))
    with tables.database.writing() as cursor:
        create_tables(tables, cursor)
        save_settings(moment.settings, tables, cursor)
        for sku in wanted:
            stock = moment.stock(sku)
            if not stock_fits(stock):
                tables.table(PARKED_ITEM).put(cursor, [tuple(Parked(sku, moment.position, 0))])
                continue
            product, sources, levels = stock_rows(stock, moment.settings)
            tables.table(PRODUCT).put(cursor, [product] if stock.exists else [])
            tables.table(SOURCE_ITEM).put(cursor, sources)
            tables.table(STOCK_LEVEL).put(cursor, levels)
            tables.table(SETTING_LEVEL).put(
                cursor, level_rows(sku, stock.everywhere, stock.in_pool, stock.in_source)
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
        if with_orders:
            orders = moment.orders(sorted({
                line.order for queue in queues.values() for line in queue.lines.values()
            }))
            tables.table(ORDER).put(cursor, map(header_row, orders.values()))
            tables.table(ORDER_LINE).put(cursor, (
                order_line_row(name, line)
                for name, order in orders.items() for line in order.lines.values()
            ))
    return tables
