"""The overview of a day: who waits, what is late, slipped or uncovered, what is overdue or low.

Every number is the total of a list that can be asked for by itself, under the same filters and the
same today: both are answers to one question
(:func:`stocktrail.projections.questions.backorders.found_in`).
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, ClassVar, NamedTuple

from pydantic import Field

from stocktrail.ledger.quantity import to_number
from stocktrail.projections.answers.backorder_views.by_customer import CustomerRow
from stocktrail.projections.answers.backorder_views.by_item import ItemRow, item_rows
from stocktrail.projections.answers.backorder_views.by_vendor import VendorRow
from stocktrail.projections.answers.backorder_views.filters import NO_FILTERS
from stocktrail.projections.answers.backorder_views.page import Found
from stocktrail.projections.answers.backorder_views.told import count_told
from stocktrail.projections.answers.day_now import DayNow
from stocktrail.projections.answers.day_then import DayThen, UndatedLine
from stocktrail.projections.answers.moment_view import MomentView, moment_view
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.answers.shipping.ready_orders import ready_orders
from stocktrail.projections.as_of import LedgerAsOf
from stocktrail.projections.as_of.every_promise import EveryPromise
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.models.purchase_orders import OPEN_RECEIPT
from stocktrail.projections.questions.backorders import Backorders, View, found_in
from stocktrail.projections.questions.low_stock import LowStockRow, low_stock
from stocktrail.projections.questions.question import Question, Report, Today
from stocktrail.projections.questions.replenishment import Lacking, ReplenishmentRow
from stocktrail.projections.read_models import ReadModels


class WaitsForDate(Shape):
    """Units that lines wait for and that are on order without a date: on which order, of whom."""

    sku: str
    quantity: Number
    purchase_order: str
    vendor: str


class OverviewList(Shape):
    """The first rows of a list, and how many it has; ``asked`` is what its view is asked with."""

    by: View | None = None
    asked: dict[str, Any] = {}
    total: int
    rows: (
        list[ItemRow] | list[CustomerRow] | list[VendorRow] | list[LowStockRow]
        | list[ReplenishmentRow] | list[WaitsForDate]
    )


class OverviewReport(Shape):
    """What a day begins with: every number, and the lists worth looking at first."""

    as_of: Position
    today: date
    time_zone: str
    counts: dict[str, int]
    lists: dict[str, OverviewList]


class Overview(Today, Question[OverviewReport]):
    """What a day begins with: who waits, what is late, slipped, uncovered, overdue or low."""

    question: ClassVar[str] = "overview"
    address: ClassVar[str | None] = None
    is_listed: ClassVar[bool] = False

    rows: int = Field(default=1, ge=1, le=1000, description="So many rows of each list.")

    def answer(self, models: ReadModels) -> Report:
        """Count, and look up the first rows; refuses an unknown position."""
        return overview(
            models, as_of=self.position(models), today=self.day(models), rows=self.rows
        )


LISTS: Mapping[str, Backorders] = {
    "open_lines": Backorders(by="customer"),
    "lines_waiting": Backorders(by="customer", waiting=True),
    "items_short": Backorders(by="item", waiting=True, sort="-backordered"),
    "open_receipts": Backorders(by="vendor"),
    "receipts_overdue": Backorders(by="vendor", overdue=True, sort="expected_date"),
    "receipts_hitting": Backorders(by="vendor", overdue=True, waiting=True, sort="-pegged"),
    "late_receipts": Backorders(by="vendor", late=True, waiting=True, sort="-days_late"),
    "lines_late": Backorders(by="customer", late=True, waiting=True, sort="requested_date"),
    "lines_uncertain": Backorders(by="customer", uncertain=True, sort="requested_date"),
    "lines_slipped": Backorders(by="customer", slipped=True, sort="-days_slipped"),
}
"""What an overview counts, and the question that each count is the total of.

Receipts that hit somebody are overdue and waited for, late ones waited for; late lines are those
that wait, uncertain ones rest on overdue receipts. What must be ordered is not among them:
``items_uncovered`` and ``items_below_level`` are facets of the replenishment, which does not order
again what is on order without a date.
"""

_SHOWN = (
    "items_short", "receipts_hitting", "late_receipts", "lines_late",
    "lines_uncertain", "lines_slipped",
)


def asked_with(question: Backorders) -> dict[str, bool | str]:
    """Return what a list is asked with beside its view: filters that are set, and the order.

    >>> asked_with(LISTS["items_short"])
    {'waiting': True, 'sort': '-backordered'}
    """
    return question.model_dump(exclude_unset=True, exclude={"by"})


def overview(
    models: ReadModels, *, as_of: int | None = None, today: date | None = None, rows: int = 1
) -> dict[str, Any]:
    """Report what a day begins with, now or as of a position.

    ``counts`` holds every number, ``lists`` the first ``rows`` of the lists worth looking at first,
    each with what it is asked with. Refuses a position that the log has not reached
    (``unknown_position``).
    """
    then: DayThen | None = None

    def touched(past: LedgerAsOf) -> Iterable[str]:
        nonlocal then
        then = DayThen(EveryPromise.of(past), rows)
        return sorted(then.items)

    with moment_view(models, as_of, today, touched, counts_every_line=True) as moment:
        numbers = then or DayNow(moment)
        found = _lists(models, moment, numbers, rows)
        counts = (
            _counts_then(numbers) if isinstance(numbers, DayThen) else _counts_now(moment, numbers)
        )
        lacking = Lacking(models, moment)
        uncovered = lacking.of("uncovered")
        to_order = lacking.rows(uncovered[:rows])
        below_level = lacking.count("below_level")
        units = lacking.waiting_for_dates()
        waits = _waits_for_dates(units, _undated_now(moment) if then is None else then.undated())
        position, day = moment.position, moment.today.isoformat()
        zone = moment.settings.time_zone
    low = low_stock(models, limit=rows, as_of=as_of)
    with open_as_of(models, as_of) as (reading, past):
        ready = len(ready_orders(reading, past))
    return {
        "as_of": position, "today": day, "time_zone": zone,
        "counts": {
            **{name: each.total for name, each in found.items()},
            "items_uncovered": len(uncovered), "items_below_level": below_level,
            "items_undated": len({each["sku"] for each in waits}),
            "orders_undated": counts.orders_undated,
            "customers_waiting": counts.customers_waiting, "orders_ready": ready,
            "low_stock": low["total"], "lines_late_untold": counts.late_untold,
            "lines_to_tell": counts.to_tell,
        },
        "lists": {
            **{
                name: {
                    "by": LISTS[name].by, "asked": asked_with(LISTS[name]),
                    "total": found[name].total, "rows": found[name].rows,
                } for name in _SHOWN
            },
            "items_uncovered": {"total": len(uncovered), "rows": to_order},
            "items_undated": {"total": len(waits), "rows": waits[:rows]},
            "low_stock": {"total": low["total"], "rows": low["rows"]},
        },
    }


class _Counts(NamedTuple):
    """What is counted besides the lists."""

    customers_waiting: int
    orders_undated: int
    to_tell: int
    late_untold: int


def _lists(
    models: ReadModels, moment: MomentView, numbers: DayNow | DayThen, rows: int
) -> Mapping[str, Found]:
    """Return every list: how many rows it has, and the first of those that are shown."""
    found = {
        name: Found((), None, total) for name, total in numbers.totals.items() if name in LISTS
    }
    short = item_rows(moment, NO_FILTERS, numbers.short(rows))
    found["items_short"] = found["items_short"]._replace(rows=short)
    for name in _SHOWN[1:]:
        each, known = LISTS[name], numbers.totals.get(name)
        page = found_in(
            moment, each.by, each.filters(models), sort=each.sort, limit=rows,
            counted=known is None,
        )
        found[name] = page if known is None else page._replace(total=known)
    return {name: found[name] for name in LISTS}


def _counts_now(moment: MomentView, now: DayNow) -> _Counts:
    untold = count_told(moment)
    return _Counts(
        now.customers_waiting, _orders_undated(moment), untold["to_tell"], untold["late"]
    )


def _counts_then(then: DayThen) -> _Counts:
    undated = {each.purchase_order for each in then.undated()}
    return _Counts(then.customers_waiting, len(undated), then.to_tell, then.late_untold)


def _orders_undated(moment: MomentView) -> int:
    """Count the purchase orders of which anything is to come without a date."""
    moment.cursor.execute(
        "SELECT COUNT(DISTINCT purchase_order) AS found "
        f"FROM {moment.place.table(OPEN_RECEIPT).name} WHERE expected_date IS NULL"
    )
    return int(moment.cursor.fetchall()[0]["found"])


def _undated_now(moment: MomentView) -> Iterator[UndatedLine]:
    rows = moment.rows(OPEN_RECEIPT, "WHERE expected_date IS NULL ORDER BY sku, purchase_order")
    for row in rows:
        yield UndatedLine(row["sku"], row["purchase_order"], row["vendor"])


def _waits_for_dates(
    units: Mapping[str, int], undated: Iterable[UndatedLine]
) -> list[dict[str, Any]]:
    """List the items that wait for a date, each with every purchase order that has none for it."""
    return [
        {
            "sku": each.sku, "quantity": to_number(units[each.sku]),
            "purchase_order": each.purchase_order, "vendor": each.vendor,
        } for each in dict.fromkeys(undated) if each.sku in units
    ]
