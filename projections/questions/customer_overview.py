"""The overview of a customer: what they ordered, are promised, what slipped, what they were told.

Each count is the total of a list that can be asked for by itself. Who they are is not said here:
that takes the question ``customer``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar

from pydantic import Field

from stocktrail.ledger.refusal import Refusal
from stocktrail.projections.answers.backorder_views.by_customer import CustomerRow
from stocktrail.projections.answers.backorder_views.filters import Filters
from stocktrail.projections.answers.customers import is_registered_at
from stocktrail.projections.answers.moment_view import MomentView, moment_view
from stocktrail.projections.answers.shapes.promises import TellingReport
from stocktrail.projections.answers.shapes.shape import Position, Shape
from stocktrail.projections.as_of import LedgerAsOf
from stocktrail.projections.models.open_spans import SALE
from stocktrail.projections.models.orders import ORDER
from stocktrail.projections.models.promise_changes import PROMISE_CHANGE
from stocktrail.projections.models.told_customers import TELLING, telling_row
from stocktrail.projections.questions.backorders import found_in
from stocktrail.projections.questions.fields import CustomerId
from stocktrail.projections.questions.notices import PromiseNotice, promise_notice
from stocktrail.projections.questions.question import Example, InPages, Question, Report, Today
from stocktrail.projections.read_models import ReadModels

MOST_NEWS = 100
"""How many of the latest notices and tellings are listed unless others are asked for."""


class CustomerTelling(TellingReport):
    """That somebody told the customer when a line of an order comes."""

    order: str
    line: int


class CustomerOverviewReport(Shape):
    """What a customer ordered, is promised, what slipped and what they were told.

    ``total`` counts all open lines. ``notices`` are the latest of ``notices_in_all``, and
    ``tellings`` of ``tellings_in_all``, the latest first.
    """

    customer: str
    as_of: Position
    today: date
    time_zone: str
    registered: bool
    orders: int
    open_lines: int
    waiting_lines: int
    late_lines: int
    slipped_lines: int
    uncertain_lines: int
    uncovered_lines: int
    to_tell_lines: int
    total: int
    rows: list[CustomerRow]
    next: str | None
    notices_in_all: int
    notices: list[PromiseNotice]
    tellings_in_all: int
    tellings: list[CustomerTelling]


class CustomerOverview(InPages, Today, Question[CustomerOverviewReport]):
    """What a customer ordered, is promised, what slipped, and what they were told."""

    question: ClassVar[str] = "customer-overview"
    address: ClassVar[str | None] = "/customers/{customer}/overview"
    tag: ClassVar[str] = "customers"
    example: ClassVar[Example] = {"customer": "ANNA", "today": "2026-03-01"}

    customer: CustomerId = Field(description="The customer.")
    news: int = Field(
        default=MOST_NEWS, ge=0, le=1000, description="So many of the latest notices and tellings."
    )

    def answer(self, models: ReadModels) -> Report:
        """Put it together; refuses a customer who neither ordered nor was registered."""
        customer = self.customer

        def touched(past: LedgerAsOf) -> Iterable[str]:
            return {row["sku"] for row in past.spans(SALE, party=customer)}

        with moment_view(models, self.position(models), self.day(models), touched) as moment:
            live = moment.live
            orders = live.place.table(ORDER).count(
                live.cursor, "WHERE customer = :customer AND position <= :position",
                customer=customer, position=moment.position,
            )
            past = None if moment.past is None else moment.position
            registered = is_registered_at(models.ledger, customer, past)
            if not orders and not registered:
                raise Refusal(
                    "unknown_customer",
                    f"There is no customer {customer}: nobody ordered or was registered under "
                    "this id.", customer=customer, as_of=moment.position,
                )
            found = found_in(
                moment, "customer", Filters(customer=customer), limit=self.limit, after=self.after
            )
            return {
                "customer": customer, "as_of": moment.position,
                "today": moment.today.isoformat(), "time_zone": moment.settings.time_zone,
                "registered": registered, "orders": orders, "open_lines": found.total,
                **_counts(moment, customer), "total": found.total, "rows": found.rows,
                "next": found.next, **self._notices(moment), **self._tellings(moment),
            }

    def _notices(self, moment: MomentView) -> dict[str, Any]:
        live = moment.live
        table = live.place.table(PROMISE_CHANGE)
        told = "WHERE customer = :customer AND notice IS NOT NULL AND position <= :position"
        until = {"customer": self.customer, "position": moment.position}
        rows = table.rows(
            live.cursor,
            f"{told} ORDER BY position DESC, order_id, line LIMIT :most", **until,
            most=self.news,
        )
        return {
            "notices_in_all": table.count(live.cursor, told, **until),
            "notices": list(map(promise_notice, rows)),
        }

    def _tellings(self, moment: MomentView) -> dict[str, Any]:
        live = moment.live
        orders, tellings = (live.place.table(each) for each in (ORDER, TELLING))
        told = (
            f"WHERE order_id IN (SELECT order_id FROM {orders.name} WHERE customer = :customer "
            "AND position <= :position) AND position <= :position"
        )
        until = {"customer": self.customer, "position": moment.position}
        rows = tellings.rows(
            live.cursor,
            f"{told} ORDER BY position DESC, order_id, line LIMIT :most", **until, most=self.news,
        )
        return {
            "tellings_in_all": tellings.count(live.cursor, told, **until),
            "tellings": [
                {"order": row["order_id"], "line": row["line"], **telling_row(row)} for row in rows
            ],
        }


_COUNTED: Mapping[str, Filters] = {
    "waiting_lines": Filters(waiting=True), "late_lines": Filters(late=True),
    "slipped_lines": Filters(slipped=True), "uncertain_lines": Filters(uncertain=True),
    "uncovered_lines": Filters(uncovered=True), "to_tell_lines": Filters(told="no"),
}
"""What is counted of the open lines, and the filter that finds it."""


def _counts(moment: MomentView, customer: str) -> dict[str, int]:
    return {
        name: found_in(moment, "customer", replace(each, customer=customer), limit=1).total
        for name, each in _COUNTED.items()
    }
