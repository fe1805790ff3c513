"""What is low: at or below its threshold, per pool by salable quantity, per source on hand."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.answers.cursor import read_cursor, write_cursor
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.as_of import LedgerAsOf
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.models.low_stock import LOW_STOCK, NOTICE, judge_pool, judge_source
from stocktrail.projections.models.open_spans import open_then
from stocktrail.projections.questions.question import AsOf, Example, Paged, Question, Report
from stocktrail.projections.read_models import Reading, ReadModels


class LowStockRow(Shape):
    """An item at or below its threshold, in a pool or at a source."""

    sku: str
    pool: str | None = None
    source: str | None = None
    basis: Number
    measured: Literal["salable_quantity", "on_hand"]
    threshold: Number
    level: str
    raised_at: datetime
    position: Position


class LowStockReport(Shape):
    """What is low now; ``total`` counts all pages."""

    as_of: Position
    total: int
    next: str | None
    rows: list[LowStockRow]


class LowStockList(Paged, AsOf, Question[LowStockReport]):
    """What is at or below its threshold now."""

    question: ClassVar[str] = "low-stock"
    example: ClassVar[Example] = {"limit": 1}

    def answer(self, models: ReadModels) -> Report:
        """List what is low; refuses an unknown position, and an ``after`` that no page gave."""
        return low_stock(
            models, limit=self.limit, after=self.after, as_of=self.position(models)
        )


def low_stock(
    models: ReadModels, *, limit: int | None = None, after: str | None = None,
    as_of: int | None = None,
) -> dict[str, Any]:
    """List what is at or below its threshold: per pool by salable quantity, per source on hand.

    ``basis`` and ``threshold`` are those of now, ``raised_at`` and ``position`` say since when;
    ``total`` counts the rows of all pages. With a ``limit`` the rows come a page at a time, in the
    order of SKUs: ``next`` is what to give as ``after`` for the following page. Refuses an
    ``after`` that no page gave (``bad_page``), and an unknown position.
    """
    sku, pool, source = read_cursor(["low-stock"], after, (str, str, str)) or ("", "", "")
    with open_as_of(models, as_of) as (reading, past):
        if past is None:
            total = reading.place.table(LOW_STOCK).count(reading.cursor)
            rows = reading.place.table(LOW_STOCK).rows(
                reading.cursor,
                "WHERE (sku, pool, source) > (:sku, :pool, :source) ORDER BY sku, pool, source"
                + limit_clause(limit), sku=sku, pool=pool, source=source, **limit_parameter(limit),
            )
        else:
            total = _count_standing_then(reading, past)
            rows = _standing_then(reading, past, (sku, pool, source), limit)
        found: dict[str, Any] = {
            "as_of": reading.position if past is None else past.position, "total": total,
        }
        if limit is not None:
            last = rows[limit - 1] if len(rows) > limit else None
            key = [] if last is None else [last["sku"], last["pool"], last["source"]]
            found["next"] = write_cursor(["low-stock"], key) if key else None
        return found | {"rows": [low_stock_row(row) for row in rows[:limit]]}


def _count_standing_then(reading: Reading, past: LedgerAsOf) -> int:
    table = reading.place.table(NOTICE)
    return sum(
        table.count(reading.cursor, f"WHERE {condition}", position=past.position)
        for condition in open_then(past.position, "position", "cleared_position")
    )


def _standing_then(
    reading: Reading, past: LedgerAsOf, after: tuple[Any, ...], limit: int | None
) -> list[Row]:
    """Read which notices stood at a position, and judge them by what was known there."""
    sku, pool, source = after
    table = reading.place.table(NOTICE)
    parts = [
        f"{table.select} WHERE {each} AND (sku, pool, source) > (:sku, :pool, :source)"
        for each in open_then(past.position, "position", "cleared_position")
    ]
    reading.cursor.execute(
        f"{' UNION ALL '.join(parts)} ORDER BY sku, pool, source{limit_clause(limit)}",
        {"position": past.position, "sku": sku, "pool": pool, "source": source,
         **limit_parameter(limit)},
    )
    rows = list(map(dict, reading.cursor.fetchall()))
    found: list[Row] = []
    stocks = past.stocks([row["sku"] for row in rows])
    for row in rows:
        stock = stocks[row["sku"]]
        judgement = (
            judge_pool(stock, past.settings, row["pool"]) if row["pool"]
            else judge_source(stock, past.settings, row["source"])
        )
        found.append(row if judgement is None else {**row, **judgement._asdict()})
    return found


def limit_clause(limit: int | None) -> str:
    """Write the LIMIT of a page: one row more than it shows tells whether another follows."""
    return "" if limit is None else " LIMIT :most"


def limit_parameter(limit: int | None) -> dict[str, int]:
    """Return the parameter of such a LIMIT."""
    return {} if limit is None else {"most": limit + 1}


def low_stock_row(row: Row) -> dict[str, Any]:
    """Put together what is low, in a pool or at a source."""
    where = {"pool": row["pool"]} if row["pool"] else {"source": row["source"]}
    return {
        "sku": row["sku"],
        **where,
        "basis": to_number(row["basis"]),
        "measured": "salable_quantity" if row["pool"] else "on_hand",
        "threshold": to_number(row["threshold"]),
        "level": row["level"],
        "raised_at": to_iso(row["raised_at"]),
        "position": row["position"],
    }
