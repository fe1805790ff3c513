"""Reads the queues of items, and finds the items of which anything is open."""

from collections.abc import Sequence
from datetime import date

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.settings import (
    PoolDefined,
    PromiseRulesChanged,
    SourceDisabled,
    SourceEnabled,
)
from stocktrail.ledger.store.tables import Cursor, TableSet, one_of
from stocktrail.projections.models.managed_items import MANAGED_ITEM
from stocktrail.projections.models.open_line_rows import read_line
from stocktrail.projections.models.open_lines import OPEN_LINE, PEGGED_ITEM, Queue
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.models.purchase_orders import OPEN_RECEIPT, open_receipt
from stocktrail.projections.models.queue_sources import QUEUE_SOURCE


def load_queues(
    tables: TableSet, cursor: Cursor, skus: Sequence[str], which: str = "1 = 1",
    **parameters: object,
) -> dict[str, Queue]:
    """Read the queues of items with their open receipts; empty where there is nothing.

    Lines that do not meet the condition ``which`` are left out: then a queue is to be looked at,
    not to be pegged again.
    """
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
    lines: dict[str, list[PromisedLine]] = {}
    for row in tables.table(OPEN_LINE).rows_of(cursor, "sku", skus, which, **parameters):
        lines.setdefault(row["sku"], []).append(read_line(row))
    for sku, found in lines.items():
        queues[sku].put_all(found)
    return queues


def skus_concerned(tables: TableSet, cursor: Cursor, event: Event, day: date) -> list[str]:
    """Return the items whose pegs an event of the settings can change; ``day`` is today at latest.

    A source matters where anything is to come there, a pool where its lines wait and anything is to
    come, how overdue receipts are counted where one may be overdue. Whether stock is managed
    matters to whatever is open.
    """
    open_items, expected = tables.table(PEGGED_ITEM).name, tables.table(OPEN_RECEIPT).name
    which, parameters = open_items, {}
    if isinstance(event, (SourceEnabled, SourceDisabled)):
        which, parameters = f"{expected} WHERE destination = :source", {"source": event.source}
    elif isinstance(event, PoolDefined):
        lines = tables.table(OPEN_LINE).name
        which, parameters = (
            f"{expected} AS coming WHERE EXISTS (SELECT 1 FROM {lines} AS waiting "
            "WHERE waiting.sku = coming.sku AND waiting.pool = :pool)"
        ), {"pool": event.pool}
    elif isinstance(event, PromiseRulesChanged):
        which = f"{open_items} WHERE first_expected < :day"
        parameters = {"day": day.isoformat()}
    cursor.execute(f"SELECT DISTINCT sku FROM {which} ORDER BY sku", parameters)
    return [row["sku"] for row in cursor.fetchall()]


_WAITING_BEFORE = (
    "SELECT own.line AS line, COUNT(*) AS lines, SUM(other.remaining - other.allocated) AS units "
    "FROM {table} own JOIN {table} other ON other.sku = own.sku "
    "WHERE {asked} AND own.order_id = :order_id "
    "AND other.remaining > other.allocated AND (other.priority, other.requested_date, "
    "other.placed) < (own.priority, own.requested_date, own.placed) GROUP BY own.line"
)


def waiting_before(
    tables: TableSet, cursor: Cursor, skus: Sequence[str], order_id: str
) -> dict[int, tuple[int, int]]:
    """Count the lines that wait before those of an order, and the units they wait for, by line.

    They are counted where they are, in the queues of the items given: one of 100,000 lines is not
    read. A line that nothing waits before is left out.
    """
    found: dict[int, tuple[int, int]] = {}
    for asked, keys in one_of("own.sku", skus):
        cursor.execute(
            _WAITING_BEFORE.format(table=tables.table(OPEN_LINE).name, asked=asked),
            {"order_id": order_id, **keys},
        )
        for row in cursor.fetchall():
            found[row["line"]] = int(row["lines"]), int(row["units"] or 0)
    return found
