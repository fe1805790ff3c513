"""All that was open at a moment, from what is kept of another moment that is near.

Only the items that moved between them are read and promised again
(:mod:`stocktrail.projections.as_of.moved_between`), and those of orders that ship complete with
them; of all others the lines are those that are kept.
"""

from copy import copy
from datetime import date

from stocktrail.projections.as_of.by_recorded_time import LedgerAsRecorded
from stocktrail.projections.as_of.every_line import LineThen, every_line, every_receipt
from stocktrail.projections.as_of.moved_between import items_moved
from stocktrail.projections.as_of.open_then import OpenThen, PromisedThen, own_promises
from stocktrail.projections.as_of.pegged_lines import LinesPegged, promise_together

MOST_MOVED = 0.25
"""Where a larger part of the items moved, all are read."""


def open_from_near(past: LedgerAsRecorded, today: date) -> OpenThen | None:
    """Return what was open, promised for a day, ``None`` where too much has moved."""
    near = past.open_near()
    if near is None:
        return None
    position, there = near
    day = today if today in there.promised else list(there.promised)[-1]
    before = there.promised[day]
    most = len(before.items) * MOST_MOVED
    moved = items_moved(past, there, position, (day, today))
    if moved is None or len(moved) > most:
        return None
    fresh = every_line(past, sorted(moved))
    whole = _whole(before, moved) | {line.order for line in fresh if line.ships_complete}
    others = {
        line.sku for line in before.shipping_complete if line.order in whole
    } - moved
    if len(moved) + len(others) > most:
        return None
    return _put_together(past, there, before, fresh, moved | others, others, today)


def _whole(before: PromisedThen, skus: set[str]) -> set[str]:
    """Return the orders that ship complete with a line of any of these items."""
    return {line.order for line in before.shipping_complete if line.sku in skus}


def _put_together(
    past: LedgerAsRecorded, there: OpenThen, before: PromisedThen, fresh: list[LineThen],
    again: set[str], others: set[str], today: date,
) -> OpenThen:
    """Take over what is kept of all items but of those that are looked at again."""
    fresh += every_line(past, sorted(others))
    coming = every_receipt(past, sorted(again))
    pegging = LinesPegged(past, fresh, coming, today)
    gone = {each.key for each in there.receipts if each.sku in again}
    dropped = {line.key for line in before.shipping_complete if line.sku in again}
    own = {key: each for key, each in before.own.items() if key not in dropped}
    together = _whole(before, again) | {line.order for line in fresh if line.ships_complete}
    lines, parts = [], [line for line in fresh if line.ships_complete]
    for line in before.lines:
        if line.sku in again:
            continue
        if line.ships_complete and line.order in together:
            line = copy(line)
            line.promised, line.rests_on = own[line.key]
            parts.append(line)
        lines.append(line)
    lines += fresh
    own |= own_promises(fresh)
    whole_orders = {
        order: each for order, each in before.whole_orders.items() if order not in together
    } | promise_together(parts)
    promised = PromisedThen(
        lines,
        {key: each for key, each in before.pegged.items() if key not in gone} | pegging.pegged,
        [sku for sku in before.sharing if sku not in again] + pegging.sharing, whole_orders, own,
    )
    receipts = [each for each in there.receipts if each.sku not in again] + coming
    return OpenThen(lines, receipts, {today: promised})
