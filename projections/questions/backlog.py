"""The backlog over time: how many units waited, at the end of each day.

A pool's backordered units are what its demand has above its supply, because nothing is left free
while a line that could take it waits. So they follow from the stock history, day by day.
"""

from datetime import date
from typing import Any, ClassVar

from pydantic import Field

from stocktrail.ledger.instant import DAY
from stocktrail.ledger.quantity import to_number
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.exact_sums import exact_sum, read_exact_sum
from stocktrail.projections.models.stock_history import STOCK_HISTORY
from stocktrail.projections.questions.fields import ItemId, PoolId
from stocktrail.projections.questions.question import AsOf, Question, Report
from stocktrail.projections.read_models import ReadModels


class BacklogDay(Shape):
    """A day on which the backlog changed."""

    date: date
    change: Number
    backordered: Number


class BacklogReport(Shape):
    """How many units waited at the end of each day."""

    as_of: Position
    sku: str | None
    pool: str | None
    rows: list[BacklogDay]


class BacklogByDay(AsOf, Question[BacklogReport]):
    """How many units waited at the end of each day, of all items or of one."""

    question: ClassVar[str] = "backlog"
    address: ClassVar[str | None] = None
    is_listed: ClassVar[bool] = False

    item: ItemId | None = Field(default=None, description="Only this item.")
    pool: PoolId | None = Field(default=None, description="Only what is sold in this pool.")

    def answer(self, models: ReadModels) -> Report:
        """Add up the days; refuses an unknown position."""
        return backlog(models, sku=self.item, pool=self.pool, as_of=self.position(models))


_EPOCH = date(1970, 1, 1).toordinal()
_SHORT = "CASE WHEN {units} < 0 THEN -({units}) ELSE 0 END"
_SHORTER = " - ".join(
    _SHORT.format(units=units) for units in ("quantity_after", "quantity_after - delta")
)
_CHANGES = (
    f"SELECT occurred_at / {{day}} AS day, {exact_sum(_SHORTER, 'change')} "
    "FROM {table} WHERE pool IS NOT NULL AND position <= :until {which} "
    "GROUP BY 1 ORDER BY 1"
)


def backlog(
    models: ReadModels, *, sku: str | None = None, pool: str | None = None,
    as_of: int | None = None,
) -> dict[str, Any]:
    """Report the backordered units at the end of each day on which anything changed.

    Of all items or of one, in all pools or in one; ``change`` is what that day added. Refuses a
    position that the log has not reached.
    """
    asked = {name: value for name, value in (("sku", sku), ("pool", pool)) if value is not None}
    which = "".join(f"AND {name} = :{name} " for name in asked)
    if as_of is not None:
        models.reach(as_of)
    with models.reading() as reading:
        until = reading.position if as_of is None else as_of
        table = reading.place.table(STOCK_HISTORY).name
        reading.cursor.execute(
            _CHANGES.format(day=DAY, table=table, which=which), {**asked, "until": until}
        )
        rows, total = [], 0
        for row in reading.cursor.fetchall():
            change = read_exact_sum(row, "change")
            total += change
            rows.append({
                "date": date.fromordinal(_EPOCH + row["day"]).isoformat(),
                "change": to_number(change), "backordered": to_number(total),
            })
        return {"as_of": until, "sku": sku, "pool": pool, "rows": rows}
