"""Backorders by customer: every open order line, what it waits for and until when.

What is stored is sorted and paged by the database. Lines whose pegs depend on today (see
:mod:`stocktrail.projections.models.promises_today`) are pegged again: those of the page if neither
its filters nor its order look at pegs, else all of them, and merged with the page of the others.

Rule 6.2 is the source.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from stocktrail.ledger.store.tables import Row
from stocktrail.projections.answers.backorder_views.by_vendor import OVERDUE
from stocktrail.projections.answers.backorder_views.customer_rows import CustomerRow as CustomerRow
from stocktrail.projections.answers.backorder_views.customer_rows import assemble, order_lines
from stocktrail.projections.answers.backorder_views.filters import Conditions, Filters
from stocktrail.projections.answers.backorder_views.line_conditions import LATE as LATE
from stocktrail.projections.answers.backorder_views.line_conditions import (
    MOVED,
    PROMISE,
    PROMISED,
    TOLD,
    UNCERTAIN,
)
from stocktrail.projections.answers.backorder_views.line_conditions import WAITS as WAITS
from stocktrail.projections.answers.backorder_views.page import Found
from stocktrail.projections.answers.backorder_views.told import MovedLines, is_told, moved_lines
from stocktrail.projections.answers.moment_view import MomentView
from stocktrail.projections.answers.promised import (
    is_late,
    promised_for,
    ready_on,
)
from stocktrail.projections.answers.sorted_page import Page, cut, sql_after, sql_order
from stocktrail.projections.dates import iso
from stocktrail.projections.models.open_line_rows import pegs_text, read_line
from stocktrail.projections.models.open_lines import OPEN_LINE
from stocktrail.projections.models.orders import ORDER_LINE, OrderLineView
from stocktrail.projections.models.promise_changes import PROMISE_CHANGE
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.models.purchase_orders import OPEN_RECEIPT

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

_OF_PEGS = {"uncovered", "promise_date", "ready_date", "pegged_to", "uncertain"}
_WITH_GAPS = {"promise_date", "ready_date", "pegged_to"}
_KEY = ("customer", "order_id", "line")

def by_customer(moment: MomentView, filters: Filters, page: Page) -> Found:
    """Return a page of open order lines."""
    conditions = _conditions(moment, filters)
    looks_at_pegs = (
        page.column in _OF_PEGS or filters.late or filters.uncertain or filters.uncovered
        or filters.told is not None or filters.promise is not None
        or filters.moved_since is not None
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
    return Found(assemble(moment, found.lines), found.next, found.total)


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
    if filters.moved_since is not None:
        conditions.parameters |= {
            "since": filters.moved_since.position,
            "since_day": filters.moved_since.day.isoformat(),
        }
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
    more = []
    if filters.late:
        more.append(LATE)
    if filters.uncertain:
        more.append(UNCERTAIN)
    if filters.uncovered:
        more.append("uncovered > 0")
    if filters.told is not None:
        more.append(TOLD[filters.told])
    if filters.promise is not None:
        more.append(PROMISED[filters.promise])
    if filters.moved_since is not None:
        more.append(MOVED.format(changes=moment.place.table(PROMISE_CHANGE).name))
    more.append(others)     # last, for it takes longest to say: 10 instead of 34 ms for few lines
    after, parameters = sql_after(expression, _KEY, page)
    table = moment.place.table(OPEN_LINE)
    moment.cursor.execute(
        f"SELECT {', '.join(table.columns)}, {expression} AS sorted_by FROM {table.name} "
        f"{conditions.where(*more, *after)} {order} LIMIT :limit",
        {**conditions.parameters, **parameters, "limit": page.limit + 1},
    )
    rows = moment.cursor.fetchall()
    total, following = len(rows), None
    if page.counted and (page.after is not None or len(rows) > page.limit):
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
    moved = moved_lines(moment, filters.moved_since)
    found = [
        line for line in pegged if _is_asked_for(line, filters, moment.today, receipts, moved)
    ]
    total = len(found)
    if affected != "1 = 1":
        whole = page._replace(limit=page.limit + 1)
        others = _in_database(moment, filters, whole, conditions, f"NOT {affected}")
        found += others.lines
        total += others.total
    details = order_lines(moment, found) if page.column in ORDERED else {}
    rows, following = cut(
        [
            {
                "value": _value(line, page.column, moment.today, details),
                "key": (line.customer, *line.key), "open_line": line,
            } for line in found
        ], page, lambda row: row["value"], lambda row: row["key"],
    )
    return _Lines([row["open_line"] for row in rows], following, total)


ORDERED = {"ordered", "shipped", "cancelled"}
"""The columns that stand in orders alone."""


_VALUES: Mapping[str, Callable[[PromisedLine, date], Any]] = {
    "requested_date": lambda line, _: line.requested_date.isoformat(),
    "promise_date": lambda line, today: iso(promised_for(line, today)),
    "ready_date": lambda line, today: iso(ready_on(line, today)),
    "days_slipped": lambda line, _: WORST if line.told.lost else line.days_slipped,
    "lost": lambda line, _: int(line.told.lost),
    "uncertain": lambda line, _: int(line.uncertain),
    "pegged_to": lambda line, _: pegs_text(line) if line.pegs else None,
    "age_days": lambda line, today: (today - line.placed_on).days,
}
"""What a line that is pegged in memory is sorted by, where it is none of its own attributes."""


def _value(
    line: PromisedLine, column: str, today: date, details: dict[tuple[str, int], OrderLineView]
) -> Any:
    """Return what a line is sorted by, and nothing else of it.

    Of 3,600 lines that takes 5 ms of processor, and to write their rows 60 (2026-11-30).
    """
    if column in ORDERED:
        return getattr(details[line.key], column)
    if column in _VALUES:
        return _VALUES[column](line, today)
    return getattr(line, column)


def _key_of(row: Row) -> tuple[Any, ...]:
    return (row["customer"], row["order_id"], row["line"])


def _is_asked_for(
    line: PromisedLine, filters: Filters, today: date, receipts: set[tuple[str, int]] | None,
    moved: MovedLines | None,
) -> bool:
    return (
        not (filters.late and not is_late(line, today))
        and not (filters.uncertain and not line.uncertain)
        and not (filters.uncovered and not line.uncovered)
        and (filters.told is None or is_told(line, filters.told))
        and filters.promise in (None, line.promise_state)
        and (moved is None or moved.has(line))
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
