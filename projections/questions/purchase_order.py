"""The purchase-order report: what a vendor owes, what came of it, and who waits for it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.pegging import Blocked, is_overdue
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.refusal import Refusal
from stocktrail.projections.answers.backorder_views.by_vendor import (
    Waiting,
    days_late,
    waiting_for,
    waiting_rows,
)
from stocktrail.projections.answers.moment_view import moment_view
from stocktrail.projections.answers.shapes.promises import WaitingReport
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.as_of import LedgerAsOf
from stocktrail.projections.dates import iso
from stocktrail.projections.models.purchase_orders import PurchaseLineView
from stocktrail.projections.questions.fields import PurchaseOrderId
from stocktrail.projections.questions.question import Example, Question, Report, Today
from stocktrail.projections.read_models import ReadModels


class PurchaseOrderLineReport(Shape):
    """A line of a purchase order."""

    line: int
    sku: str
    ordered: Number
    received: Number
    over_received: Number
    cancelled: Number
    remaining: Number
    original_expected_date: date | None
    expected_date: date | None
    overdue: bool
    undated: bool
    blocked: Blocked | None
    days_late: int
    slips: int
    waiting: list[WaitingReport]


class PurchaseOrderReport(Shape):
    """A purchase order with its lines."""

    purchase_order: str
    vendor: str
    source: str
    status: str
    confirmed: bool
    placed_at: datetime
    position: Position
    lines: list[PurchaseOrderLineReport]
    version: int
    as_of: Position
    today: date


class PurchaseOrderStatus(Today, Question[PurchaseOrderReport]):
    """A purchase order with its lines: received, late, and who waits."""

    question: ClassVar[str] = "purchase-order"
    address: ClassVar[str | None] = "/purchase-orders/{purchase_order}"
    table: ClassVar[str] = "lines"
    example: ClassVar[Example] = {"purchase_order": "PO-1", "today": "2026-03-01"}

    purchase_order: PurchaseOrderId

    def answer(self, models: ReadModels) -> Report:
        """Assemble it, and who waits for it; refuses an unknown purchase order or position."""
        return purchase_order(
            models, self.purchase_order, as_of=self.position(models), today=self.day(models)
        )


def purchase_order(
    models: ReadModels, purchase_order_id: str, *, as_of: int | None = None,
    today: date | None = None,
) -> dict[str, Any]:
    """Report a purchase order with its lines, now or as of a position.

    ``waiting`` lists the order lines that are pegged to each line; ``blocked`` says why what is to
    come of it will help nobody. Refuses an unknown purchase
    order (``unknown_purchase_order``) or position (``unknown_position``).
    """
    def touched(past: LedgerAsOf) -> list[str]:
        found = past.purchase_orders([purchase_order_id]).values()
        return [line.sku for view in found for line in view.lines.values()]

    with moment_view(models, as_of, today, touched) as moment:
        found = moment.purchase_orders([purchase_order_id])
        view = found.get(purchase_order_id)
        if view is None:
            raise Refusal(
                "unknown_purchase_order", f"There is no purchase order {purchase_order_id}.",
                purchase_order=purchase_order_id, as_of=moment.position,
            )
        queues = moment.promises.fronts(line.sku for line in view.lines.values())
        waiting = waiting_for(queues)
        lines = [
            {
                **_line(line, waiting.get((purchase_order_id, line.line), ()), moment.today),
                "blocked": queues[line.sku].sources.why_blocked(view.source, moment.settings)
                if line.remaining else None,
            }
            for line in view.lines.values()
        ]
        return {
            "purchase_order": purchase_order_id,
            "vendor": view.vendor,
            "source": view.source,
            "status": view.status,
            "confirmed": view.confirmed,
            "placed_at": to_iso(view.placed_at),
            "position": view.position,
            "lines": lines,
            "version": view.version,
            "as_of": moment.position,
            "today": moment.today.isoformat(),
        }


def _line(line: PurchaseLineView, waiting: Sequence[Waiting], today: date) -> dict[str, Any]:
    late = days_late(line.original_expected_date, line.expected_date, today)
    return {
        "line": line.line,
        "sku": line.sku,
        "ordered": to_number(line.ordered),
        "received": to_number(line.received),
        "over_received": to_number(line.over_received),
        "cancelled": to_number(line.cancelled),
        "remaining": to_number(line.remaining),
        "original_expected_date": iso(line.original_expected_date),
        "expected_date": iso(line.expected_date),
        "overdue": bool(line.remaining) and is_overdue(line.expected_date, today),
        "undated": bool(line.remaining) and line.expected_date is None,
        "days_late": late if line.remaining else 0,
        "slips": line.slips,
        "waiting": waiting_rows(waiting, today),
    }
