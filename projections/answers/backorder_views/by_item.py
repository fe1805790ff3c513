"""Backorders by item: what is wanted, what is there, what is to come, and what to order or chase.

Without a pool the columns add up all pools; with one they are that pool's. With a cutoff all
columns about lines and receipts, and what to order, are of those before it. Supply is what all
those pools can be allocated together, so that units at a shared source count once.

Only the page is put together in full. To sort all items by a column it alone is computed: summed up
by the database where it is about lines, from what is stored of the item where it is about stock.
Items that must be pegged again for today (:mod:`stocktrail.projections.models.promises_today`) are,
where it matters.

Rule 6.1 is the source.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from stocktrail.ledger.pegging import OpenReceipt
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.answers.backorder_views.by_vendor import DAYS_LATE, OVERDUE
from stocktrail.projections.answers.backorder_views.filters import Conditions, Filters
from stocktrail.projections.answers.backorder_views.item_view import COLUMNS, ItemView
from stocktrail.projections.answers.backorder_views.line_conditions import (
    LATE,
    PROMISE,
    UNCERTAIN,
    WAITS,
)
from stocktrail.projections.answers.backorder_views.line_sums import (
    LineSums,
    PoolWaits,
    stored_sums,
)
from stocktrail.projections.answers.backorder_views.page import Found
from stocktrail.projections.answers.moment_view import MomentView
from stocktrail.projections.answers.shapes.promises import OverdueReceiptReport
from stocktrail.projections.answers.shapes.shape import Number, Shape
from stocktrail.projections.answers.sorted_page import Page, cut
from stocktrail.projections.models.item import PoolGroups
from stocktrail.projections.models.open_lines import OPEN_LINE, PEGGED_ITEM
from stocktrail.projections.models.parked_items import PARKED_ITEM
from stocktrail.projections.models.purchase_orders import OPEN_RECEIPT, open_receipt


class Expedite(Shape):
    """A purchase line to chase, because it comes too late for who waits."""

    purchase_order: str
    purchase_line: int
    expected_date: date
    overdue: bool
    days_late: int
    quantity: Number


class ItemRow(Shape):
    """An item: what is short, what is to come, what to order or to chase."""

    sku: str
    name: str | None
    supply: Number
    allocated: Number
    free: Number
    safety_stock: Number
    open_demand: Number
    backordered: Number
    sales_orders_waiting: int
    customers_waiting: int
    oldest_requested_date: date | None
    first_promise_date: date | None
    last_promise_date: date | None
    open_supply: Number
    next_receipt_date: date | None
    next_receipt_quantity: Number | None
    next_receipt_purchase_order: str | None
    overdue_supply: Number
    undated_supply: Number
    blocked_supply: Number
    uncovered: Number
    suggested_order_quantity: Number
    first_promise_uncertain: bool
    last_promise_uncertain: bool
    uncertain: bool
    overdue_receipts: list[OverdueReceiptReport]
    next_receipt_purchase_line: int | None
    expedite: list[Expedite]


DEFAULT_SORT = "sku"

_WAITING = f"CASE WHEN {WAITS} THEN {{}} END"
_SUMS = {
    "open_demand": "SUM(remaining)",
    "backordered": "SUM(remaining - allocated)",
    "uncovered": "SUM(uncovered)",
}
_OF_LINES = {
    **_SUMS,
    "sales_orders_waiting": f"COUNT(DISTINCT {_WAITING.format('order_id')})",
    "customers_waiting": f"COUNT(DISTINCT {_WAITING.format('customer')})",
    "oldest_requested_date": f"MIN({_WAITING.format('requested_date')})",
    "first_promise_date": f"MIN({_WAITING.format(PROMISE)})",
    "last_promise_date": f"MAX({_WAITING.format(PROMISE)})",
}
_COUNTING = {"uncovered": ("uncovered > 0",)}
"""The lines that count for a column, where the others add nothing and an index knows them."""

_SLIPPED = "slips > 0"
_OF_PEGS = {"uncovered", "first_promise_date", "last_promise_date"}


class _Sorted(NamedTuple):
    """An item, and what it is sorted by."""

    sku: str
    value: Any


def by_item(moment: MomentView, filters: Filters, page: Page) -> Found:
    """Return a page of items of which anything is open."""
    reach = PoolGroups(moment.settings)
    skus = _skus(moment, filters)
    values = _values(moment, filters, page.column, skus, reach)
    chosen, following = cut(
        [_Sorted(sku, values.get(sku)) for sku in skus], page,
        lambda row: row.value, lambda row: [row.sku],
    )
    rows = item_rows(moment, filters, [row.sku for row in chosen])
    return Found(rows, following, len(skus))


def item_rows(moment: MomentView, filters: Filters, skus: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows of some items, in the order in which they are given."""
    first_expected = _first_expected(moment, skus)
    views = _views(moment, filters, skus, PoolGroups(moment.settings))
    return [view.row(first_expected) for view in views]


# ------------------------------------------------------------------ which items


def _skus(moment: MomentView, filters: Filters) -> list[str]:
    """Return the items that have a line which is asked for."""
    of_lines, of_receipts = _conditions(moment, filters)
    asked = Conditions()
    asked.equal("sku", filters.item)
    lines = moment.place.table(OPEN_LINE).name
    receipts = moment.place.table(OPEN_RECEIPT).name
    has_line, has_receipt = _has(lines, of_lines), _has(receipts, of_receipts)
    if filters.waiting:
        asked.parts.append(_has_waiting(moment, of_lines))
    if filters.overdue:
        asked.add(_has(receipts, of_receipts, OVERDUE), today=moment.today.isoformat())
    if filters.slipped:
        slipped = [_has(lines, of_lines, _SLIPPED), _has(receipts, of_receipts, _SLIPPED)]
        asked.parts.append(f"({' OR '.join(slipped)})")
    if filters.customer is not None:
        asked.parts.append(has_line)
    if filters.vendor is not None:
        asked.parts.append(has_receipt)
    of_nobody = filters.customer is None and filters.vendor is None
    # Who waits has a line: to look for any other takes 30 ms at 100,000 lines (2026-11-30).
    if of_nobody and not filters.waiting and (of_lines.parts or of_receipts.parts):
        asked.parts.append(f"({has_line} OR {has_receipt})")
    moment.cursor.execute(
        f"SELECT sku FROM {moment.place.table(PEGGED_ITEM).name} {asked.where()} ORDER BY sku",
        {**of_lines.parameters, **of_receipts.parameters, **asked.parameters},
    )
    skus = [row["sku"] for row in moment.cursor.fetchall()]
    if filters.uncovered:
        skus = _where_pegs(moment, filters, skus, "uncovered > 0", ItemView.has_uncovered_line)
    if filters.uncertain:
        skus = _where_pegs(moment, filters, skus, UNCERTAIN, ItemView.has_uncertain_line)
    return _late(moment, filters, skus) if filters.late else skus


def _conditions(moment: MomentView, filters: Filters) -> tuple[Conditions, Conditions]:
    """Write which order lines and which purchase lines are asked for."""
    of_lines, of_receipts = Conditions(), Conditions()
    of_lines.equal("customer", filters.customer)
    of_lines.one_of("pool", filters.pools(moment.settings))
    of_receipts.equal("vendor", filters.vendor)
    of_receipts.one_of("destination", filters.destinations(moment.settings))
    if filters.before is not None:
        of_lines.add("requested_date < :cutoff", cutoff=filters.before)
        of_receipts.add("expected_date < :cutoff", cutoff=filters.before)
    parked = moment.place.table(PARKED_ITEM).name
    for conditions in (of_lines, of_receipts):
        conditions.parts.append(f"sku NOT IN (SELECT sku FROM {parked})")
    return of_lines, of_receipts


def _has(table: str, conditions: Conditions, *more: str) -> str:
    return f"sku IN (SELECT sku FROM {table} {conditions.where(*more)})"


def _has_waiting(moment: MomentView, of_lines: Conditions) -> str:
    """Write that an item has a line that waits.

    Where most items do, its first lines tell it: in 6 instead of 45 ms at 100,000 lines
    (2026-11-30). Lines of a customer or a pool are few, and found first.
    """
    lines, items = (moment.place.table(each).name for each in (OPEN_LINE, PEGGED_ITEM))
    if len(of_lines.parts) > 1:
        return _has(lines, of_lines, WAITS)
    return f"EXISTS (SELECT 1 FROM {lines} {of_lines.where(f'{lines}.sku = {items}.sku', WAITS)})"


def _day(moment: MomentView) -> dict[str, Any]:
    return {"today": moment.today.isoformat(), "today_day": moment.today.toordinal()}


def _seen(filters: Filters) -> Filters:
    """Keep the filters that choose which lines the columns of an item add up."""
    return Filters(pool=filters.pool, cutoff=filters.cutoff)


def _where_pegs(
    moment: MomentView, filters: Filters, skus: Sequence[str], condition: str,
    holds: Callable[[ItemView], bool],
) -> list[str]:
    """Keep the items that have an order line which meets a condition under today.

    ``holds`` says so of an item that has to be pegged again.
    """
    of_lines, _ = _conditions(moment, _seen(filters))
    moment.cursor.execute(
        f"SELECT sku FROM {moment.place.table(OPEN_LINE).name} "
        f"{of_lines.where(condition, f'NOT {moment.promises.affected}')}",
        {**of_lines.parameters, **_day(moment)},
    )
    found = {row["sku"] for row in moment.cursor.fetchall()}
    for view in _pegged_again(moment, filters, skus):
        if holds(view):
            found.add(view.stock.key)
    return [sku for sku in skus if sku in found]


def _late(moment: MomentView, filters: Filters, skus: Sequence[str]) -> list[str]:
    """Keep the items of which a line is promised late or a receipt comes late."""
    _, of_receipts = _conditions(moment, _seen(filters))
    moment.cursor.execute(
        f"SELECT DISTINCT sku FROM {moment.place.table(OPEN_RECEIPT).name} "
        f"{of_receipts.where(f'{DAYS_LATE} > 0')}",
        {**of_receipts.parameters, **_day(moment)},
    )
    found = {row["sku"] for row in moment.cursor.fetchall()}
    found |= set(_where_pegs(moment, filters, skus, LATE, ItemView.has_late_line))
    return [sku for sku in skus if sku in found]


# ------------------------------------------------------------------ one column of all items


def _values(
    moment: MomentView, filters: Filters, column: str, skus: Sequence[str], reach: PoolGroups
) -> Mapping[str, Any]:
    if column == "sku":
        return {sku: sku for sku in skus}
    if column == "suggested_order_quantity":
        return _suggested(moment, filters, skus, reach)
    if column not in _OF_LINES:
        stocks = moment.stocks(skus)
        receipts = _receipts(moment, skus)
        return {
            sku: ItemView(
                stocks[sku], (), receipts.get(sku, ()), moment, reach, filters
            ).stock_columns()[column]
            for sku in skus
        }
    of_lines, _ = _conditions(moment, _seen(filters))
    lines = moment.place.table(OPEN_LINE).name
    # Grouped by an expression, so that SQLite reads the table as it lies, and not by its index.
    moment.cursor.execute(
        f"SELECT MIN(sku) AS sku, {_OF_LINES[column]} AS value FROM {lines} "
        f"{of_lines.where(*_COUNTING.get(column, ()))} GROUP BY sku || ''",
        {**of_lines.parameters, **_day(moment)},
    )
    values = {row["sku"]: row["value"] for row in moment.cursor.fetchall()}
    if column in _SUMS:
        values = {sku: to_number(value) for sku, value in values.items()}
    if column in _OF_PEGS:
        for view in _pegged_again(moment, filters, skus):
            values[view.stock.key] = view.line_columns()[column]
    nothing = None if column.endswith("_date") else 0
    return {sku: values.get(sku, nothing) for sku in skus}


def _suggested(
    moment: MomentView, filters: Filters, skus: Sequence[str], reach: PoolGroups
) -> Mapping[str, Any]:
    """Return for every item how many units to order.

    What its lines wait for is summed up by the database, but for items that a pool waits for which
    shares sources, and for those that must be pegged again: there single pegs count.
    """
    of_lines, _ = _conditions(moment, _seen(filters))
    moment.cursor.execute(
        "SELECT sku, pool, SUM(remaining - allocated) AS backordered, SUM(uncovered) AS uncovered "
        f"FROM {moment.place.table(OPEN_LINE).name} {of_lines.where()} GROUP BY sku, pool",
        of_lines.parameters,
    )
    waiting: dict[str, dict[str, PoolWaits]] = {}
    for row in moment.cursor.fetchall():
        waits = PoolWaits(int(row["backordered"]), int(row["uncovered"]))
        waiting.setdefault(row["sku"], {})[row["pool"]] = waits
    views = {view.stock.key: view for view in _pegged_again(moment, filters, skus)}
    looked_into = [
        sku for sku in skus if sku not in views and any(
            waits.backordered and not reach.stands_alone(pool)
            for pool, waits in waiting.get(sku, {}).items()
        )
    ]
    views |= {view.stock.key: view for view in _views(moment, filters, looked_into, reach)}
    stocks = moment.stocks([sku for sku in skus if sku not in views])
    receipts = _receipts(moment, list(stocks))
    for sku, stock in stocks.items():
        views[sku] = ItemView(
            stock, (), receipts.get(sku, ()), moment, reach, filters,
            LineSums(waiting=waiting.get(sku, {})),
        )
    return {sku: to_number(views[sku].suggested()) for sku in skus}


def _pegged_again(
    moment: MomentView, filters: Filters, skus: Sequence[str]
) -> list[ItemView]:
    """Look at the items whose pegs or promise dates under today are not what is stored."""
    if not moment.promises.stale:
        return []
    moment.cursor.execute(
        f"SELECT DISTINCT sku FROM {moment.place.table(OPEN_LINE).name} "
        f"WHERE {moment.promises.affected}", _day(moment),
    )
    affected = {row["sku"] for row in moment.cursor.fetchall()}
    chosen = [sku for sku in skus if sku in affected]
    return _views(moment, filters, chosen, PoolGroups(moment.settings))


def _receipts(moment: MomentView, skus: Sequence[str]) -> Mapping[str, list[OpenReceipt]]:
    found: dict[str, list[OpenReceipt]] = {}
    rows = moment.place.table(OPEN_RECEIPT).rows_of(moment.cursor, "sku", skus)
    for row in rows:
        found.setdefault(row["sku"], []).append(open_receipt(row))
    return found


# ------------------------------------------------------------------ whole items


def _views(
    moment: MomentView, filters: Filters, skus: Sequence[str], reach: PoolGroups
) -> list[ItemView]:
    """Put items together; of those that are stored as they are today, lines are summed up there."""
    stocks = moment.stocks(skus)
    queues = moment.promises.fronts(skus)
    stale = set(moment.promises.stale)
    stored = [sku for sku in skus if sku not in stale]
    of_lines, _ = _conditions(moment, _seen(filters))
    sums = stored_sums(moment, of_lines, stored)
    lacking = _lacking(moment, filters, sums)
    return [
        ItemView(
            stocks[sku], queues[sku].lines.values(), queues[sku].receipts.values(), moment,
            reach, filters, sums.get(sku), sku in lacking if sku in sums else None,
        )
        for sku in skus
    ]


def _lacking(
    moment: MomentView, filters: Filters, sums: Mapping[str, LineSums]
) -> set[str]:
    """Return the items of which a line waits for what nobody ordered, whatever the cutoff."""
    if filters.before is not None:
        of_lines, _ = _conditions(moment, Filters(pool=filters.pool))
        sums = stored_sums(moment, of_lines, list(sums))
    return {sku for sku, each in sums.items() if each.uncovered}


def _first_expected(moment: MomentView, skus: Sequence[str]) -> Mapping[tuple[str, int], date]:
    rows: list[Row] = list(
        moment.place.table(OPEN_RECEIPT).rows_of(moment.cursor, "sku", skus)
    )
    return {
        (row["purchase_order"], row["line"]): date.fromisoformat(row["original_expected_date"])
        for row in rows if row["original_expected_date"] is not None
    }


__all__ = ["COLUMNS", "DEFAULT_SORT", "by_item"]
