"""Backorders by vendor: every open purchase line, how late it is, and who waits for its goods.

Rule 6.3 is the source.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from stocktrail.ledger.instant import days_after
from stocktrail.ledger.pegging import Blocked, Peg
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.answers.backorder_views.filters import Conditions, Filters
from stocktrail.projections.answers.backorder_views.kept_pegs import kept_pegs
from stocktrail.projections.answers.backorder_views.page import Found
from stocktrail.projections.answers.moment_view import MomentView
from stocktrail.projections.answers.promised import promised_for
from stocktrail.projections.answers.shapes.promises import WaitingReport
from stocktrail.projections.answers.shapes.shape import Number, Shape
from stocktrail.projections.answers.sorted_page import Page, cut, sql_after, sql_order
from stocktrail.projections.dates import iso
from stocktrail.projections.models.open_lines import OPEN_LINE, Queue
from stocktrail.projections.models.overdue import uncertainty
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.models.purchase_orders import OPEN_RECEIPT


class VendorRow(Shape):
    """An open purchase line: how late it is, and who waits for it."""

    vendor: str
    purchase_order: str
    line: int
    sku: str
    destination: str
    ordered: Number
    received: Number
    cancelled: Number
    remaining: Number
    original_expected_date: date | None
    expected_date: date | None
    counted_on: date | None
    overdue: bool
    undated: bool
    blocked: Blocked | None
    days_late: int
    slips: int
    confirmed: bool
    pegged: Number
    free: Number
    waiting: list[WaitingReport]


DAYS_LATE = (
    "CASE WHEN expected_day IS NULL THEN 0 "
    "WHEN expected_day <= original_day AND :today_day <= original_day THEN 0 "
    "WHEN expected_day > :today_day THEN expected_day - original_day "
    "ELSE :today_day - original_day END"
)
OVERDUE = "expected_date < :today"
"""The condition on an open purchase line that should have come before today."""

COLUMNS = {
    "vendor": "vendor", "purchase_order": "purchase_order", "line": "line", "sku": "sku",
    "destination": "destination", "ordered": "ordered", "received": "received",
    "cancelled": "cancelled", "remaining": "remaining",
    "original_expected_date": "original_expected_date", "expected_date": "expected_date",
    "counted_on": "CASE WHEN expected_date < :today THEN :counted ELSE expected_date END",
    "overdue": f"COALESCE({OVERDUE}, FALSE)", "days_late": DAYS_LATE, "slips": "slips",
    "confirmed": "confirmed", "blocked": "", "pegged": "", "free": "",
}
"""The columns that the view can be sorted by; those of pegs are computed in memory."""

DEFAULT_SORT = "vendor"

_OF_PEGS = {"blocked", "pegged", "free"}
_OF_DATES = {"original_expected_date", "expected_date", "counted_on"}
_KEY = ("vendor", "purchase_order", "line")

PurchaseKey = tuple[str, int]
Waiting = tuple[PromisedLine, Peg]


def by_vendor(moment: MomentView, filters: Filters, page: Page) -> Found:
    """Return a page of open purchase lines."""
    conditions = _conditions(moment, filters)
    looks_at_pegs = (
        filters.customer is not None or filters.waiting or filters.uncertain or filters.uncovered
    )
    if page.column in _OF_PEGS or looks_at_pegs:
        rows, following, total = _in_memory(moment, filters, page, conditions)
    else:
        rows, following, total = _in_database(moment, page, conditions)
    queues = moment.promises.fronts(row["sku"] for row in rows)
    waiting = waiting_for(queues)
    rows_given = [
        _assemble(row, waiting, _why_blocked(row, queues, moment), moment.today)
        for row in rows
    ]
    return Found(rows_given, following, total)


def _conditions(moment: MomentView, filters: Filters) -> Conditions:
    today = moment.today
    counted = days_after(today, moment.settings.overdue_offset_days)
    conditions = Conditions()
    conditions.parameters |= {
        "today": today.isoformat(), "today_day": today.toordinal(), "counted": counted.isoformat(),
    }
    conditions.equal("sku", filters.item)
    conditions.equal("vendor", filters.vendor)
    conditions.one_of("destination", filters.destinations(moment.settings))
    if filters.before is not None:
        conditions.add("expected_date < :cutoff", cutoff=filters.before)
    if filters.overdue or filters.uncertain:
        conditions.add(OVERDUE)
    if filters.late:
        conditions.add(f"{DAYS_LATE} > 0")
    if filters.slipped:
        conditions.add("slips > 0")
    if filters.customer is not None:
        conditions.add(
            f"sku IN (SELECT sku FROM {moment.place.table(OPEN_LINE).name} "
            "WHERE customer = :customer)", customer=filters.customer,
        )
    return conditions


def _select(moment: MomentView, expression: str) -> str:
    table = moment.place.table(OPEN_RECEIPT)
    columns = ", ".join(table.columns)
    return (
        f"SELECT {columns}, {COLUMNS['counted_on']} AS counted_on, {DAYS_LATE} AS days_late, "
        f"{COLUMNS['overdue']} AS overdue, {expression} AS sorted_by FROM {table.name}"
    )


def _in_database(
    moment: MomentView, page: Page, conditions: Conditions
) -> Found:
    expression = COLUMNS[page.column]
    after, parameters = sql_after(expression, _KEY, page)
    moment.cursor.execute(
        f"{_select(moment, expression)} {conditions.where(*after)} "
        f"{sql_order(expression, _KEY, page, gaps=page.column in _OF_DATES)} LIMIT :limit",
        {**conditions.parameters, **parameters, "limit": page.limit + 1},
    )
    rows: list[Row] = [dict(row) for row in moment.cursor.fetchall()]
    if page.after is None and len(rows) <= page.limit:
        return Found(rows, None, len(rows))
    table = moment.place.table(OPEN_RECEIPT)
    total = table.count(moment.cursor, conditions.where(), **conditions.parameters)
    if len(rows) <= page.limit:
        return Found(rows, None, total)
    last = rows[page.limit - 1]
    return Found(rows[: page.limit], page.cursor_of(last["sorted_by"], _key_of(last)), total)


def _in_memory(
    moment: MomentView, filters: Filters, page: Page, conditions: Conditions
) -> Found:
    expression = "NULL" if page.column in _OF_PEGS else COLUMNS[page.column]
    moment.cursor.execute(
        f"{_select(moment, expression)} {conditions.where()}", conditions.parameters
    )
    rows: list[Row] = [dict(row) for row in moment.cursor.fetchall()]
    skus = list(dict.fromkeys(row["sku"] for row in rows))
    pegged, customers = _pegged(moment, skus)
    uncovered = moment.promises.without_cover(skus) if filters.uncovered else ()
    blocked = _blocked(moment, rows, skus) if page.column == "blocked" else {}
    found = []
    for row in rows:
        key = (row["purchase_order"], row["line"])
        if filters.customer is not None and filters.customer not in customers[key]:
            continue
        if (filters.waiting or filters.uncertain) and key not in pegged:
            continue
        if filters.uncovered and row["sku"] not in uncovered:
            continue
        units = pegged.get(key, 0)
        found.append({
            **row, "pegged": units, "free": row["remaining"] - units, "blocked": blocked.get(key),
        })
    column = page.column if page.column in _OF_PEGS else "sorted_by"
    return Found(*cut(found, page, lambda row: row[column], _key_of), len(found))


def _pegged(
    moment: MomentView, skus: Sequence[str]
) -> tuple[Mapping[PurchaseKey, int], Mapping[PurchaseKey, set[str]]]:
    """Return how many units of each purchase line are waited for, and by which customers."""
    units: dict[PurchaseKey, int] = {}
    customers: dict[PurchaseKey, set[str]] = defaultdict(set)
    for _, customer, name, number, quantity in kept_pegs(moment, skus):
        key = (name, number)
        units[key] = units.get(key, 0) + quantity
        customers[key].add(customer)
    return units, customers


def _blocked(
    moment: MomentView, rows: Sequence[Row], skus: Sequence[str]
) -> Mapping[PurchaseKey, Blocked | None]:
    queues = moment.promises.fronts(skus)
    return {
        (row["purchase_order"], row["line"]): _why_blocked(row, queues, moment) for row in rows
    }


def _why_blocked(row: Row, queues: Mapping[str, Queue], moment: MomentView) -> Blocked | None:
    return queues[row["sku"]].sources.why_blocked(row["destination"], moment.settings)


def _key_of(row: Row) -> tuple[Any, ...]:
    return (row["vendor"], row["purchase_order"], row["line"])


def waiting_for(queues: Mapping[str, Queue]) -> Mapping[PurchaseKey, Sequence[Waiting]]:
    """Return which lines are pegged to each purchase line, first in the queue first."""
    waiting: dict[PurchaseKey, list[Waiting]] = defaultdict(list)
    for queue in queues.values():
        for line in queue.lines.waiting():
            for peg in line.pegs:
                waiting[peg.purchase_order, peg.purchase_line].append((line, peg))
    return waiting


def days_late(original: date | None, expected: date | None, today: date) -> int:
    """Count the days by which a purchase line comes later than it was first expected.

    One that is overdue is late until it comes; one that was put off is late from the start; one
    that is undated never is.

    >>> days_late(date(2026, 3, 1), date(2026, 3, 1), today=date(2026, 3, 4))
    3
    >>> days_late(date(2026, 3, 1), date(2026, 3, 6), today=date(2026, 2, 1))
    5
    """
    if original is None or expected is None:
        return 0
    return max((max(expected, today) - original).days, 0)


def waiting_rows(waiting: Sequence[Waiting], today: date) -> list[dict[str, Any]]:
    """List who waits for a purchase line, so that arriving goods can be picked for them."""
    rows = []
    for line, peg in waiting:
        promised = promised_for(line, today)
        rows.append({
            "customer": line.customer, "order": line.order, "line": line.line,
            "quantity": to_number(peg.quantity),
            "requested_date": line.requested_date.isoformat(),
            "promise_date": iso(promised),
            **uncertainty(line.rests_on, today),
        })
    return rows


def _assemble(
    row: Row, waiting: Mapping[PurchaseKey, Sequence[Waiting]], blocked: Blocked | None, today: date
) -> dict[str, Any]:
    for_row = waiting[row["purchase_order"], row["line"]]
    pegged = sum(peg.quantity for _, peg in for_row)
    return {
        "vendor": row["vendor"],
        "purchase_order": row["purchase_order"],
        "line": row["line"],
        "sku": row["sku"],
        "destination": row["destination"],
        "ordered": to_number(row["ordered"]),
        "received": to_number(row["received"]),
        "cancelled": to_number(row["cancelled"]),
        "remaining": to_number(row["remaining"]),
        "original_expected_date": row["original_expected_date"],
        "expected_date": row["expected_date"],
        "counted_on": row["counted_on"],
        "overdue": bool(row["overdue"]),
        "undated": row["expected_date"] is None,
        "blocked": blocked,
        "days_late": row["days_late"],
        "slips": row["slips"],
        "confirmed": bool(row["confirmed"]),
        "pegged": to_number(pegged),
        "free": to_number(row["remaining"] - pegged),
        "waiting": waiting_rows(for_row, today),
    }
