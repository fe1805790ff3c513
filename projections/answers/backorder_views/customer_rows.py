"""The rows of backorders by customer: an open order line with its units, its promise and who knows.

Rule 6.2 is the source.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Literal

from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.orders.events import How
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.answers.moment_view import MomentView
from stocktrail.projections.answers.promised import (
    is_late,
    promised_for,
    ready_on,
)
from stocktrail.projections.answers.shapes.promises import (
    OverdueReceiptReport,
    PegReport,
    PromiseState,
)
from stocktrail.projections.answers.shapes.shape import Number, Shape
from stocktrail.projections.dates import iso
from stocktrail.projections.models.orders import OrderLineView
from stocktrail.projections.models.overdue import uncertainty
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.models.told_customers import latest_tellings


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
    promise: PromiseState
    known_date: date | None
    to_tell: bool
    told_at: datetime | None
    told_how: How | None


def order_lines(
    moment: MomentView, lines: Iterable[PromisedLine]
) -> dict[tuple[str, int], OrderLineView]:
    """Return the lines as their orders have them."""
    order_ids = list(dict.fromkeys(line.order for line in lines))
    orders = moment.orders(order_ids)
    return {
        (order_id, number): line
        for order_id, order in orders.items() for number, line in order.lines.items()
    }


def assemble(moment: MomentView, lines: Sequence[PromisedLine]) -> list[dict[str, Any]]:
    """Put together the rows of open order lines."""
    details = order_lines(moment, lines)
    told = latest_tellings(moment.tellings([
        line.order for line in lines if line.told.marked is not None
    ]))
    return [
        _row(line, details[line.key], moment.today, told.get(line.key)) for line in lines
    ]


def _row(
    line: PromisedLine, ordered: OrderLineView, today: date, telling: Row | None
) -> dict[str, Any]:
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
        "promise": line.promise_state,
        "promise_date": iso(promised),
        "ready_date": iso(ready),
        **uncertainty(line.rests_on, today),
        "late": is_late(line, today),
        "slips": line.slips,
        "days_slipped": line.days_slipped,
        "lost": line.told.lost,
        "known_date": iso(line.told.known),
        "to_tell": line.is_to_tell,
        "told_at": None if telling is None else to_iso(telling["recorded_at"]),
        "told_how": None if telling is None else telling["how"],
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
