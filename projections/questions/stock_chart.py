"""The stock of an item as a chart shows it: what was, what is expected, and the thresholds.

What was is read from the stock history by occurred time, thinned out to as many points as a screen
has. What is expected is the flow report. ``available`` is supply minus demand: below zero units are
backordered.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.salability import allowance_of
from stocktrail.projections.answers.item_as_of import load_item_as_of
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.exact_sums import exact_sum, read_exact_sum
from stocktrail.projections.models.stock_history import STOCK_HISTORY
from stocktrail.projections.questions.fields import Sku
from stocktrail.projections.questions.flow import FlowRow, flow
from stocktrail.projections.questions.question import Example, InPool, Question, Report, Today
from stocktrail.projections.read_models import Reading, ReadModels


class StockChartReport(Shape):
    """The points of a chart: what was, what is expected, and the thresholds."""

    sku: str
    name: str | None
    pool: str
    as_of: Position
    today: date
    unlimited: bool
    out_of_stock_threshold: Number
    notify_below: Number
    on_hand: list[tuple[datetime, Number]]
    available: list[tuple[datetime, Number]]
    supply: Number
    expected: list[FlowRow]


class StockChart(Today, InPool, Question[StockChartReport]):
    """The stock of an item as a chart shows it: what was, and what is expected."""

    question: ClassVar[str] = "stock-chart"
    address: ClassVar[str | None] = None
    is_listed: ClassVar[bool] = False
    table: ClassVar[str] = "expected"
    example: ClassVar[Example] = {"sku": "LAMP", "pool": "web", "today": "2026-03-01"}

    sku: Sku

    def answer(self, models: ReadModels) -> Report:
        """Return the points; refuses an unknown item, pool or position."""
        return stock_chart(
            models, self.sku, self.pool, as_of=self.position(models), today=self.day(models)
        )


MOST_POINTS = 1200
"""How many points of the past a chart gets at most, line by line."""

_SPAN = (
    "SELECT MIN(occurred_at) AS first, MAX(occurred_at) AS last FROM {table} "
    "WHERE sku = :sku AND position <= :until"
)
_STEPS = (
    "SELECT (occurred_at - :first) / :width AS bucket, MAX(occurred_at) AS until, "
    f"{exact_sum('delta', 'change')} FROM {{table}} WHERE sku = :sku "
    "AND position <= :until AND {which} GROUP BY 1 ORDER BY 1"
)


def stock_chart(
    models: ReadModels, sku: str, pool: str = "default", *, as_of: int | None = None,
    today: date | None = None,
) -> dict[str, Any]:
    """Report the points of an item's chart in a pool.

    ``on_hand`` and ``available`` list ``[moment, quantity]`` of each step, ``expected`` the rows of
    the flow that have a date. Refuses an unknown item, pool or position.
    """
    known = load_item_as_of(models, sku, pool, as_of)
    policy = known.stock.policy(known.settings, pool)
    allowance = allowance_of(policy)
    expected = flow(models, sku, pool, as_of=as_of, today=today)
    sources = known.settings.sources_of(pool)
    names = {f"source{number}": source for number, source in enumerate(sources)}
    of_sources = f"source IN ({', '.join(f':{name}' for name in names)})" if names else "1 = 0"
    until = expected["as_of"]
    models.reach(until)
    with models.reading() as reading:
        dated = [row for row in expected["rows"] if row["date"] is not None]
        return {
            "sku": sku, "name": known.stock.product.name, "pool": pool, "as_of": expected["as_of"],
            "today": expected["today"], "unlimited": allowance.unlimited,
            "out_of_stock_threshold": to_number(allowance.threshold),
            "notify_below": to_number(policy.notify_below.value),
            "on_hand": _steps(reading, sku, until, of_sources, names),
            "available": _steps(reading, sku, until, "pool = :pool", {"pool": pool}),
            "supply": expected["supply"], "expected": dated,
        }


def _steps(
    reading: Reading, sku: str, until: int, which: str, parameters: dict[str, str]
) -> list[tuple[str, int | float]]:
    table = reading.place.table(STOCK_HISTORY).name
    reading.cursor.execute(_SPAN.format(table=table), {"sku": sku, "until": until})
    span = reading.cursor.fetchall()[0]
    if span["first"] is None:
        return []
    width = max((span["last"] - span["first"]) // MOST_POINTS, 1)
    reading.cursor.execute(
        _STEPS.format(table=table, which=which),
        {"sku": sku, "until": until, "first": span["first"], "width": width, **parameters},
    )
    found, total = [], 0
    for row in reading.cursor.fetchall():
        total += read_exact_sum(row, "change")
        found.append((to_iso(row["until"]), to_number(total)))
    return found
