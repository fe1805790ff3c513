"""What the list of orders is made of, and a row of it, put together from an order's open lines."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from stocktrail.ledger.pegging import latest
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.answers.lists.definition import COUNT, QUANTITY, TEXT, ListDefinition
from stocktrail.projections.answers.promised import is_late, promised_for, that_ships_any_time
from stocktrail.projections.as_of.every_line import LineThen
from stocktrail.projections.as_of.every_promise import EveryPromise
from stocktrail.projections.dates import iso
from stocktrail.projections.models.orders import OrderView
from stocktrail.projections.models.overdue import all_of
from stocktrail.projections.models.promised_lines import PromisedLine

DEFINITION = ListDefinition(
    "orders",
    key=("order",),
    columns={
        "order": TEXT, "customer": TEXT, "pool": TEXT, "ship_policy": TEXT, "position": COUNT,
        "remaining": QUANTITY, "allocated": QUANTITY, "backordered": QUANTITY,
        "uncovered": QUANTITY, "requested_date": TEXT, "promise_date": TEXT,
    },
    facets=(
        "open", "ready", "waiting", "uncovered", "late", "uncertain", "shipped", "cancelled",
    ),
    flags={"uncovered": "is_uncovered"},
    searched=("order", "customer"),
    totals=("remaining", "allocated", "backordered", "uncovered"),
    sort="-position",
)

CLOSED: dict[str, Any] = {
    "remaining": 0, "allocated": 0, "backordered": 0, "uncovered": 0, "requested_date": None,
    "promise_date": None, "open": 0, "ready": 0, "waiting": 0, "is_uncovered": 0, "late": 0,
    "uncertain": 0,
}
"""What is true of an order of which nothing is open."""


def open_row(order: str, position: int, lines: Sequence[PromisedLine], today: date) -> Row:
    """Return the row of an order with these open lines, which was placed at a position.

    It can ship when any of its units can, or all of them where it ships complete. Its promise is
    that of its last line, and unknown while that of any line is.
    """
    first = lines[0]
    if first.ships_complete:
        together = latest(line.own_date for line in lines)
        rests_on = all_of(line.own_rests_on for line in lines)
        lines = [line._replace(promise_date=together, rests_on=rests_on) for line in lines]
    remaining = sum(line.remaining for line in lines)
    ready = sum(line.allocated if line.managed else line.remaining for line in lines)
    uncovered = sum(line.uncovered for line in lines)
    waits_for = sum(line.waits_for for line in lines)
    return {
        "order": order, "customer": first.customer, "pool": first.pool,
        "ship_policy": first.ship_policy, "position": position, "remaining": remaining,
        "allocated": sum(line.allocated for line in lines), "backordered": waits_for,
        "uncovered": uncovered,
        "requested_date": min(line.requested_date for line in lines).isoformat(),
        "promise_date": iso(latest(promised_for(line, today) for line in lines)),
        "open": 1, "ready": ready == remaining if first.ships_complete else ready > 0,
        "waiting": waits_for > 0, "is_uncovered": uncovered > 0,
        "late": any(is_late(line, today) for line in lines),
        "uncertain": any(line.uncertain for line in lines), "shipped": 0, "cancelled": 0,
    }


def row_of_lines(lines: Sequence[PromisedLine], today: date) -> Row:
    """Return the row of an order with these open lines, all that it has."""
    return open_row(lines[0].order, min(line.since for line in lines), lines, today)


_SUMS = ("remaining", "allocated", "backordered", "uncovered")
_TRUE_OF_ANY = ("ready", "waiting", "is_uncovered", "late", "uncertain")


def parts_together(one: Row, other: Row) -> Row:
    """Return the row of an order that ships in parts, from the rows of some of its lines each."""
    promised = [each["promise_date"] for each in (one, other)]
    return {
        **one, **{name: one[name] + other[name] for name in _SUMS},
        **{name: bool(one[name] or other[name]) for name in _TRUE_OF_ANY},
        "position": min(one["position"], other["position"]),
        "requested_date": min(one["requested_date"], other["requested_date"]),
        "promise_date": None if None in promised else max(promised),
    }


def open_row_then(lines: Sequence[LineThen], promises: EveryPromise) -> Row:
    """Return the row of an order with these lines open at an earlier position.

    It is what :func:`open_row` returns of such lines, one by one.
    """
    first, today = lines[0], promises.today.toordinal()
    remaining = allocated = waits_for = uncovered = ready = 0
    wanted, promised = first.requested, today
    late = uncertain = False
    is_promised = True
    for line in lines:
        units, had, requested, day = line.remaining, line.allocated, line.requested, line.promised
        remaining += units
        allocated += had
        uncovered += line.uncovered
        if line.managed:
            waits_for += units - had
            ready += had
        else:
            ready += units
        if requested < wanted:
            wanted = requested
        if line.rests_on:
            uncertain = True
        if day is None:
            is_promised = False
        elif day > promised:
            promised = day
        late = late or requested < today or (day is not None and day > requested) or (
            line.news is not None and line.is_lost
        )
    return {
        "order": first.order, "customer": first.customer, "pool": first.pool,
        "ship_policy": "complete" if first.ships_complete else "partial",
        "position": min([line.since for line in lines]), "remaining": remaining,
        "allocated": allocated, "backordered": waits_for, "uncovered": uncovered,
        "requested_date": _written(wanted),
        "promise_date": _written(promised) if is_promised else None,
        "open": 1, "ready": ready == remaining if first.ships_complete else ready > 0,
        "waiting": waits_for > 0, "is_uncovered": uncovered > 0, "late": late,
        "uncertain": uncertain, "shipped": 0, "cancelled": 0,
    }


@lru_cache(maxsize=4_096)
def _written(day: int) -> str:
    return date.fromordinal(day).isoformat()


def rows_of_orders(
    lines: Mapping[str, Sequence[PromisedLine]], unmanaged: Mapping[str, OrderView], today: date
) -> Iterator[Row]:
    """Yield the rows of orders with open lines, and of those that have lines of the other kind.

    ``unmanaged`` are orders of which lines were accepted while stock was not managed.
    """
    for order, of_order in lines.items():
        if order not in unmanaged:
            yield row_of_lines(of_order, today)
    for order, view in unmanaged.items():
        yield row_of_unmanaged(view, lines.get(order, ()), today)


def row_of_unmanaged(view: OrderView, lines: Sequence[PromisedLine], today: date) -> Row:
    """Return the row of an order of which lines were accepted while stock was not managed.

    ``lines`` are its other open lines.
    """
    any_time = [
        that_ships_any_time(view, line, lines)
        for line in view.lines.values() if line.remaining and not line.managed
    ]
    if lines or any_time:
        return open_row(view.order_id, view.position, [*lines, *any_time], today)
    return {
        "order": view.order_id, "customer": view.customer, "pool": view.pool,
        "ship_policy": view.ship_policy, "position": view.position, **CLOSED,
        "shipped": view.status == "complete", "cancelled": view.status == "cancelled",
    }
