"""The list of orders as it is now.

The open lines of an order are added up by the database. Put together one by one are only orders
whose promises depend on today (see :mod:`stocktrail.projections.models.promises_today`), and those
with open lines that were accepted while stock was not managed, which stand in no table of open
lines. Of an order that is closed nothing is to be known but how it ended.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from stocktrail.ledger.store.tables import Row, Table, one_of
from stocktrail.projections.answers.backorder_views.filters import Conditions
from stocktrail.projections.answers.backorder_views.line_conditions import (
    LATE,
    PROMISE,
    UNCERTAIN,
    WAITS,
)
from stocktrail.projections.answers.lists.definition import WantedRows
from stocktrail.projections.answers.lists.order_list import AskedOrders
from stocktrail.projections.answers.lists.order_rows import (
    CLOSED,
    parts_together,
    row_of_lines,
    rows_of_orders,
)
from stocktrail.projections.answers.lists.parts import (
    ListPart,
    RowsAddedUp,
    RowsInDatabase,
    RowsInMemory,
)
from stocktrail.projections.answers.moment_view import MomentView
from stocktrail.projections.models.open_lines import OPEN_LINE
from stocktrail.projections.models.orders import ORDER, ORDER_LINE, load_orders
from stocktrail.projections.models.promised_lines import PromisedLine

_CLOSED = """
SELECT order_id AS "order", customer, pool, ship_policy, position, {closed},
    CASE WHEN status = 'complete' THEN 1 ELSE 0 END AS shipped,
    CASE WHEN status = 'cancelled' THEN 1 ELSE 0 END AS cancelled
FROM {order} {where}
"""
_OPEN = """
SELECT order_id AS "order", MIN(customer) AS customer, MIN(pool) AS pool,
    MIN(ship_policy) AS ship_policy, MIN(since) AS position,
    CAST(SUM(remaining) AS BIGINT) AS remaining, CAST(SUM(allocated) AS BIGINT) AS allocated,
    CAST(SUM(CASE WHEN {waits} THEN remaining - allocated ELSE 0 END) AS BIGINT) AS backordered,
    CAST(SUM(uncovered) AS BIGINT) AS uncovered, MIN(requested_date) AS requested_date,
    CASE WHEN COUNT(promise_date) = COUNT(*) THEN MAX({promise}) END AS promise_date, 1 AS open,
    CASE WHEN CASE WHEN MIN(ship_policy) = 'complete'
        THEN SUM(CASE WHEN managed = 1 THEN allocated ELSE remaining END) = SUM(remaining)
        ELSE MAX(CASE WHEN managed = 1 THEN allocated ELSE remaining END) > 0 END
        THEN 1 ELSE 0 END AS ready,
    MAX(CASE WHEN {waits} THEN 1 ELSE 0 END) AS waiting,
    MAX(CASE WHEN uncovered > 0 THEN 1 ELSE 0 END) AS is_uncovered,
    MAX(CASE WHEN {late} THEN 1 ELSE 0 END) AS late,
    MAX(CASE WHEN {uncertain} THEN 1 ELSE 0 END) AS uncertain, 0 AS shipped, 0 AS cancelled
FROM {open_line} {where} GROUP BY order_id
"""
_UNMANAGED = (
    "SELECT order_id FROM {order_line} WHERE managed = 0 "
    "AND ordered > shipped + cancelled + released"
)


def closed_orders(table: str, conditions: Conditions) -> tuple[str, dict[str, Any]]:
    """Return the query for orders that are closed, of those that meet conditions."""
    closed = ", ".join(
        f"{'NULL' if value is None else value} AS {name}" for name, value in CLOSED.items()
    )
    query = _CLOSED.format(closed=closed, order=table, where=conditions.where())
    return query, conditions.parameters


class OrdersNow:
    """The orders that are asked for, in one consistent state of the read models."""

    def __init__(self, moment: MomentView, asked: AskedOrders) -> None:
        self._moment, self._asked = moment, asked
        self._today = {"today": moment.today.isoformat()}

    def parts(self, wanted: WantedRows) -> list[ListPart]:
        """Return the parts of the list: closed orders, open ones, and those put together."""
        cursor = self._moment.cursor
        return [
            RowsInDatabase(wanted, cursor, *self._closed()),
            RowsAddedUp(wanted, cursor, *self._open()),
            RowsInMemory(wanted, self._put_together()),
        ]

    def _closed(self) -> tuple[str, dict[str, Any]]:
        conditions = self._asked.of_orders()
        conditions.add("status <> 'processing'")
        return closed_orders(self._name(ORDER), conditions)

    def _open(self) -> tuple[str, dict[str, Any]]:
        """Write the query for open orders whose lines stand as they are stored."""
        conditions = self._of_lines()
        if self._moment.promises.stale:
            conditions.add(
                f"order_id NOT IN (SELECT order_id FROM {self._name(OPEN_LINE)} "
                f"WHERE {self._waits_today})"
            )
        if self._with_unmanaged:
            conditions.add(f"order_id NOT IN ({self._unmanaged})")
        return self._added_up(conditions)

    def _added_up(self, conditions: Conditions) -> tuple[str, dict[str, Any]]:
        """Write the query that adds up the lines which meet conditions, by order."""
        query = _OPEN.format(
            waits=WAITS, promise=PROMISE, late=LATE, uncertain=UNCERTAIN,
            open_line=self._name(OPEN_LINE), where=conditions.where(),
        )
        return query, conditions.parameters | self._today

    def _put_together(self) -> Iterator[Row]:
        """Yield the orders that the database cannot add up as they are today.

        Of one that ships in parts those are the lines that must be pegged again; the others are
        added up by the database all the same.
        """
        moment, unmanaged = self._moment, set(self._with_unmanaged)
        whole, again = set(unmanaged), dict[str, list[PromisedLine]]()
        for line in self._pegged_again():
            if line.ships_complete or line.order in unmanaged:
                whole.add(line.order)
            else:
                again.setdefault(line.order, []).append(line)
        for row in self._rest_of(list(again)):
            yield parts_together(row, row_of_lines(again.pop(row["order"]), moment.today))
        yield from (row_of_lines(lines, moment.today) for lines in again.values())
        views = load_orders(moment.place, moment.cursor, self._with_unmanaged)
        lines = moment.promises.lines_of_orders(sorted(whole))
        yield from rows_of_orders(lines, views, moment.today)

    def _pegged_again(self) -> list[PromisedLine]:
        """Return the lines of the orders asked for whose promise may be another today."""
        promises = self._moment.promises
        if not promises.stale:
            return []
        conditions = self._of_lines()
        self._moment.cursor.execute(
            f"SELECT sku, order_id, line FROM {self._name(OPEN_LINE)} "
            f"{conditions.where(self._waits_today)}", conditions.parameters | self._today,
        )
        keys = list(map(tuple, self._moment.cursor.fetchall()))
        queues = promises.pegged_today(list(dict.fromkeys(sku for sku, *_ in keys)))
        return [queues[sku].lines[order, number] for sku, order, number in keys]

    def _rest_of(self, order_ids: Sequence[str]) -> Iterator[Row]:
        """Yield the rows of orders by those of their lines that stand as they are stored."""
        if not order_ids:
            return
        stands = f"NOT ({self._waits_today})"
        for asked, keys in one_of("order_id", order_ids):
            conditions = Conditions()
            conditions.add(asked, **keys)
            conditions.add(stands)
            query, parameters = self._added_up(conditions)
            self._moment.cursor.execute(query, parameters)
            yield from map(dict, self._moment.cursor.fetchall())

    @property
    def _waits_today(self) -> str:
        """The condition on a line that waits, of an item that must be pegged again today.

        A line that has its units waits for nothing, and stands as it is stored.
        """
        return f"remaining > allocated AND sku IN ({self._moment.promises.stale_skus})"

    @cached_property
    def _with_unmanaged(self) -> list[str]:
        """The orders with open lines that were accepted while stock was not managed."""
        conditions = self._asked.of_orders()
        where = conditions.where(f"order_id IN ({self._unmanaged})")
        return self._orders(
            f"SELECT order_id FROM {self._name(ORDER)} {where}", conditions.parameters
        )

    @property
    def _unmanaged(self) -> str:
        return _UNMANAGED.format(order_line=self._name(ORDER_LINE))

    def _of_lines(self) -> Conditions:
        """Return the conditions on the open lines of the orders that are asked for."""
        if not self._asked.is_dated:
            return self._asked.of_orders()
        of_orders, conditions = self._asked.of_orders(), Conditions()
        conditions.add(
            f"order_id IN (SELECT order_id FROM {self._name(ORDER)} {of_orders.where()})",
            **of_orders.parameters,
        )
        return conditions

    def _orders(self, query: str, parameters: dict[str, Any]) -> list[str]:
        self._moment.cursor.execute(query, parameters)
        return [row["order_id"] for row in self._moment.cursor.fetchall()]

    def _name(self, table: Table) -> str:
        return self._moment.place.table(table).name
