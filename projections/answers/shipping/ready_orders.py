"""The orders of which anything can ship at a moment, each added up from its open lines.

The database adds up the lines that wait for stock. Orders with lines that were accepted while stock
was not managed are few as long as stock is managed, and stand in no table of open lines: those are
put together one by one. An order that ships only whole is ready when all of it is.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from stocktrail.ledger.store.tables import Row
from stocktrail.projections.answers.shipping.ready_lines import ReadyLines
from stocktrail.projections.as_of import LedgerAsOf, LedgerAsRecorded
from stocktrail.projections.as_of.every_line import LineThen
from stocktrail.projections.models.item_switches import ITEM_SWITCH
from stocktrail.projections.models.line_states import LINE_STATE
from stocktrail.projections.models.open_lines import OPEN_LINE
from stocktrail.projections.models.open_spans import OPEN_SPAN, open_then
from stocktrail.projections.models.orders import ORDER, ORDER_LINE, OrderView
from stocktrail.projections.read_models import Reading

_ADDED_UP = (
    "SELECT order_id, MIN(customer) AS customer, MIN(pool) AS pool, "
    "MIN(ship_policy) AS ship_policy, MIN(priority) AS priority, MIN(since) AS since, "
    "MIN(CASE WHEN ready > 0 THEN requested END) AS requested, COUNT(*) AS lines, "
    "SUM(CASE WHEN ready > 0 THEN 1 ELSE 0 END) AS lines_ready, SUM(ready) AS ready, "
    "SUM(remaining) AS remaining FROM ({lines}) AS open_line GROUP BY order_id "
    "HAVING SUM(ready) > 0 AND (MIN(ship_policy) = 'partial' OR SUM(ready) = SUM(remaining))"
)
_LINES_NOW = (
    "SELECT order_id, customer, pool, ship_policy, priority, since, requested_date AS requested, "
    "remaining, CASE WHEN managed = 1 THEN allocated ELSE remaining END AS ready FROM {open_line} "
    "WHERE order_id IN (SELECT order_id FROM {open_line} WHERE allocated > 0 OR managed = 0)"
)
"""The lines of orders of which anything may be ready: most orders of a backlog have nothing.

Of 20,000 orders 706 are added up in 20 ms of processor, and all of them in 130 (2026-11-30).
"""
_LINES_THEN = (
    "SELECT span.reference AS order_id, span.party AS customer, span.pool AS pool, "
    "span.ship_policy AS ship_policy, COALESCE(state.priority, span.priority) AS priority, "
    "span.since AS since, COALESCE(state.requested_day, span.requested_day) AS requested, "
    "COALESCE(state.remaining, span.remaining) AS remaining, CASE WHEN {managed} "
    "THEN COALESCE(state.allocated, span.allocated) "
    "ELSE COALESCE(state.remaining, span.remaining) END AS ready "
    "FROM ({spans}) AS span LEFT JOIN {line_state} AS state ON state.order_id = span.reference "
    "AND state.line = span.line AND state.position = (SELECT MAX(latest.position) "
    "FROM {line_state} AS latest WHERE latest.order_id = span.reference "
    "AND latest.line = span.line AND latest.position <= :position) "
    "WHERE span.reference IN (SELECT span.reference FROM ({spans}) AS span WHERE NOT ({managed}) "
    "OR COALESCE((SELECT latest.allocated FROM {line_state} AS latest "
    "WHERE latest.order_id = span.reference AND latest.line = span.line "
    "AND latest.position <= :position ORDER BY latest.position DESC LIMIT 1), "
    "span.allocated) > 0)"
)
_MANAGED_THEN = (
    "COALESCE((SELECT NULLIF(own.value, '') FROM {item_switch} AS own WHERE own.sku = span.sku "
    "AND own.source = '' AND own.position <= :position ORDER BY own.position DESC LIMIT 1), "
    ":of_all) = 'on'"
)
REMAINS_UNMANAGED = "managed = 0 AND ordered > shipped + cancelled + released"
"""The condition on an order line that was accepted while stock was not managed, and is open."""


class ReadyOrder(NamedTuple):
    """An order of which units can ship; ``requested`` is the first day of the lines that can.

    Quantities are in ten-thousandths. ``position`` is that at which it was placed.
    """

    order: str
    customer: str
    pool: str
    ship_policy: str
    priority: int
    position: int
    requested: date
    lines: int
    lines_ready: int
    ready: int
    remaining: int

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it remains when this has shipped."""
        return self.ready == self.remaining

    @property
    def place(self) -> tuple[int, date, int]:
        """Its place among the orders to be shipped: as lines wait, so they are served here."""
        return (self.priority, self.requested, self.position)


def ready_orders(reading: Reading, past: LedgerAsOf | None) -> list[ReadyOrder]:
    """Return the orders of which anything can ship, now or as of a moment, the first to go first.

    That is by priority, then by requested date, then as they were placed.
    """
    rows = _rows_now(reading) if past is None else _rows_then(reading, past)
    found = {each.order: each for each in map(_of_row, rows)}
    ready = ReadyLines(reading, past)
    for view in ready.orders(_with_unmanaged_lines(reading, past)).values():
        found.pop(view.order_id, None)
        if ready.ships(view):
            found[view.order_id] = ready_order(view, ready)
    return sorted(found.values(), key=lambda each: each.place)


def ready_order(view: OrderView, ready: ReadyLines) -> ReadyOrder:
    """Add up an order that can ship from its lines."""
    units = ready.units(view)
    remaining = [line.remaining for line in view.lines.values() if line.remaining]
    shipping = [number for number, quantity in units.items() if quantity]
    return ReadyOrder(
        view.order_id, view.customer, view.pool, view.ship_policy, view.priority, view.position,
        min(view.lines[number].requested_date for number in shipping), len(remaining),
        len(shipping), sum(units.values()), sum(remaining),
    )


def _of_row(row: Row) -> ReadyOrder:
    requested = row["requested"]
    return ReadyOrder(
        row["order_id"], row["customer"], row["pool"], row["ship_policy"], row["priority"],
        row["since"],
        date.fromordinal(requested) if isinstance(requested, int)
        else date.fromisoformat(requested),
        row["lines"], row["lines_ready"], int(row["ready"]), int(row["remaining"]),
    )


def _rows_now(reading: Reading) -> list[Row]:
    lines = _LINES_NOW.format(open_line=reading.place.table(OPEN_LINE).name)
    reading.cursor.execute(_ADDED_UP.format(lines=lines), {})
    return list(reading.cursor.fetchall())


def _rows_then(reading: Reading, past: LedgerAsOf) -> list[Row]:
    if isinstance(past, LedgerAsRecorded) and past.open_then is not None:
        return list(_added_up(past.open_then.stood))
    tables, cursor, _ = reading
    names = {
        "line_state": tables.table(LINE_STATE).name, "item_switch": tables.table(ITEM_SWITCH).name
    }
    of_all = past.settings.manages(None)
    parameters: dict[str, Any] = {"position": past.position}
    managed = "1 = 1" if of_all else "1 = 0"
    if tables.table(ITEM_SWITCH).rows(cursor, "WHERE source = '' LIMIT 1"):
        managed = _MANAGED_THEN.format(**names)
        parameters["of_all"] = "on" if of_all else "off"
    spans = " UNION ALL ".join(
        f"SELECT * FROM {tables.table(OPEN_SPAN).name} WHERE kind = 'sale' AND {each}"
        for each in open_then(past.position)
    )
    lines = _LINES_THEN.format(spans=spans, managed=managed, **names)
    cursor.execute(_ADDED_UP.format(lines=lines), parameters)
    return list(cursor.fetchall())


def _added_up(lines: Sequence[LineThen]) -> Iterator[Row]:
    """Yield what the database adds up of lines that are in memory already, order by order.

    Of 100,000 lines that takes 15 ms of processor, and the database 50 (2026-11-30).
    """
    orders = {line.order for line in lines if line.allocated or not line.managed}
    found: dict[str, list[LineThen]] = {order: [] for order in orders}
    for line in lines:
        if line.order in orders:
            found[line.order].append(line)
    for order, parts in found.items():
        first, remaining = parts[0], sum(line.remaining for line in parts)
        units = [line.allocated if line.managed else line.remaining for line in parts]
        ready = sum(units)
        if not ready or (first.ships_complete and ready < remaining):
            continue
        shipping = [line for line, each in zip(parts, units, strict=True) if each]
        yield {
            "order_id": order, "customer": first.customer, "pool": first.pool,
            "ship_policy": "complete" if first.ships_complete else "partial",
            "priority": min(line.priority for line in parts),
            "since": min(line.since for line in parts),
            "requested": min(line.requested for line in shipping), "lines": len(parts),
            "lines_ready": len(shipping), "ready": ready, "remaining": remaining,
        }


def _with_unmanaged_lines(reading: Reading, past: LedgerAsOf | None) -> list[str]:
    """Find the orders with open lines that were accepted while stock was not managed.

    Of an earlier moment those are all that ever had such lines by then: nothing says when one of
    them was closed, and they are folded.
    """
    return sorted(set(_unmanaged(reading, past)))


def _unmanaged(reading: Reading, past: LedgerAsOf | None) -> Iterator[str]:
    tables, cursor, _ = reading
    line, order = tables.table(ORDER_LINE).name, tables.table(ORDER).name
    if past is None:
        cursor.execute(f"SELECT order_id FROM {line} WHERE {REMAINS_UNMANAGED}", {})
    else:
        cursor.execute(
            f"SELECT line.order_id AS order_id FROM {line} AS line JOIN {order} AS placed "
            "ON placed.order_id = line.order_id WHERE line.managed = 0 "
            "AND placed.position <= :position", {"position": past.position},
        )
    for row in cursor.fetchall():
        yield row["order_id"]
