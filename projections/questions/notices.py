"""Every notice there ever was: of low stock, and of promises."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, Literal

from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.answers.cursor import read_cursor, write_cursor
from stocktrail.projections.answers.promised import cause_of_change, uncertainty_of_change
from stocktrail.projections.answers.shapes.promises import CauseReport, OverdueReceiptReport
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.models.low_stock import NOTICE
from stocktrail.projections.models.promise_changes import PROMISE_CHANGE
from stocktrail.projections.questions.low_stock import limit_clause, limit_parameter, low_stock_row
from stocktrail.projections.questions.question import AsOf, Example, Paged, Question, Report
from stocktrail.projections.read_models import Reading, ReadModels


class LowStockNotice(Shape):
    """A notice of low stock, in a pool or at a source."""

    kind: Literal["low_stock"]
    sku: str
    pool: str | None = None
    source: str | None = None
    basis: Number
    measured: Literal["salable_quantity", "on_hand"]
    threshold: Number
    level: str
    raised_at: datetime
    position: Position
    cleared_at: datetime | None
    cleared_position: int | None


class PromiseNotice(Shape):
    """A notice to a customer that a promise slipped, or that a lost date was found again."""

    kind: Literal["slip", "promise_found"]
    sku: str
    customer: str
    order: str
    line: int
    quantity: Number
    old_date: date | None
    new_date: date | None
    told_date: date | None
    days: int | None
    uncertain: bool
    overdue_receipts: list[OverdueReceiptReport]
    cause: CauseReport
    command_id: str | None
    raised_at: datetime
    position: Position
    cleared_at: None
    cleared_position: None


class NoticesReport(Shape):
    """Every notice there ever was; ``total`` counts all pages."""

    as_of: Position
    total: int
    next: str | None
    rows: list[LowStockNotice | PromiseNotice]


class NoticeList(Paged, AsOf, Question[NoticesReport]):
    """Every notice ever raised: of low stock, and of promises that slipped."""

    question: ClassVar[str] = "notices"
    example: ClassVar[Example] = {"limit": 2}

    def answer(self, models: ReadModels) -> Report:
        """List them, the first one first; refuses an unknown position or page."""
        return notices(models, limit=self.limit, after=self.after, as_of=self.position(models))


def notices(
    models: ReadModels, *, limit: int | None = None, after: str | None = None,
    as_of: int | None = None,
) -> dict[str, Any]:
    """List every notice, the first one first: of low stock, and of promises that were told again.

    ``basis``, ``threshold`` and ``level`` of low stock are those that it was raised at;
    ``cleared_at`` is ``None`` while it stands. A ``slip`` tells a customer which order line is
    promised for which date instead of ``told_date``, that they were told before, by how many days
    that is (``None`` when there is no date any more) and why; ``promise_found`` tells of a date
    after one was lost. With a ``limit`` the rows come a page at a time: ``next`` is what to give as
    ``after`` for the following page, and ``total`` counts the rows of all pages. Refuses an
    ``after`` that no page gave (``bad_page``).
    """
    place = read_cursor(["notices"], after, (int, int, str, str, str, int)) or _BEGINNING
    with open_as_of(models, as_of) as (reading, past):
        until = reading.position if past is None else past.position
        rows = sorted(
            [*_lows(reading, place, limit, until), *_promises(reading, place, limit, until)],
            key=lambda found: found[0],
        )
        found: dict[str, Any] = {"as_of": until, "total": _count(reading, until)}
        if limit is not None:
            found["next"] = (
                write_cursor(["notices"], rows[limit - 1][0]) if len(rows) > limit else None
            )
        return found | {"rows": [row for _, row in rows[:limit]]}


def _count(reading: Reading, until: int) -> int:
    low = reading.place.table(NOTICE).count(reading.cursor, "WHERE position <= :until", until=until)
    return low + reading.place.table(PROMISE_CHANGE).count(
        reading.cursor, "WHERE notice IS NOT NULL AND position <= :until", until=until
    )


_BEGINNING = (0, 0, "", "", "", 0)
_Placed = tuple[tuple[Any, ...], dict[str, Any]]


def _lows(
    reading: Reading, after: Sequence[Any], limit: int | None, until: int
) -> Iterator[_Placed]:
    """Read notices of low stock with their places: at one position they stand before slips."""
    position, kind, sku, pool, source, _ = after
    rows = reading.place.table(NOTICE).rows(
        reading.cursor,
        "WHERE position BETWEEN :position AND :until AND (position > :position OR (:kind = 0 "
        "AND (sku, pool, source) > (:sku, :pool, :source))) ORDER BY position, sku, pool, source"
        + limit_clause(limit), position=position, kind=kind, sku=sku, pool=pool, source=source,
        until=until, **limit_parameter(limit),
    )
    for row in rows:
        cleared = row["cleared_position"]
        if cleared is not None and cleared > until:
            row = {**row, "cleared_at": None, "cleared_position": None}
        cleared_at = None if row["cleared_at"] is None else to_iso(row["cleared_at"])
        yield (row["position"], 0, row["sku"], row["pool"], row["source"], 0), {
            "kind": row["kind"], **low_stock_row(row), "cleared_at": cleared_at,
            "cleared_position": row["cleared_position"],
        }


def _promises(
    reading: Reading, after: Sequence[Any], limit: int | None, until: int
) -> Iterator[_Placed]:
    position, kind, order_id, _, _, line = after
    rows = reading.place.table(PROMISE_CHANGE).rows(
        reading.cursor,
        "WHERE notice IS NOT NULL AND position BETWEEN :position AND :until "
        "AND (position > :position OR :kind = 0 OR (order_id, line) > (:order_id, :line)) "
        "ORDER BY position, order_id, line"
        + limit_clause(limit), position=position, kind=kind, order_id=order_id, line=line,
        until=until, **limit_parameter(limit),
    )
    for row in rows:
        yield (row["position"], 1, row["order_id"], "", "", row["line"]), promise_notice(row)


def promise_notice(row: Row) -> dict[str, Any]:
    """Put together a notice to a customer, as :class:`PromiseNotice` has it."""
    return {
        "kind": row["notice"],
        "sku": row["sku"],
        "customer": row["customer"],
        "order": row["order_id"],
        "line": row["line"],
        "quantity": to_number(row["quantity"]),
        "old_date": row["old_date"],
        "new_date": row["new_date"],
        "told_date": row["told_date"],
        "days": row["days"],
        **uncertainty_of_change(row),
        "cause": cause_of_change(row),
        "command_id": row["command_id"],
        "raised_at": to_iso(row["recorded_at"]),
        "position": row["position"],
        "cleared_at": None,
        "cleared_position": None,
    }
