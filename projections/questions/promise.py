"""The first day on which more of an item can be both sold and shipped.

That is the first day from which an order for it would be accepted and wholly allocated: everything
that is due has come by then, and every line that waits today has been served before. The same
check decides that accepts an order line, so this and the availability report say the same.

Rule 5.7 is the source.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, ClassVar, NamedTuple

from stocktrail.ledger.promising import AvailableToPromise, Transaction, available_to_promise
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.salability import Figures, judge
from stocktrail.ledger.stock.reservations import check
from stocktrail.projections.answers.moment_view import moment_view
from stocktrail.projections.answers.outlook import Outlook, outlook_of
from stocktrail.projections.answers.shapes.promises import OverdueReceiptReport
from stocktrail.projections.answers.shapes.refusals import RefusalReport
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.dates import iso
from stocktrail.projections.models.overdue import OverdueReceipt, RestsOn, all_of, uncertainty
from stocktrail.projections.questions.fields import Sku
from stocktrail.projections.questions.flow import what_comes
from stocktrail.projections.questions.question import (
    Example,
    InPool,
    OfQuantity,
    Question,
    Report,
    Today,
)
from stocktrail.projections.read_models import ReadModels


class PromiseStep(Shape):
    """What can be promised from a day on; ``uncertain``: some of it rests on overdue receipts."""

    date: str
    projected: Number
    signed: Number
    available_to_promise: Number
    free: Number
    salable_quantity: Number
    uncertain: bool


class PromiseReport(Shape):
    """The first day on which a quantity can be both sold and shipped, and whether it is sold now.

    ``uncertain`` says that the day rests on a receipt that is overdue.
    """

    sku: str
    pool: str
    quantity: Number
    as_of: Position
    today: date
    first_date: date | None
    uncertain: bool
    overdue_receipts: list[OverdueReceiptReport]
    accepted_now: bool
    orderable_from: date | None
    refusals: list[RefusalReport]
    supply: Number
    steps: list[PromiseStep]


class Promise(Today, InPool, OfQuantity, Question[PromiseReport]):
    """The first day on which a quantity can be promised."""

    question: ClassVar[str] = "promise"
    address: ClassVar[str | None] = "/stock/{sku}/promise"
    tag: ClassVar[str] = "who waits"
    table: ClassVar[str] = "steps"
    example: ClassVar[Example] = {
        "sku": "LAMP", "quantity": "4", "pool": "web", "today": "2026-03-01",
    }

    sku: Sku

    def answer(self, models: ReadModels) -> Report:
        """Find that day; refuses an unknown item, pool or position."""
        units = self.units()
        return promise(
            models, self.sku, units, self.pool, as_of=self.position(models), today=self.day(models)
        )


class _Day(NamedTuple):
    """What holds from a day on, when all that is due by then has come.

    ``uncertain`` counts the units that rest on ``overdue`` receipts.
    """

    day: date
    figures: Figures
    uncertain: int = 0
    overdue: RestsOn = ()

    @property
    def free(self) -> int:
        """The units that a new order would be allocated at most."""
        return self.figures.supply - self.figures.allocated


class _Request:
    """A quantity that somebody asks for of an item in a pool, and what would come of it."""

    def __init__(self, outlook: Outlook, quantity: int) -> None:
        self._stock, self._pool = outlook.stock, outlook.pool
        self._policy = outlook.stock.policy(outlook.settings, outlook.pool)
        self._quantity = quantity
        self._managed = self._policy.manage_stock.value == "on"

    def refusals(self, figures: Figures) -> list[Refusal]:
        """List what would forbid to sell it, as an order is judged."""
        return check(
            self._stock, self._pool, judge(figures, self._policy), [self._quantity]
        )

    def ships_on(self, day: _Day) -> bool:
        """Return whether it could be sold on a day, and shipped at once."""
        if self.refusals(day.figures):
            return False
        return not self._managed or day.free >= self._quantity

    def rests_on(self, day: _Day) -> RestsOn:
        """Return the overdue receipts without which it could not be sold and shipped that day."""
        figures = day.figures
        without = figures._replace(supply=figures.supply - day.uncertain)
        if day.uncertain and not self.ships_on(day._replace(figures=without)):
            return day.overdue
        return ()

    def salable(self, figures: Figures) -> int:
        """Count what an order could be placed for."""
        return judge(figures, self._policy).salable_quantity


def _days(outlook: Outlook) -> Iterator[_Day]:
    """Return what holds today, and from each day on which something comes."""
    now = _Day(outlook.today, outlook.figures)
    for coming in outlook.coming():
        if coming.day is None or coming.blocked:
            continue
        uncertain, overdue = now.uncertain, now.overdue
        expected = coming.receipt.expected_date
        if expected is not None and coming.gained and coming.is_overdue(outlook.today):
            uncertain += coming.gained
            overdue = all_of((overdue, (OverdueReceipt(*coming.key, expected),)))
        if coming.day > now.day:
            yield now
        now = _Day(max(coming.day, now.day), coming.figures, uncertain, overdue)
    yield now


def promise(
    models: ReadModels, sku: str, quantity: int, pool: str = "default", *,
    as_of: int | None = None, today: date | None = None,
) -> dict[str, Any]:
    """Find the first day on which a quantity (in ten-thousandths) of an item can be promised.

    ``first_date`` is ``None`` when nothing that is on order would cover it, or no order for it can
    ever be accepted; ``accepted_now`` says whether an order for it would be accepted now,
    ``refusals`` why not, and ``orderable_from`` from which day on it would be. ``steps`` hold the
    projected stock and the signed and clamped available-to-promise from each day on, beside what is
    free and salable then. Refuses an unknown item, pool or position.
    """
    with moment_view(models, as_of, today, lambda _: [sku]) as moment:
        outlook = outlook_of(moment, sku, pool, with_lines=False)
        request = _Request(outlook, quantity)
        refusals = request.refusals(outlook.figures)
        days = list(_days(outlook))
        first = next((day for day in days if request.ships_on(day)), None)
        orderable = next((day for day in days if not request.refusals(day.figures)), None)
        goes = [
            Transaction(max(day, moment.today), -units, "sales_line", "", 0)
            for day, units in moment.promises.demand(sku, pool)
        ]
        steps = available_to_promise(
            outlook.figures.supply, goes + what_comes(outlook), moment.today
        )
        return {
            "sku": sku, "pool": pool, "quantity": to_number(quantity),
            "as_of": moment.position, "today": iso(moment.today),
            "first_date": iso(first.day) if first else None,
            **uncertainty(request.rests_on(first) if first else (), moment.today),
            "accepted_now": not refusals,
            "orderable_from": iso(orderable.day) if orderable else None,
            "refusals": [refusal.as_json() for refusal in refusals],
            "supply": to_number(outlook.figures.supply),
            "steps": [_step(step, days, request) for step in steps],
        }


def _step(
    step: AvailableToPromise, days: Sequence[_Day], request: _Request
) -> dict[str, Any]:
    day = [each for each in days if each.day <= step.day][-1]
    return {
        "date": iso(step.day), "projected": to_number(step.projected),
        "signed": to_number(step.signed), "available_to_promise": to_number(step.available),
        "free": to_number(day.free), "salable_quantity": to_number(request.salable(day.figures)),
        "uncertain": day.uncertain > 0,
    }
