"""Backorders by customer: every open order line, what it waits for and until when.

What is stored is sorted and paged by the database. Lines whose pegs depend on today (see
:mod:`stocktrail.projections.models.promises_today`) are pegged again: those of the page if neither
its filters nor its order look at pegs, else all of them, and merged with the page of the others.

Rule 6.2 is the source.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Literal, NamedTuple

from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.answers.backorder_views.by_vendor import OVERDUE
from stocktrail.projections.answers.backorder_views.filters import Conditions, Filters
from stocktrail.projections.answers.backorder_views.page import (
    Found,
    Page,
    cut,
    sql_after,
    sql_order,
)
from stocktrail.projections.answers.moment_view import MomentView
from stocktrail.projections.answers.promised import is_late, promised_for, ready_on
from stocktrail.projections.answers.shapes.promises import OverdueReceiptReport, PegReport
from stocktrail.projections.answers.shapes.shape import Number, Shape
from stocktrail.projections.dates import iso
from stocktrail.projections.models.open_line_rows import line_row, read_line
from stocktrail.projections.models.open_lines import OPEN_LINE
from stocktrail.projections.models.orders import ORDER_LINE, OrderLineView
from stocktrail.projections.models.overdue import uncertainty
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.models.purchase_orders import OPEN_RECEIPT


class CustomerRow(Shape):
    """An open order line: what it waits for, and until when."""

    customer: str
    order: str
    line: int
    sku: str
    pool: str
    ordered: Number
    shipped: Number
    cancelled: Number
    released: Number
    remaining: Number
    allocated: Number
    backordered: Number
    uncovered: Number
    priority: int
    ship_policy: Literal["partial", "complete"]
    requested_date: date
    promise_date: date | None
    ready_date: date | None
    uncertain: bool
    overdue_receipts: list[OverdueReceiptReport]
    late: bool
    slips: int
    days_slipped: int
    lost: bool
    pegged_to: list[PegReport]
    age_days: int


PROMISE = "CASE WHEN promise_date < :today THEN :today ELSE promise_date END"
_READY = (
    "CASE WHEN uncovered > 0 THEN NULL WHEN ready_date IS NULL OR ready_date < :today "
    "THEN :today ELSE ready_date END"
)
WORST = 10**9
"""Sorts a line whose date was lost: worse than any number of days."""

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
    "slips": "slips", "days_slipped": f"CASE WHEN lost = 1 THEN {WORST} ELSE days_slipped END",
    "lost": "lost", "uncertain": "CASE WHEN rests_on <> '[]' THEN 1 ELSE 0 END",
    "pegged_to": "NULLIF(pegs, '[]')",
    "age_days": ":today_day - placed_day",
}
"""The columns that the view can be sorted by, as the database computes them."""

DEFAULT_SORT = "customer"

WAITS = "remaining > allocated AND managed = 1"
"""The condition on an open order line that waits for units."""

_OF_PEGS = {"uncovered", "promise_date", "ready_date", "pegged_to", "uncertain"}
_WITH_GAPS = {"promise_date", "ready_date", "pegged_to"}
_KEY = ("customer", "order_id", "line")
UNCERTAIN = "rests_on <> '[]'"
"""The condition on an open order line whose promise rests on an overdue receipt."""

LATE = (
    f"({PROMISE} > requested_date OR lost = 1 "
    "OR (promise_date IS NULL AND requested_date < :today))"
)


def by_customer(moment: MomentView, filters: Filters, page: Page) -> Found:
    """Return a page of open order lines."""
    conditions = _conditions(moment, filters)
    looks_at_pegs = (
        page.column in _OF_PEGS or filters.late or filters.uncertain or filters.uncovered
    )
    receipts = _receipts_asked_for(moment, filters)
    if receipts.parts:
        conditions.add(
            f"sku IN (SELECT sku FROM {moment.place.table(OPEN_RECEIPT).name} "
            f"{receipts.where()})", **receipts.parameters,
        )
        found = _in_memory(moment, filters, page, conditions, "1 = 1")
    elif looks_at_pegs and moment.promises.stale:
        found = _in_memory(moment, filters, page, conditions, moment.promises.affected)
    else:
        found = _in_database(moment, filters, page, conditions, "1 = 1")
        found = found._replace(lines=_pegged_today(moment, found.lines))
    return Found(_assemble(moment, found.lines), found.next, found.total)


class _Lines(NamedTuple):
    lines: list[PromisedLine]
    next: str | None
    total: int


def _conditions(moment: MomentView, filters: Filters) -> Conditions:
    conditions = Conditions()
    conditions.parameters["today"] = moment.today.isoformat()
    conditions.parameters["today_day"] = moment.today.toordinal()
    conditions.equal("sku", filters.item)
    conditions.equal("customer", filters.customer)
    conditions.one_of("pool", filters.pools(moment.settings))
    if filters.before is not None:
        conditions.add("requested_date < :cutoff", cutoff=filters.before)
    if filters.waiting:
        conditions.add(WAITS)
    if filters.slipped:
        conditions.add("slips > 0")
    return conditions


def _receipts_asked_for(moment: MomentView, filters: Filters) -> Conditions:
    """Write to which receipts the lines must be pegged; no condition where it does not matter."""
    receipts = Conditions()
    receipts.equal("vendor", filters.vendor)
    if filters.overdue:
        receipts.add(OVERDUE, today=moment.today.isoformat())
    return receipts


def _expression(moment: MomentView, column: str) -> str:
    place = moment.place
    return COLUMNS[column].format(
        column=column, order_line=place.table(ORDER_LINE).name,
        open_line=place.table(OPEN_LINE).name,
    )


def _in_database(
    moment: MomentView, filters: Filters, page: Page, conditions: Conditions, others: str
) -> _Lines:
    """Filter, sort and page stored lines that meet another condition, in the database."""
    expression = _expression(moment, page.column)
    order = sql_order(expression, _KEY, page, gaps=page.column in _WITH_GAPS)
    more = [others]
    if filters.late:
        more.append(LATE)
    if filters.uncertain:
        more.append(UNCERTAIN)
    if filters.uncovered:
        more.append("uncovered > 0")
    after, parameters = sql_after(expression, _KEY, page)
    table = moment.place.table(OPEN_LINE)
    moment.cursor.execute(
        f"SELECT {', '.join(table.columns)}, {expression} AS sorted_by FROM {table.name} "
        f"{conditions.where(*more, *after)} {order} LIMIT :limit",
        {**conditions.parameters, **parameters, "limit": page.limit + 1},
    )
    rows = moment.cursor.fetchall()
    total, following = len(rows), None
    if page.after is not None or len(rows) > page.limit:
        total = table.count(moment.cursor, conditions.where(*more), **conditions.parameters)
    if len(rows) > page.limit:
        rows = rows[: page.limit]
        following = page.cursor_of(rows[-1]["sorted_by"], _key_of(rows[-1]))
    return _Lines([read_line(row) for row in rows], following, total)


def _in_memory(
    moment: MomentView, filters: Filters, page: Page, conditions: Conditions, affected: str
) -> _Lines:
    """Peg the affected lines for today, and merge them with the page of all others."""
    table = moment.place.table(OPEN_LINE)
    moment.cursor.execute(
        f"SELECT sku, order_id, line FROM {table.name} {conditions.where(affected)}",
        conditions.parameters,
    )
    keys = [tuple(row) for row in moment.cursor.fetchall()]
    queues = moment.promises.queues(sku for sku, *_ in keys)
    receipts = _keys_of_receipts(moment, filters)
    pegged = [queues[sku].lines[order_id, line] for sku, order_id, line in keys]
    found = [line for line in pegged if _is_asked_for(line, filters, moment.today, receipts)]
    total = len(found)
    if affected != "1 = 1":
        whole = page._replace(limit=page.limit + 1)
        others = _in_database(moment, filters, whole, conditions, f"NOT {affected}")
        found += others.lines
        total += others.total
    details = _order_lines(moment, found) if page.column in ORDERED else {}
    rows, following = cut(
        [_sortable(line, moment.today, details) for line in found], page,
        lambda row: row[page.column], lambda row: row["key"],
    )
    return _Lines([row["open_line"] for row in rows], following, total)


ORDERED = {"ordered", "shipped", "cancelled"}
"""The columns that stand in orders alone."""


def _sortable(
    line: PromisedLine, today: date, details: dict[tuple[str, int], OrderLineView]
) -> dict[str, Any]:
    row = dict(zip(OPEN_LINE.columns, line_row(line), strict=True))
    promised = promised_for(line, today)
    ready = ready_on(line, today)
    ordered = details.get(line.key)
    return {
        **row, "order": line.order, "backordered": line.backordered,
        "promise_date": iso(promised),
        "ready_date": iso(ready),
        "pegged_to": None if row["pegs"] == "[]" else row["pegs"],
        "age_days": today.toordinal() - row["placed_day"],
        "days_slipped": WORST if line.told.lost else line.days_slipped,
        "uncertain": int(line.uncertain),
        **({name: getattr(ordered, name) for name in ORDERED} if ordered else {}),
        "key": _key_of(row), "open_line": line,
    }


def _key_of(row: Row) -> tuple[Any, ...]:
    return (row["customer"], row["order_id"], row["line"])


def _is_asked_for(
    line: PromisedLine, filters: Filters, today: date, receipts: set[tuple[str, int]] | None
) -> bool:
    return (
        not (filters.late and not is_late(line, today))
        and not (filters.uncertain and not line.uncertain)
        and not (filters.uncovered and not line.uncovered)
        and not (receipts is not None and not any(
            (peg.purchase_order, peg.purchase_line) in receipts for peg in line.pegs
        ))
    )


def _keys_of_receipts(moment: MomentView, filters: Filters) -> set[tuple[str, int]] | None:
    """Return the purchase lines that a line must be pegged to, ``None`` for any."""
    asked = _receipts_asked_for(moment, filters)
    if not asked.parts:
        return None
    rows = moment.rows(OPEN_RECEIPT, asked.where(), **asked.parameters)
    return {(row["purchase_order"], row["line"]) for row in rows}


def _pegged_today(moment: MomentView, lines: Sequence[PromisedLine]) -> list[PromisedLine]:
    stale = set(moment.promises.stale)
    if not stale:
        return list(lines)
    skus = {line.sku for line in lines if line.ships_complete or line.sku in stale}
    queues = moment.promises.queues(sorted(skus))
    return [
        queues[line.sku].lines[line.key] if line.sku in skus else line for line in lines
    ]


# ------------------------------------------------------------------ rows


def _order_lines(
    moment: MomentView, lines: Iterable[PromisedLine]
) -> dict[tuple[str, int], OrderLineView]:
    order_ids = list(dict.fromkeys(line.order for line in lines))
    orders = moment.orders(order_ids)
    return {
        (order_id, number): line
        for order_id, order in orders.items() for number, line in order.lines.items()
    }


def _assemble(moment: MomentView, lines: Sequence[PromisedLine]) -> list[dict[str, Any]]:
    details = _order_lines(moment, lines)
    return [_row(line, details[line.key], moment.today) for line in lines]


def _row(line: PromisedLine, ordered: OrderLineView, today: date) -> dict[str, Any]:
    promised, ready = promised_for(line, today), ready_on(line, today)
    return {
        "customer": line.customer,
        "order": line.order,
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
        **uncertainty(line.rests_on, today),
        "late": is_late(line, today),
        "slips": line.slips,
        "days_slipped": line.days_slipped,
        "lost": line.told.lost,
        "pegged_to": [
            {
                "purchase_order": peg.purchase_order, "purchase_line": peg.purchase_line,
                "quantity": to_number(peg.quantity), "ready_date": peg.ready.isoformat(),
                "uncertain": peg.overdue_since is not None,
            }
            for peg in line.pegs
        ],
        "age_days": max((today - line.placed_on).days, 0),
    }
