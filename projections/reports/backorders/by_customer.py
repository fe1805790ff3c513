"""Backorders by customer: every open order line, what it waits for and until when.

What is stored is sorted and paged by the database. Lines whose pegs depend on today (see
:mod:`projections.promises_today`) are pegged again: those of the page if neither its filters nor
its order look at pegs, else all of them, and merged with the page of the others.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from ledger.quantity import to_number
from projections.open_lines import OPEN_LINE, OpenLine, line_row, read_line
from projections.orders import ORDER_LINE, OrderLineView
from projections.purchase_orders import OPEN_RECEIPT
from projections.reports.backorders.filters import Conditions, Filters
from projections.reports.backorders.page import Page, cut, sql_after, sql_order
from projections.reports.promised import is_late, iso, promised_for, ready_on
from projections.reports.standing import Standing
from projections.tables import Row

PROMISE = "CASE WHEN promise_date < :today THEN :today ELSE promise_date END"
_READY = (
    "CASE WHEN uncovered > 0 THEN NULL WHEN ready_date IS NULL OR ready_date < :today "
    "THEN :today ELSE ready_date END"
)
_FROM_ORDER = (
    "(SELECT {column} FROM {order_line} WHERE order_id = {open_line}.order_id "
    "AND line = {open_line}.line)"
)
COLUMNS = {
    "customer": "customer", "order": "order_id", "line": "line", "sku": "sku", "pool": "pool",
    "ordered": _FROM_ORDER, "shipped": _FROM_ORDER, "cancelled": _FROM_ORDER,
    "remaining": "remaining", "allocated": "allocated", "backordered": "remaining - allocated",
    "uncovered": "uncovered", "priority": "priority", "ship_policy": "ship_policy",
    "requested_date": "requested_date", "promise_date": PROMISE, "ready_date": _READY,
    "slips": "slips", "days_slipped": "days_slipped", "pegged_to": "NULLIF(pegs, '[]')",
    "age_days": ":today_day - placed_day",
}
"""The columns that the view can be sorted by, as the database computes them."""

DEFAULT_SORT = "customer"

_OF_PEGS = {"uncovered", "promise_date", "ready_date", "pegged_to"}
_WITH_GAPS = {"promise_date", "ready_date", "pegged_to"}
_KEY = ("customer", "order_id", "line")
LATE = f"({PROMISE} > requested_date OR (promise_date IS NULL AND requested_date < :today))"


def by_customer(
    standing: Standing, filters: Filters, page: Page
) -> tuple[list[dict[str, Any]], str | None]:
    """Give a page of open order lines, and the token of the next page."""
    conditions = _conditions(standing, filters)
    looks_at_pegs = page.column in _OF_PEGS or filters.late or filters.uncovered
    if filters.vendor is not None:
        conditions.add(
            f"sku IN (SELECT sku FROM {standing.place.table(OPEN_RECEIPT).name} "
            "WHERE vendor = :vendor)", vendor=filters.vendor,
        )
        lines, token = _in_memory(standing, filters, page, conditions, "1 = 1")
    elif looks_at_pegs and standing.promises.stale:
        lines, token = _in_memory(standing, filters, page, conditions, standing.promises.affected)
    else:
        lines, token = _in_database(standing, filters, page, conditions, "1 = 1")
        lines = _pegged_today(standing, lines)
    return _assemble(standing, lines), token


def _conditions(standing: Standing, filters: Filters) -> Conditions:
    conditions = Conditions()
    conditions.parameters["today"] = standing.today.isoformat()
    conditions.parameters["today_day"] = standing.today.toordinal()
    conditions.equal("sku", filters.item)
    conditions.equal("customer", filters.customer)
    conditions.one_of("pool", filters.pools(standing.settings))
    if filters.before is not None:
        conditions.add("requested_date < :cutoff", cutoff=filters.before)
    return conditions


def _expression(standing: Standing, column: str) -> str:
    place = standing.place
    return COLUMNS[column].format(
        column=column, order_line=place.table(ORDER_LINE).name,
        open_line=place.table(OPEN_LINE).name,
    )


def _in_database(
    standing: Standing, filters: Filters, page: Page, conditions: Conditions, others: str
) -> tuple[list[OpenLine], str | None]:
    """Filter, sort and page stored lines that meet another condition, in the database."""
    expression = _expression(standing, page.column)
    order = sql_order(expression, _KEY, page, gaps=page.column in _WITH_GAPS)
    more = [others]
    if filters.late:
        more.append(LATE)
    if filters.uncovered:
        more.append("uncovered > 0")
    after, parameters = sql_after(expression, _KEY, page)
    table = standing.place.table(OPEN_LINE)
    standing.cursor.execute(
        f"SELECT {', '.join(table.columns)}, {expression} AS sorted_by FROM {table.name} "
        f"{conditions.where(*more, *after)} {order} LIMIT :limit",
        {**conditions.parameters, **parameters, "limit": page.limit + 1},
    )
    rows = standing.cursor.fetchall()
    token = None
    if len(rows) > page.limit:
        rows = rows[: page.limit]
        token = page.token(rows[-1]["sorted_by"], _key_of(rows[-1]))
    return [read_line(row) for row in rows], token


def _in_memory(
    standing: Standing, filters: Filters, page: Page, conditions: Conditions, affected: str
) -> tuple[list[OpenLine], str | None]:
    """Peg the affected lines for today, and merge them with the page of all others."""
    table = standing.place.table(OPEN_LINE)
    standing.cursor.execute(
        f"SELECT sku, order_id, line FROM {table.name} {conditions.where(affected)}",
        conditions.parameters,
    )
    keys = [tuple(row) for row in standing.cursor.fetchall()]
    queues = standing.promises.queues(sku for sku, *_ in keys)
    of_vendor = None if filters.vendor is None else _lines_of_vendor(standing, filters.vendor)
    pegged = [queues[sku].lines[order_id, line] for sku, order_id, line in keys]
    found = [line for line in pegged if _is_asked_for(line, filters, standing.today, of_vendor)]
    if affected != "1 = 1":
        whole = page._replace(limit=page.limit + 1)
        others, _ = _in_database(standing, filters, whole, conditions, f"NOT {affected}")
        found += others
    details = _order_lines(standing, found) if page.column in ORDERED else {}
    rows, token = cut(
        [_sortable(line, standing.today, details) for line in found], page,
        lambda row: row[page.column], lambda row: row["key"],
    )
    return [row["open_line"] for row in rows], token


ORDERED = {"ordered", "shipped", "cancelled"}
"""The columns that stand in orders alone."""


def _sortable(
    line: OpenLine, today: date, details: dict[tuple[str, int], OrderLineView]
) -> dict[str, Any]:
    row = dict(zip(OPEN_LINE.columns, line_row(line), strict=True))
    promised = promised_for(line, today)
    ready = ready_on(line, today)
    ordered = details.get(line.key)
    return {
        **row, "order": line.order_id, "backordered": line.backordered,
        "promise_date": iso(promised),
        "ready_date": iso(ready),
        "pegged_to": None if row["pegs"] == "[]" else row["pegs"],
        "age_days": today.toordinal() - row["placed_day"],
        **({name: getattr(ordered, name) for name in ORDERED} if ordered else {}),
        "key": _key_of(row), "open_line": line,
    }


def _key_of(row: Row) -> tuple[Any, ...]:
    return (row["customer"], row["order_id"], row["line"])


def _is_asked_for(
    line: OpenLine, filters: Filters, today: date, of_vendor: set[tuple[str, int]] | None
) -> bool:
    return (
        not (filters.late and not is_late(line, today))
        and not (filters.uncovered and not line.uncovered)
        and not (of_vendor is not None and not any(
            (peg.purchase_order, peg.purchase_line) in of_vendor for peg in line.pegs
        ))
    )


def _lines_of_vendor(standing: Standing, vendor: str) -> set[tuple[str, int]]:
    rows = standing.rows(OPEN_RECEIPT, "WHERE vendor = :vendor", vendor=vendor)
    return {(row["purchase_order"], row["line"]) for row in rows}


def _pegged_today(standing: Standing, lines: Sequence[OpenLine]) -> list[OpenLine]:
    stale = set(standing.promises.stale)
    if not stale:
        return list(lines)
    skus = {line.sku for line in lines if line.ships_complete or line.sku in stale}
    queues = standing.promises.queues(sorted(skus))
    return [
        queues[line.sku].lines[line.key] if line.sku in skus else line for line in lines
    ]


# ------------------------------------------------------------------ rows


def _order_lines(
    standing: Standing, lines: Iterable[OpenLine]
) -> dict[tuple[str, int], OrderLineView]:
    order_ids = list(dict.fromkeys(line.order_id for line in lines))
    orders = standing.orders(order_ids)
    return {
        (order_id, number): line
        for order_id, order in orders.items() for number, line in order.lines.items()
    }


def _assemble(standing: Standing, lines: Sequence[OpenLine]) -> list[dict[str, Any]]:
    details = _order_lines(standing, lines)
    return [_row(line, details[line.key], standing.today) for line in lines]


def _row(line: OpenLine, ordered: OrderLineView, today: date) -> dict[str, Any]:
    promised, ready = promised_for(line, today), ready_on(line, today)
    return {
        "customer": line.customer,
        "order": line.order_id,
        "line": line.line,
        "sku": line.sku,
        "pool": line.pool,
        "ordered": to_number(ordered.ordered),
        "shipped": to_number(ordered.shipped),
        "cancelled": to_number(ordered.cancelled),
        "released": to_number(ordered.released),
        "remaining": to_number(line.remaining),
        "allocated": to_number(line.allocated),
        "backordered": to_number(line.backordered),
        "uncovered": to_number(line.uncovered),
        "priority": line.priority,
        "ship_policy": line.ship_policy,
        "requested_date": line.requested_date.isoformat(),
        "promise_date": iso(promised),
        "ready_date": iso(ready),
        "late": is_late(line, today),
        "slips": line.slips,
        "days_slipped": line.days_slipped,
        "pegged_to": [
            {
                "purchase_order": peg.purchase_order, "purchase_line": peg.purchase_line,
                "quantity": to_number(peg.quantity), "ready_date": peg.ready.isoformat(),
            }
            for peg in line.pegs
        ],
        "age_days": max((today - line.placed_on).days, 0),
    }
