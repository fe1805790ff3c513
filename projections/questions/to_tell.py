"""What is to tell: promises that are other news than what their customers know, and who was told.

A row is an open order line. ``known_date`` is what its customer knows, ``promise_date`` what it is
promised; without a date, or where that is uncertain, the customer is told that nobody knows yet.
The cause is the latest news of it that nobody has told, or what it rests on.

Rule 5.10 is the source.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, ClassVar

from pydantic import Field

from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.orders.events import How
from stocktrail.ledger.store.tables import Row
from stocktrail.ledger.time_zone import day_in
from stocktrail.projections.answers.backorder_views.filters import (
    Filters,
    MovedSince,
    WhetherTold,
)
from stocktrail.projections.answers.backorder_views.told import count_told
from stocktrail.projections.answers.moment_view import MomentView, moment_view
from stocktrail.projections.answers.promised import cause_of_change
from stocktrail.projections.answers.shapes.promises import (
    CauseReport,
    OverdueReceiptReport,
    PromiseState,
)
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.as_of import LedgerAsOf
from stocktrail.projections.as_of.moment import (
    resolve_as_of,
    resolve_today,
    time_zone_at,
    today_at,
)
from stocktrail.projections.as_of.told_of import items_told_of
from stocktrail.projections.models.open_spans import SALE
from stocktrail.projections.models.told_customers import latest_tellings
from stocktrail.projections.questions.backorders import found_in
from stocktrail.projections.questions.fields import CustomerId, Moment, as_text
from stocktrail.projections.questions.question import Example, InPages, Question, Report, Today
from stocktrail.projections.read_models import ReadModels


class ToTellRow(Shape):
    """An open order line that is promised otherwise than its customer knows, or was told."""

    customer: str
    order: str
    line: int
    sku: str
    quantity: Number = Field(description="What is to come: of an order that ships whole, all.")
    requested_date: date
    known_date: date | None = Field(description="What the customer knows; null: of no date.")
    promise: PromiseState
    promise_date: date | None
    days: int | None = Field(description="By how many days that is later than what is known.")
    uncertain: bool
    overdue_receipts: list[OverdueReceiptReport]
    late: bool
    to_tell: bool
    cause: CauseReport | None
    moved_at: datetime | None = Field(description="When the latest news of it was recorded.")
    moved_position: Position | None
    told_at: datetime | None
    told_how: How | None
    told_by: str | None
    note: str | None


class ToTellReport(Shape):
    """A page of what is to tell, or was told; ``total`` counts all pages.

    ``facets`` counts the lines of the customer that moved since: ``to_tell``, ``told`` as they
    stand, and of those to tell the ``late`` ones, and how sure their promises are.
    """

    as_of: Position
    today: date
    time_zone: str
    since: Position | None
    total: int
    facets: dict[str, int]
    rows: list[ToTellRow]
    next: str | None


class ToTell(InPages, Today, Question[ToTellReport]):
    """Promises that moved and of which customers must be told, or were."""

    question: ClassVar[str] = "to-tell"
    tag: ClassVar[str] = "who waits"
    example: ClassVar[Example] = {"today": "2026-03-01", "told": "either"}

    since: Moment | None = Field(
        default=None,
        description="Only promises that moved since a position, day or time: there were news of "
        "them, or a receipt they rest on has become overdue since.",
    )
    told: WhetherTold = Field(
        default="no", description="no: who must be told; yes: who was, as it stands; either."
    )
    customer: CustomerId | None = Field(default=None, description="Only lines of this customer.")
    late: bool = Field(default=False, description="Only what comes later than wanted, or no more.")
    promise: PromiseState | None = Field(
        default=None, description="Only promises that are so: dated, uncertain, none or ready."
    )
    sort: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="A column of backorders by customer; - turns the order around."
    )

    def filters(self, models: ReadModels) -> Filters:
        """Return which lines are asked for. Refuses what is no moment (``bad_moment``)."""
        return Filters(
            customer=self.customer, late=self.late, told=self.told, promise=self.promise,
            moved_since=None if self.since is None else _moment(models, as_text(self.since)),
        )

    def answer(self, models: ReadModels) -> Report:
        """Find a page; refuses an unknown column, position or page."""
        filters, position, day = self.filters(models), self.position(models), self.day(models)
        since = filters.moved_since
        with moment_view(
            models, position, day,
            lambda past: self._items(past, day or today_at(models.ledger, position)),
            with_changes=since is not None,
        ) as moment:
            found = found_in(
                moment, "customer", filters, sort=self.sort, limit=self.limit, after=self.after
            )
            return {
                "as_of": moment.position, "today": moment.today.isoformat(),
                "time_zone": moment.settings.time_zone,
                "since": None if since is None else since.position,
                "total": found.total,
                "facets": count_told(moment, self.customer, since),
                "rows": _rows(moment, found.rows), "next": found.next,
            }

    def _items(self, past: LedgerAsOf, today: date) -> Iterable[str]:
        if self.customer is None:
            return items_told_of(past, today)
        return sorted({row["sku"] for row in past.spans(SALE, party=self.customer)})


def _moment(models: ReadModels, since: str) -> MovedSince:
    """Return a moment as a position, with its day in the shop's time zone.

    The day of a position is that on which its event occurred.
    """
    ledger = models.ledger
    position = resolve_as_of(ledger, since)
    day = resolve_today(ledger, None, since)
    if day is None:
        found = ledger.read(position - 1, 1) if position else []
        zone = time_zone_at(ledger, position)
        day = day_in(min(found[0].occurred_at, found[0].recorded_at), zone) if found else date.min
    return MovedSince(position, day)


def _rows(moment: MomentView, lines: Sequence[Row]) -> list[dict[str, Any]]:
    order_ids = list(dict.fromkeys(line["order"] for line in lines))
    tellings = latest_tellings(moment.tellings(order_ids))
    news = {
        (row["order_id"], row["line"]): row
        for row in moment.changes_of(order_ids) if row["notice"] is not None
    }
    found = []
    for line in lines:
        key = (line["order"], line["line"])
        found.append(_row(line, news.get(key), tellings.get(key)))
    return found


def _row(line: Row, news: Row | None, telling: Row | None) -> dict[str, Any]:
    if news is not None and telling is not None and news["position"] <= telling["reached"]:
        news = None
    known, promised = line["known_date"], line["promise_date"]
    days = None
    if known is not None and promised is not None:
        days = (date.fromisoformat(promised) - date.fromisoformat(known)).days
    return {
        **{name: line[name] for name in _FROM_LINE},
        "quantity": _waiting(line),
        "days": days,
        "cause": cause_of_change(news) if news is not None else _overdue(line),
        "moved_at": None if news is None else to_iso(news["recorded_at"]),
        "moved_position": None if news is None else news["position"],
        **_telling(telling),
    }


_FROM_LINE = (
    "customer", "order", "line", "sku", "requested_date", "known_date", "promise", "promise_date",
    "uncertain", "overdue_receipts", "late", "to_tell",
)


def _waiting(line: Row) -> float:
    """Return how many units the customer is told of: those that wait, or all that ship together."""
    together = line["ship_policy"] == "complete" or not line["backordered"]
    waits: float = line["remaining"] if together else line["backordered"]
    return waits


def _overdue(line: Row) -> dict[str, Any] | None:
    """Return the receipt that a line rests on as what moved it: it should have come."""
    if not line["overdue_receipts"]:
        return None
    first = line["overdue_receipts"][0]
    name, number = first["purchase_order"], first["purchase_line"]
    return {
        "kind": "purchase_line", "purchase_order": name, "purchase_line": number,
        "sentence": f"Purchase order {name} line {number} was expected on "
        f"{first['expected_date']} and has not come.",
    }


def _telling(row: Row | None) -> dict[str, Any]:
    if row is None:
        return {"told_at": None, "told_how": None, "told_by": None, "note": None}
    return {
        "told_at": to_iso(row["recorded_at"]), "told_how": row["how"], "told_by": row["actor"],
        "note": row["note"],
    }
