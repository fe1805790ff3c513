"""The history report: every change of an item's units, by source and by pool."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from pydantic import Field

from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.stock.product import require
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.answers.cursor import read_cursor, write_cursor
from stocktrail.projections.answers.item_as_of import settings_at
from stocktrail.projections.answers.occurred_order import rows_as_they_occurred
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.as_of.moment import resolve_occurred
from stocktrail.projections.models.setting_levels import load_settings
from stocktrail.projections.models.stock_history import STOCK_HISTORY
from stocktrail.projections.models.stock_levels import load_stock
from stocktrail.projections.questions.fields import Sku, as_text
from stocktrail.projections.questions.question import Example, OccurredAsOf, Paged, Question, Report
from stocktrail.projections.read_models import Reading, ReadModels


class HistoryRow(Shape):
    """A change of an item at a source, or of what a pool has available."""

    position: Position
    recorded_at: datetime
    occurred_at: datetime
    type: str
    source: str | None
    pool: str | None
    delta: Number
    quantity_after: Number
    cause: str
    actor: str | None
    credential: str | None


class HistoryReport(Shape):
    """How the stock of an item came about; ``total`` counts all pages."""

    sku: str
    as_of: Position
    total: int
    next: str | None
    rows: list[HistoryRow]


class History(Paged, OccurredAsOf, Question[HistoryReport]):
    """How the stock of an item came about, change by change."""

    question: ClassVar[str] = "history"
    address: ClassVar[str | None] = "/stock/{sku}/history"
    example: ClassVar[Example] = {"sku": "LAMP", "limit": 2}

    sku: Sku
    occurred: bool = Field(
        default=False,
        description="In the order in which it happened, not in which it was recorded; then a day "
        "or a time in `as_of` is when it happened.",
    )

    @property
    def needs_caught_up(self) -> bool:
        """Earlier moments are read from the read models too."""
        return True

    def answer(self, models: ReadModels) -> Report:
        """List the changes; refuses an unknown item or position."""
        as_of, until = None, self.until(models)
        moment = as_text(self.as_of) if self.as_of else ""
        if until is None and self.occurred and moment and not moment.isdigit():
            until = resolve_occurred(models.ledger, moment)
        else:
            as_of = self.position(models)
        return history(
            models, self.sku, as_of, self.occurred, until, limit=self.limit, after=self.after
        )


def history(
    models: ReadModels,
    sku: str,
    as_of: int | None = None,
    occurred: bool = False,
    occurred_until: int | None = None,
    *,
    pool: str | None = None,
    limit: int | None = None,
    after: str | None = None,
    newest_first: bool = False,
) -> dict[str, Any]:
    """List the changes of an item, up to a position if one is given.

    A row is about a source (units on hand there) or a pool (units available: supply minus demand).
    With ``occurred`` the rows stand in the order in which things happened, not in which the ledger
    learnt of them, and ``quantity_after`` adds up in that order; ``occurred_until`` (an instant)
    leaves out what happened later. ``newest_first`` turns the recorded order around. With a
    ``pool`` the rows are those about it and about its sources. With a ``limit`` the rows come a
    page at a time: ``next`` is what to give as ``after`` for the following page, ``None`` on the
    last one, and ``total`` counts the rows of all pages. Refuses an unknown item, pool or position,
    and an ``after`` that no page gave (``bad_page``).
    """
    in_order = occurred or occurred_until is not None
    name = "happened" if in_order else "newest" if newest_first else "history"
    last = read_cursor([name], after, (int, int, int))
    if as_of is not None:
        models.reach(as_of)
        item = ProductStock(ProductStock.stream_of(sku))
        item.version = models.ledger.version_at(item.id, as_of)      # all that is asked of it
        require(item)
    with models.reading() as reading:
        if as_of is None:
            require(load_stock(reading.place, reading.cursor, sku))
        position = reading.position if as_of is None else as_of
        about = None if pool is None else _About(pool, _sources(models, reading, pool, as_of))
        if in_order:
            condition, asked = _listed(sku, position, about)
            if occurred_until is not None:
                condition += " AND occurred_at <= :occurred"
                asked["occurred"] = occurred_until
            rows, total = rows_as_they_occurred(reading, condition, asked, last, limit)
        else:
            rows = _page(reading, sku, position, about, limit, last, newest_first)
            total = 0 if limit is None else _count(reading, sku, position, about)
    found: dict[str, Any] = {"sku": sku, "as_of": position}
    if pool is not None:
        found["pool"] = pool
    if limit is not None:
        found["total"] = total
        found["next"] = (
            write_cursor([name], _place(rows[limit - 1])) if len(rows) > limit else None
        )
        rows = rows[:limit]
    return found | {"rows": [_row(row) for row in rows]}


class _About(NamedTuple):
    """The pool that is asked about, and the sources that it sells from."""

    pool: str
    sources: Sequence[str]

    @property
    def condition(self) -> str:
        named = ", ".join(f":{name}" for name in self.parameters if name != "pool")
        return "AND (pool = :pool" + (f" OR source IN ({named}))" if named else ")")

    @property
    def parameters(self) -> dict[str, str]:
        return {"pool": self.pool} | {
            f"source{number}": source for number, source in enumerate(self.sources)
        }


def _sources(
    models: ReadModels, reading: Reading, pool: str, as_of: int | None
) -> Sequence[str]:
    settings = (
        load_settings(reading.place, reading.cursor) if as_of is None
        else settings_at(models, as_of)
    )
    settings.require_pool(pool)
    return settings.sources_of(pool)


def _listed(sku: str, until: int, about: _About | None) -> tuple[str, dict[str, Any]]:
    """Return the condition that the rows of a list meet, with its parameters."""
    condition, parameters = (about.condition, about.parameters) if about else ("", {})
    return (
        f"sku = :sku AND position <= :until {condition}",
        {"sku": sku, "until": until, **parameters},
    )


def _count(reading: Reading, sku: str, until: int, about: _About | None) -> int:
    condition, asked = _listed(sku, until, about)
    return reading.place.table(STOCK_HISTORY).count(reading.cursor, f"WHERE {condition}", **asked)


def _page(
    reading: Reading, sku: str, until: int, about: _About | None, limit: int | None,
    last: tuple[Any, ...] | None, newest_first: bool,
) -> list[Row]:
    """Read the rows of one page, and one more to know whether another page follows."""
    beyond, way = ("<", "DESC") if newest_first else (">", "ASC")
    *_, position, number = last or (0, until + 1 if newest_first else 0, -1)
    most = "" if limit is None else "LIMIT :most"
    condition, asked = _listed(sku, until, about)
    return reading.place.table(STOCK_HISTORY).rows(
        reading.cursor,
        f"WHERE {condition} AND (position, number) {beyond} (:position, :number) "
        f"ORDER BY position {way}, number {way} {most}",
        position=position, number=number, **asked,
        **({} if limit is None else {"most": limit + 1}),
    )


def _place(row: Row) -> tuple[int, int, int]:
    """Return the place of a row, in the order of what happened and of the log alike."""
    return row["occurred_at"], row["position"], row["number"]


def _row(row: Row) -> dict[str, Any]:
    return {
        "position": row["position"],
        "recorded_at": to_iso(row["recorded_at"]),
        "occurred_at": to_iso(row["occurred_at"]),
        "type": row["type"],
        "source": row["source"],
        "pool": row["pool"],
        "delta": to_number(row["delta"]),
        "quantity_after": to_number(row["quantity_after"]),
        "cause": row["cause"],
        "actor": row["actor"],
        "credential": row["credential"],
    }
