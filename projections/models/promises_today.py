"""Promises as they are on a given day, which is today for the question.

What is stored holds on any later day, except for items with an overdue receipt. That one is
expected some days after today, so such items are pegged again in memory for each question, and
orders that ship complete follow with all their lines.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property

from stocktrail.ledger.pegging import latest
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.store.tables import LOOK_UP_AT_ONCE, Cursor, TableSet
from stocktrail.projections.models.open_lines import OPEN_LINE, PEGGED_ITEM, Queue
from stocktrail.projections.models.overdue import all_of
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.models.queues import load_queues

_STALE = (
    "pegged_on <> :today AND (first_expected < :today OR first_expected < pegged_on)"
)


class PromisesToday:
    """Queues with the pegs and promise dates that hold on one day."""

    def __init__(self, tables: TableSet, cursor: Cursor, settings: Settings, today: date) -> None:
        self._tables = tables
        self._cursor = cursor
        self._settings = settings
        self._queues: dict[str, Queue] = {}
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

    def queues(self, skus: Iterable[str]) -> dict[str, Queue]:
        """Return the queues of items, with the pegs and promise dates of today."""
        wanted = list(dict.fromkeys(skus))
        absent = [sku for sku in wanted if sku not in self._queues]
        found = load_queues(self._tables, self._cursor, absent)
        if stale := {sku for sku, queue in found.items() if queue.is_stale(self.today)}:
            for sku in stale:
                found[sku] = self._pegged_again(found[sku])
        self._queues |= found
        if self.stale:
            self._ship_together([found[sku] for sku in absent])
        return {sku: self._queues[sku] for sku in wanted}

    def lines_of(self, order_id: str, skus: Iterable[str]) -> dict[int, PromisedLine]:
        """Return the open lines of one order, which are of these items, by number."""
        return {
            number: line for queue in self.queues(skus).values()
            for (of_order, number), line in queue.lines.items() if of_order == order_id
        }

    def _pegged_again(self, queue: Queue) -> Queue:
        queue = queue.as_of_day(self._settings, self.today)
        for line in list(queue.lines.values()):
            if not line.ships_complete:
                queue.replace(line._replace(
                    promise_date=line.own_date, rests_on=line.own_rests_on
                ))
        return queue

    def _ship_together(self, queues: Sequence[Queue]) -> None:
        """Promise the lines of orders that ship complete the latest date of all their lines."""
        order_ids = sorted({
            line.order for queue in queues for line in queue.lines.values()
            if line.ships_complete
        })
        whole: dict[str, list[Queue]] = {order_id: [] for order_id in order_ids}
        others: dict[str, Queue] = {}
        for order_id, sku in self._skus_of(order_ids):
            if sku not in self._queues and sku not in others:
                [queue] = load_queues(self._tables, self._cursor, [sku]).values()
                others[sku] = queue.as_of_day(self._settings, self.today)
            whole[order_id].append(self._queues.get(sku) or others[sku])
        lines_of: dict[str, list[tuple[Queue, PromisedLine]]] = {order_id: [] for order_id in whole}
        for queue in {id(queue): queue for found in whole.values() for queue in found}.values():
            for line in queue.lines.values():
                if line.order in lines_of:
                    lines_of[line.order].append((queue, line))
        for lines in lines_of.values():
            together = latest(line.own_date for _, line in lines)
            rests_on = all_of(line.own_rests_on for _, line in lines)
            for queue, line in lines:
                queue.replace(line._replace(promise_date=together, rests_on=rests_on))

    def _skus_of(self, order_ids: Sequence[str]) -> Iterable[tuple[str, str]]:
        name = self._tables.table(OPEN_LINE).name
        for start in range(0, len(order_ids), LOOK_UP_AT_ONCE):
            asked = {
                f"k{n}": order_id
                for n, order_id in enumerate(order_ids[start : start + LOOK_UP_AT_ONCE])
            }
            names = ", ".join(f":{each}" for each in asked)
            self._cursor.execute(
                f"SELECT DISTINCT order_id, sku FROM {name} WHERE order_id IN ({names})", asked
            )
            yield from [(row["order_id"], row["sku"]) for row in self._cursor.fetchall()]
