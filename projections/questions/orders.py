"""The list of orders: who ordered what, what waits, what can ship, what was promised until when.

Quantities and dates are those of what is open: ``requested_date`` is the first day asked for,
``promise_date`` that of the last line, without one while nobody knows when that comes. An order is
``ready`` when anything of it can ship, or all of it where it ships complete.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, Literal

from pydantic import Field

from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.store.tables import Row
from stocktrail.ledger.time_zone import end_of_day_in, start_of_day
from stocktrail.projections.answers.lists.order_list import AskedOrders
from stocktrail.projections.answers.lists.order_rows import DEFINITION
from stocktrail.projections.answers.lists.orders_now import OrdersNow
from stocktrail.projections.answers.lists.orders_then import OrdersThen
from stocktrail.projections.answers.moment_view import MomentView, moment_view
from stocktrail.projections.answers.shapes.shape import Money, Number, Shape
from stocktrail.projections.as_of.moment import require_period, resolve_day
from stocktrail.projections.questions.fields import CustomerId, Moment, PoolId, as_text
from stocktrail.projections.questions.listed import Listed, ListReport
from stocktrail.projections.questions.question import Example, Question, Report, Today
from stocktrail.projections.read_models import ReadModels


class OrderRow(Shape):
    """An order of the list: quantities and dates are those of what is open."""

    order: str
    customer: str
    status: str
    placed_at: datetime
    requested_date: date | None
    promise_date: date | None
    lines: int
    ordered: Number
    shipped_units: Number
    remaining: Number
    allocated: Number
    backordered: Number
    uncovered: Number
    pool: str
    priority: int
    ship_policy: Literal["partial", "complete"]
    currency: str | None
    captured_amount: Money | None
    position: int
    open: bool
    ready: bool
    waiting: bool
    is_uncovered: bool
    late: bool
    uncertain: bool
    shipped: bool
    cancelled: bool


class OrdersReport(ListReport):
    """A page of the list of orders."""

    today: date
    rows: list[OrderRow]


class OrderList(Listed, Today, Question[OrdersReport]):
    """Orders: open, ready to ship, waiting, late, uncertain, shipped, cancelled."""

    question: ClassVar[str] = "orders"
    definition = DEFINITION
    example: ClassVar[Example] = {"today": "2026-03-01", "limit": 1}

    customer: CustomerId | None = Field(default=None, description="Only those of this customer.")
    pool: PoolId | None = Field(default=None, description="Only those sold in this pool.")
    placed_from: Moment | None = Field(
        default=None, description="Only those placed on this day of the shop, or later."
    )
    placed_until: Moment | None = Field(
        default=None, description="Only those placed on this day of the shop, or earlier."
    )

    def answer(self, models: ReadModels) -> Report:
        """Find a page; refuses an unknown position, facet, column or page, and what is no day."""
        wanted = self.wanted
        with moment_view(
            models, self.position(models), self.day(models), lambda _: (),
            counts_every_line=self.customer is None,
        ) as moment:
            asked = self._asked(models, moment.settings.time_zone)
            found = (
                OrdersNow(moment, asked) if moment.past is None
                else OrdersThen(moment.past, moment.today, asked)
            )
            return self.listed(
                *found.parts(wanted), as_of=moment.position, today=moment.today.isoformat(),
                finish=lambda rows: self._finish(moment, rows),
            )

    def _asked(self, models: ReadModels, zone: str) -> AskedOrders:
        def day(given: Moment | None) -> date | None:
            return None if given is None else resolve_day(models.ledger, as_text(given))

        first, last = day(self.placed_from), day(self.placed_until)
        if first is not None and last is not None:
            require_period(
                ("placed_from", str(self.placed_from), first),
                ("placed_until", str(self.placed_until), last),
            )
        return AskedOrders(
            self.customer, self.pool,
            None if first is None else start_of_day(first, zone),
            None if last is None else end_of_day_in(last, zone),
        )

    def _finish(self, moment: MomentView, rows: Sequence[Row]) -> Iterator[Mapping[str, Any]]:
        views = moment.orders([row["order"] for row in rows])
        for row in rows:
            view = views[row["order"]]
            lines = view.lines.values()
            shown = self.definition.report_row(row) | {
                "status": view.status, "placed_at": to_iso(view.placed_at), "lines": len(lines),
                "ordered": to_number(sum(line.ordered for line in lines)),
                "shipped_units": to_number(sum(line.shipped for line in lines)),
                "priority": view.priority, "currency": view.currency,
                "captured_amount": view.captured_amount,
            }
            yield {name: shown[name] for name in OrderRow.model_fields}
