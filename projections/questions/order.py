"""The order report: an order with its lines, what became of them and what waits."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

from pydantic import Field

from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.refusal import Refusal
from stocktrail.projections.answers.moment_view import moment_view
from stocktrail.projections.answers.promised import (
    parts_of,
    promised_for,
    ready_on,
    that_ships_any_time,
)
from stocktrail.projections.answers.shapes.promises import (
    OverdueReceiptReport,
    PromisePart,
    PromiseState,
    TellingReport,
)
from stocktrail.projections.answers.shapes.settings import SettingReport
from stocktrail.projections.answers.shapes.shape import Money, Number, Position, Shape
from stocktrail.projections.as_of import LedgerAsOf
from stocktrail.projections.dates import iso
from stocktrail.projections.models.orders import OrderLineView, OrderView, load_orders
from stocktrail.projections.models.overdue import uncertainty
from stocktrail.projections.models.promise_changes import NEVER_SLIPPED, slips_of
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.models.told_customers import telling_row
from stocktrail.projections.questions.fields import OrderId
from stocktrail.projections.questions.question import Example, Question, Report, Today
from stocktrail.projections.read_models import Reading, ReadModels


class LinePolicy(Shape):
    """The policy that a line was accepted under."""

    backorders: SettingReport


class OrderLineReport(Shape):
    """A line of an order."""

    line: int
    sku: str
    ordered: Number
    shipped: Number
    cancelled: Number
    released: Number
    remaining: Number
    allocated: Number
    backordered: Number
    requested_date: date
    unit_price: Money | None
    returned: Number
    written_off: Number
    managed: bool
    policy: LinePolicy
    promises: list[PromisePart]
    promise_date: date | None
    ready_date: date | None
    uncovered: Number
    lost: bool
    uncertain: bool
    overdue_receipts: list[OverdueReceiptReport]
    slips: int
    days_slipped: int
    promise: PromiseState | None = Field(description="How sure it is; none where nothing is open.")
    known_date: date | None = Field(description="The date that the customer knows of.")
    to_tell: bool = Field(description="Whether the promise is other news than that.")
    told: list[TellingReport] = Field(description="What somebody told the customer, and how.")


class OrderReport(Shape):
    """An order with its lines."""

    order: str
    customer: str
    pool: str
    priority: int
    ship_policy: Literal["partial", "complete"]
    currency: str | None
    captured_amount: Money | None
    refunded_amount: Money | None
    status: str
    placed_at: datetime
    position: Position
    lines: list[OrderLineReport]
    version: int
    as_of: Position
    today: date


class OrderStatus(Today, Question[OrderReport]):
    """An order with its lines: shipped, allocated, backordered, promised."""

    question: ClassVar[str] = "order"
    address: ClassVar[str | None] = "/orders/{order}"
    table: ClassVar[str] = "lines"
    example: ClassVar[Example] = {"order": "SO-1", "today": "2026-03-01"}

    order: OrderId

    def answer(self, models: ReadModels) -> Report:
        """Assemble the order and its promises; refuses an unknown order or position."""
        return order(models, self.order, self.position(models), self.day(models))


def know_order(
    reading: Reading, past: LedgerAsOf | None, order_id: str
) -> tuple[OrderView, int]:
    """Find an order now or as of a moment, and the position; refuses one nobody placed."""
    found = (
        load_orders(reading.place, reading.cursor, [order_id]) if past is None
        else past.orders([order_id])
    )
    view = found.get(order_id)
    position = reading.position if past is None else past.position
    if view is None:
        raise unknown_order(order_id, position)
    return view, position


def unknown_order(order_id: str, position: int) -> Refusal:
    """Return the refusal of an order that nobody had placed at a position."""
    return Refusal(
        "unknown_order", f"There is no order {order_id}.", order=order_id, as_of=position
    )


def assemble(view: OrderView, position: int) -> dict[str, Any]:
    """Put together the order object: quantities are JSON numbers of units, money is text."""
    return {
        "order": view.order_id,
        "customer": view.customer,
        "pool": view.pool,
        "priority": view.priority,
        "ship_policy": view.ship_policy,
        "currency": view.currency,
        "captured_amount": view.captured_amount,
        "refunded_amount": view.refunded_amount,
        "status": view.status,
        "placed_at": to_iso(view.placed_at),
        "position": view.position,
        "lines": [_line(line) for line in view.lines.values()],
        "version": view.version,
        "as_of": position,
    }


def _line(line: OrderLineView) -> dict[str, Any]:
    return {
        "line": line.line,
        "sku": line.sku,
        "ordered": to_number(line.ordered),
        "shipped": to_number(line.shipped),
        "cancelled": to_number(line.cancelled),
        "released": to_number(line.released),
        "remaining": to_number(line.remaining),
        "allocated": to_number(line.allocated),
        "backordered": to_number(line.backordered),
        "requested_date": line.requested_date.isoformat(),
        "unit_price": line.unit_price,
        "returned": to_number(line.returned),
        "written_off": to_number(line.written_off),
        "managed": line.managed,
        "policy": {"backorders": {"value": line.backorders, "level": line.backorders_level}},
    }


def _promises(line: PromisedLine | None, today: date) -> dict[str, Any]:
    if line is None:
        return {"promises": [], "promise_date": None, "ready_date": None, "uncovered": 0,
                "lost": False, **uncertainty((), today), "promise": None, "known_date": None,
                "to_tell": False}
    return {
        "promises": parts_of(line, today),
        "promise_date": iso(promised_for(line, today)),
        "ready_date": iso(ready_on(line, today)),
        "uncovered": to_number(line.uncovered),
        "lost": line.told.lost,
        **uncertainty(line.rests_on, today),
        "promise": line.promise_state,
        "known_date": iso(line.told.known),
        "to_tell": line.is_to_tell,
    }


def order(
    models: ReadModels, order_id: str, as_of: int | None = None, today: date | None = None
) -> dict[str, Any]:
    """Report an order with its lines, now or as of a position, and what they are promised.

    Each line carries the backorder policy in force when it was accepted, and its level; its
    promises part by part, with the purchase line each part is pegged to; and how often and by how
    many days it slipped. A line accepted while stock was not managed has nothing allocated or
    backordered, and can ship today. Refuses an unknown order (``unknown_order``) or position
    (``unknown_position``).
    """
    def touched(past: LedgerAsOf) -> list[str]:
        found = past.orders([order_id]).values()
        return [line.sku for view in found for line in view.lines.values()]

    with moment_view(models, as_of, today, touched) as moment:
        view = moment.orders([order_id]).get(order_id)
        if view is None:
            raise unknown_order(order_id, moment.position)
        open_lines = moment.promises.lines_of(
            order_id, [line.sku for line in view.lines.values() if line.managed and line.remaining]
        )
        promised = open_lines | {
            line.line: that_ships_any_time(view, line, open_lines.values())
            for line in view.lines.values() if line.remaining and not line.managed
        }
        slipped = slips_of(moment.changes(order_id))
        tellings = moment.tellings([order_id])
        report = assemble(view, moment.position)
        for line in report["lines"]:
            of_line = slipped.get((order_id, line["line"]), NEVER_SLIPPED)
            line |= _promises(promised.get(line["line"]), moment.today)
            line |= {"slips": of_line.slips, "days_slipped": of_line.days}
            line["told"] = [telling_row(row) for row in tellings if row["line"] == line["line"]]
        return report | {"today": moment.today.isoformat()}
