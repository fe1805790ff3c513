"""The backlog over time: how many units waited, at the end of each day.

A pool's backordered units are what its demand has above its supply, because nothing is left free
while a line that could take it waits. Of all items they are added up while the log is folded
(:mod:`stocktrail.projections.models.backlog_days`); those of one follow from its history.
"""

from bisect import bisect_right
from datetime import date
from typing import Any, ClassVar

from pydantic import Field

from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.settings import SETTINGS_KEY, Settings, TimeZoneChanged
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.tables import Row, Table
from stocktrail.ledger.time_zone import DEFAULT_ZONE
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.exact_sums import read_exact_sum
from stocktrail.projections.models.backlog_days import (
    BACKLOG_DAY,
    ShopDayCounter,
    chunk_begins,
    chunk_of,
    short,
)
from stocktrail.projections.models.setting_levels import TIME_ZONE
from stocktrail.projections.models.stock_history import CHANGES_BACKLOG, STOCK_HISTORY
from stocktrail.projections.questions.fields import ItemId, PoolId
from stocktrail.projections.questions.question import AsOf, Question, Report
from stocktrail.projections.read_models import Reading, ReadModels


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


_IN_CHUNKS = (
    "SELECT day, SUM(change_millions) AS change_millions, SUM(change_rest) AS change_rest "
    "FROM {table} WHERE {which} GROUP BY day"
)
_MOVEMENTS = (
    "SELECT position, occurred_at, delta, quantity_after FROM {table} "
    "WHERE position BETWEEN :begin AND :until AND {which}"
)


def backlog(
    models: ReadModels, *, sku: str | None = None, pool: str | None = None,
    as_of: int | None = None,
) -> dict[str, Any]:
    """Report the backordered units at the end of each day on which anything changed.

    Of all items or of one, in all pools or in one; ``change`` is what that day added. A day is one
    of the shop's, in the time zone that held when it was recorded. Refuses a position that the log
    has not reached.
    """
    if as_of is not None:
        models.reach(as_of)
    with models.reading() as reading:
        until = reading.position if as_of is None else as_of
        changes = _Changes(models.ledger, reading, until, pool)
        by_day = changes.of_all() if sku is None else changes.of_item(sku)
    rows, total = [], 0
    for day, change in sorted(by_day.items()):
        total += change
        rows.append({
            "date": date.fromordinal(day).isoformat(), "change": to_number(change),
            "backordered": to_number(total),
        })
    return {"as_of": until, "sku": sku, "pool": pool, "rows": rows}


class _Changes:
    """What each day added to the backlog, up to a position, in one pool or in all."""

    def __init__(
        self, ledger: Ledger, reading: Reading, until: int, pool: str | None
    ) -> None:
        self._ledger, self._reading, self._until = ledger, reading, until
        self._asked = {} if pool is None else {"pool": pool}

    def of_all(self) -> dict[int, int]:
        """Return the changes of all items by day.

        Of the chunk of the log in which the position is, unless it is the last position of all,
        only the days count that had begun there, and the movements up to it.
        """
        chunk = chunk_of(self._until)
        if self._until == self._reading.position:
            return self._in_chunks("1 = 1")
        found = self._in_chunks("chunk < :chunk", chunk=chunk)
        begun = self._in_chunks(
            "chunk = :chunk AND since <= :until", chunk=chunk, until=self._until
        )
        later = self._movements(CHANGES_BACKLOG, begin=chunk_begins(chunk))
        for day in begun:
            found[day] = found.get(day, 0) + later.get(day, 0)
        return found

    def of_item(self, sku: str) -> dict[int, int]:
        """Return the changes of one item by day."""
        return self._movements("pool IS NOT NULL AND sku = :sku", begin=0, sku=sku)

    def _rows(self, statement: str, table: Table, which: str, **asked: Any) -> list[Row]:
        of_pool = " AND pool = :pool" if self._asked else ""
        self._reading.cursor.execute(
            statement.format(
                table=self._reading.place.table(table).name, which=f"{which}{of_pool}"
            ), {**self._asked, **asked},
        )
        return list(self._reading.cursor.fetchall())

    def _in_chunks(self, which: str, **asked: int) -> dict[int, int]:
        rows = self._rows(_IN_CHUNKS, BACKLOG_DAY, which, **asked)
        return {row["day"]: read_exact_sum(row, "change") for row in rows}

    def _movements(self, which: str, **asked: Any) -> dict[int, int]:
        zones, days, found = self._zones(), ShopDayCounter(), dict[int, int]()
        since = [position for position, _ in zones]
        for row in self._rows(_MOVEMENTS, STOCK_HISTORY, which, until=self._until, **asked):
            zone = zones[bisect_right(since, row["position"]) - 1][1]
            day, after = days.day_of(row["occurred_at"], zone), row["quantity_after"]
            found[day] = found.get(day, 0) + short(after) - short(after - row["delta"])
        return found

    def _zones(self) -> list[tuple[int, str]]:
        """Return from which position on which time zone held, the first from the beginning on."""
        zones = [(0, DEFAULT_ZONE)]
        place, cursor, _ = self._reading
        if place.table(TIME_ZONE).count(cursor):
            stream = Settings.stream_of(SETTINGS_KEY)
            zones += [
                (each.position, each.payload.zone)
                for each in self._ledger.read_stream(stream, until=self._until)
                if isinstance(each.payload, TimeZoneChanged)
            ]
        return zones
