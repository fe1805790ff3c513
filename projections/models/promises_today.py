"""Promises as they are on a given day, which is today for the question.

What is stored holds on any later day, except for items with an overdue receipt. That one is
expected some days after today, so such items are pegged again in memory for each question, and
orders that ship complete follow with all their lines. Only of those items are all lines read.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property

from stocktrail.ledger.pegging import latest
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.store.tables import Cursor, TableSet, one_of
from stocktrail.projections.models.open_line_rows import read_line
from stocktrail.projections.models.open_lines import OPEN_LINE, PEGGED_ITEM, Queue
from stocktrail.projections.models.overdue import all_of
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.models.queues import load_queues

_STALE = (
    "pegged_on <> :today AND (first_expected < :today OR first_expected < pegged_on)"
)

_PROMISED = (
    "(remaining > allocated AND "
    "(pegs <> '[]' OR promise_date IS NOT NULL OR rests_on <> '[]' OR managed = 0))"
)


_OF_ALL, _FEW = 8, 500
"""So many lines to be pegged again are most: more than a few, and than this part of all."""


class PromisesToday:
    """Queues with the pegs and promise dates that hold on one day."""

    def __init__(self, tables: TableSet, cursor: Cursor, settings: Settings, today: date) -> None:
        self._tables = tables
        self._cursor = cursor
        self._settings = settings
        self._queues: dict[str, Queue] = {}
        self._promised: set[str] = set()
        self._together: dict[str, list[PromisedLine]] = {}
        self.today = today

    @property
    def stale_skus(self) -> str:
        """The query for the items that must be pegged again; ``:today`` is its parameter."""
        return f"SELECT sku FROM {self._tables.table(PEGGED_ITEM).name} WHERE {_STALE}"

    @property
    def affected(self) -> str:
        """The condition on an open line whose pegs or promise date may differ from what is stored.

        That is a line of an item that must be pegged again, or of an order that ships complete with
        another line of such an item.
        """
        lines = self._tables.table(OPEN_LINE).name
        return (
            f"(sku IN ({self.stale_skus}) OR (ship_policy = 'complete' AND order_id IN ("
            f"SELECT order_id FROM {lines} WHERE ship_policy = 'complete' "
            f"AND sku IN ({self.stale_skus}))))"
        )

    @cached_property
    def stale(self) -> list[str]:
        """The items that must be pegged again."""
        self._cursor.execute(self.stale_skus, {"today": self.today.isoformat()})
        return [row["sku"] for row in self._cursor.fetchall()]

    @property
    def are_mostly_stale(self) -> bool:
        """Whether so many lines are of items that must be pegged again that all may be as well.

        To peg a line in its queue takes ten times as long as to peg all lines at once.
        """
        if not self.stale:
            return False
        table = self._tables.table(OPEN_LINE)
        again = table.count(
            self._cursor, f"WHERE sku IN ({self.stale_skus})", today=self.today.isoformat()
        )
        return again > max(table.count(self._cursor) // _OF_ALL, _FEW)

    def queues(self, skus: Iterable[str]) -> dict[str, Queue]:
        """Return the queues of items, with the pegs and promise dates of today."""
        wanted = list(dict.fromkeys(skus))
        found = self.pegged_today(wanted)
        self._ship_together([found[sku] for sku in wanted if sku not in self._promised])
        self._promised.update(wanted)
        return found

    def fronts(self, skus: Iterable[str]) -> dict[str, Queue]:
        """Return the queues of items without the lines of which nothing is promised.

        Lines that have their units are left out too. However many wait, what is to come is for few
        of them: of 100,000 lines those with a date are read in 30 ms, and all in 1,300
        (2026-11-30). Of an item that must be pegged again today, all lines are there.
        """
        wanted = list(dict.fromkeys(skus))
        stale = set(self.stale)
        found = self.queues(sku for sku in wanted if sku in stale)
        fronts = load_queues(
            self._tables, self._cursor, [sku for sku in wanted if sku not in stale], _PROMISED
        )
        for line in self._whole(sorted(self._moved)):
            if line.sku in fronts:
                fronts[line.sku].put(line)
        return found | fronts

    def without_cover(self, skus: Sequence[str]) -> set[str]:
        """Return the items of which a line waits for units that nobody has ordered."""
        stale = set(self.stale)
        queues = self.queues(sku for sku in skus if sku in stale)
        found = {
            sku for sku, queue in queues.items()
            if any(line.uncovered for line in queue.lines.values())
        }
        table = self._tables.table(OPEN_LINE)
        for asked, parameters in one_of("sku", [sku for sku in skus if sku not in stale]):
            self._cursor.execute(
                f"SELECT DISTINCT sku FROM {table.name} WHERE {asked} AND uncovered > 0", parameters
            )
            found.update(row["sku"] for row in self._cursor.fetchall())
        return found

    def demand(self, sku: str, pool: str) -> list[tuple[date, int]]:
        """Return how many units are still to go from a pool, by the day they are requested for."""
        self._cursor.execute(
            f"SELECT requested_date, SUM(remaining) AS units "
            f"FROM {self._tables.table(OPEN_LINE).name} "
            "WHERE sku = :sku AND pool = :pool GROUP BY requested_date",
            {"sku": sku, "pool": pool},
        )
        return [
            (date.fromisoformat(row["requested_date"]), int(row["units"]))
            for row in self._cursor.fetchall()
        ]

    def lines_of(self, order_id: str, skus: Iterable[str]) -> dict[int, PromisedLine]:
        """Return the open lines of one order, which are of these items, by number.

        What is stored of them holds unless an item of the order must be pegged again; only of such
        an item the whole queue is read.
        """
        wanted, stale = set(skus), set(self.stale)
        lines = {line.line: line for line in self._stored([order_id]) if line.sku in wanted}
        queues = self.pegged_today([sku for sku in wanted if sku in stale])
        for number, line in lines.items():
            if line.sku in queues:
                lines[number] = queues[line.sku].lines[line.key]
        if order_id in self._moved:
            lines |= {line.line: line for line in self._whole([order_id]) if line.sku in wanted}
        return lines

    def pegged_today(self, skus: Sequence[str]) -> dict[str, Queue]:
        """Return the queues of items as pegged today, where a line is promised by itself.

        Lines of orders that ship complete are promised what is stored.
        """
        absent = [sku for sku in skus if sku not in self._queues]
        found = load_queues(self._tables, self._cursor, absent)
        for queue in found.values():
            for old in queue.renew(self._settings, self.today):
                line = queue.lines[old.key]
                if not line.ships_complete:
                    queue.replace(line._replace(
                        promise_date=line.own_date, rests_on=line.own_rests_on
                    ))
        self._queues |= found
        return {sku: self._queues[sku] for sku in skus}

    # ------------------------------------------------------------------ orders that ship complete

    @cached_property
    def _moved(self) -> set[str]:
        """The orders that ship complete with a line of an item that must be pegged again."""
        if not self.stale:
            return set()
        self._cursor.execute(
            f"SELECT DISTINCT order_id FROM {self._tables.table(OPEN_LINE).name} "
            f"WHERE ship_policy = 'complete' AND sku IN ({self.stale_skus})",
            {"today": self.today.isoformat()},
        )
        return {row["order_id"] for row in self._cursor.fetchall()}

    def _ship_together(self, queues: Sequence[Queue]) -> None:
        """Promise the lines of orders that ship complete the latest date of all their lines."""
        if not self._moved:
            return
        of_sku = {queue.sku: queue for queue in queues}
        for line in self._whole(sorted({
            line.order for queue in queues for line in queue.lines.values()
            if line.ships_complete and line.order in self._moved
        })):
            queue = of_sku.get(line.sku)
            if queue is not None and line.key in queue.lines:
                queue.replace(line)

    def lines_of_orders(self, order_ids: Sequence[str]) -> dict[str, list[PromisedLine]]:
        """Return the open lines of orders, each as it is promised today by itself, by order."""
        stored, stale = self._stored(order_ids), set(self.stale)
        queues = self.pegged_today(sorted({line.sku for line in stored} & stale))
        found: dict[str, list[PromisedLine]] = {}
        for line in stored:
            if line.sku in queues:
                line = queues[line.sku].lines[line.key]
            found.setdefault(line.order, []).append(line)
        return found

    def _whole(self, order_ids: Sequence[str]) -> list[PromisedLine]:
        """Return the lines of orders that ship complete as they are promised today, together.

        Several lists of one overview ask for the same orders: each is put together once.
        """
        absent = [order_id for order_id in order_ids if order_id not in self._together]
        for order_id, lines in self.lines_of_orders(absent).items():
            together = latest(line.own_date for line in lines)
            rests_on = all_of(line.own_rests_on for line in lines)
            self._together[order_id] = [
                line._replace(promise_date=together, rests_on=rests_on) for line in lines
            ]
        return [line for order_id in order_ids for line in self._together.get(order_id, ())]

    def _stored(self, order_ids: Sequence[str]) -> list[PromisedLine]:
        """Return the open lines of orders as they are stored."""
        rows = self._tables.table(OPEN_LINE).rows_of(self._cursor, "order_id", order_ids)
        return [read_line(row) for row in rows]
