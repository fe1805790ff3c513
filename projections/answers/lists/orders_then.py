"""The list of orders as of an earlier position.

Orders of which anything was open there are put together from their lines as they stood, all of them
at once; those of a customer from just the items of which a line waited. All others that were placed
by then had ended as they have now.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from stocktrail.ledger.stock.open_lines import OpenLine
from stocktrail.ledger.store.tables import Row, Table, one_of
from stocktrail.projections.answers.lists.definition import WantedRows
from stocktrail.projections.answers.lists.order_list import AskedOrders
from stocktrail.projections.answers.lists.order_rows import open_row_then, rows_of_orders
from stocktrail.projections.answers.lists.orders_now import closed_orders
from stocktrail.projections.answers.lists.parts import ListPart, RowsInDatabase, RowsInMemory
from stocktrail.projections.as_of import LedgerAsOf
from stocktrail.projections.as_of.every_line import LineThen
from stocktrail.projections.as_of.every_promise import EveryPromise
from stocktrail.projections.as_of.queues import queues_of
from stocktrail.projections.models.line_states import lines_at
from stocktrail.projections.models.open_spans import OPEN_SPAN, SALE, open_then
from stocktrail.projections.models.orders import ORDER, ORDER_LINE
from stocktrail.projections.models.promised_lines import PromisedLine

_PLACED_THEN = "position <= :position"
_UNMANAGED = "SELECT order_id FROM {order_line} WHERE managed = 0"


class OrdersThen:
    """The orders that are asked for, as of the position of a moment, on a day."""

    def __init__(self, past: LedgerAsOf, today: date, asked: AskedOrders) -> None:
        self._past, self._today, self._asked = past, today, asked
        self._tables, self._cursor, _ = past.now

    def parts(self, wanted: WantedRows) -> list[ListPart]:
        """Return the parts of the list: orders that had been closed, and those put together."""
        return [
            RowsInDatabase(wanted, self._cursor, *self._closed()),
            RowsInMemory(wanted, self._put_together()),
        ]

    def _closed(self) -> tuple[str, dict[str, Any]]:
        open_orders = " UNION ALL ".join(
            f"SELECT reference FROM {self._name(OPEN_SPAN)} WHERE kind = :kind AND {each}"
            for each in open_then(self._past.position)
        )
        conditions = self._asked.of_orders()
        conditions.add(_PLACED_THEN, position=self._past.position, kind=SALE)
        conditions.add(f"order_id NOT IN ({open_orders})")
        conditions.add(f"order_id NOT IN ({self._unmanaged})")
        return closed_orders(self._name(ORDER), conditions)

    def _put_together(self) -> Iterator[Row]:
        views = self._past.orders(self._with_unmanaged)
        if self._asked.customer is not None:
            yield from rows_of_orders(self._open_lines(self._spans()), views, self._today)
            return
        promises = EveryPromise.of(self._past)
        for lines in self._asked_for(promises.promised.by_order).values():
            if lines[0].order not in views:
                yield open_row_then(lines, promises)
        spans = [
            span for span in self._past.lines_of(list(views)).values() if self._was_open(span)
        ]
        yield from rows_of_orders(self._open_lines(spans), views, self._today)

    def _was_open(self, span: Row) -> bool:
        position, until = self._past.position, span["until"]
        return span["since"] <= position and (until is None or until > position)

    def _asked_for(
        self, of_all: Mapping[str, Sequence[LineThen]]
    ) -> Mapping[str, Sequence[LineThen]]:
        """Return the lines of the orders that are asked for, by order."""
        pool, found = self._asked.pool, of_all
        if pool is not None:
            found = {order: lines for order, lines in of_all.items() if lines[0].pool == pool}
        if not self._asked.is_dated:
            return found
        return {order: found[order] for order in self._orders_of(list(found))}

    def _open_lines(self, spans: Sequence[Row]) -> dict[str, list[PromisedLine]]:
        """Return the lines that were open, of the orders asked for, as they were promised then.

        A line that had all of its units was promised for the day it was asked for, unless its order
        ships complete and another line of it waited. Of all other lines the queues are pegged.
        """
        stood = lines_at(self._tables, self._cursor, spans, self._past.position)
        waited = {order for (order, _), line in stood.items() if line.backordered}
        queues = queues_of(self._past, sorted({
            span["sku"] for span in spans
            if stood[span["reference"], span["line"]].backordered
            or (span["ship_policy"] == "complete" and span["reference"] in waited)
        }), self._today)
        found: dict[str, list[PromisedLine]] = {}
        for span in spans:
            key, queue = (span["reference"], span["line"]), queues.get(span["sku"])
            line = _with_its_units(span, stood[key]) if queue is None else queue.lines[key]
            found.setdefault(line.order, []).append(line)
        return found

    def _spans(self) -> list[Row]:
        """Read the lines that were open of the orders that are asked for."""
        asked = self._asked
        spans = [
            span for span in self._past.spans(SALE, party=asked.customer)
            if asked.pool in (None, span["pool"])
        ]
        if not asked.is_dated:
            return spans
        wanted = set(self._orders_of(list(dict.fromkeys(span["reference"] for span in spans))))
        return [span for span in spans if span["reference"] in wanted]

    def _orders_of(self, order_ids: Sequence[str]) -> Iterator[str]:
        """Yield those of some orders that are asked for."""
        conditions = self._asked.of_orders()
        for asked, keys in one_of("order_id", order_ids):
            yield from self._read(conditions.where(asked), conditions.parameters | keys)

    @cached_property
    def _with_unmanaged(self) -> list[str]:
        """The orders that had lines which were accepted while stock was not managed.

        Nothing says when such a line was closed, so that all of them have to be folded.
        """
        conditions = self._asked.of_orders()
        conditions.add(_PLACED_THEN, position=self._past.position)
        return self._read(
            conditions.where(f"order_id IN ({self._unmanaged})"), conditions.parameters
        )

    @property
    def _unmanaged(self) -> str:
        return _UNMANAGED.format(order_line=self._name(ORDER_LINE))

    def _read(self, where: str, parameters: dict[str, Any]) -> list[str]:
        self._cursor.execute(f"SELECT order_id FROM {self._name(ORDER)} {where}", parameters)
        return [row["order_id"] for row in self._cursor.fetchall()]

    def _name(self, table: Table) -> str:
        return self._tables.table(table).name


def _with_its_units(span: Row, line: OpenLine) -> PromisedLine:
    """Return a line that waits for nothing."""
    return PromisedLine(
        line, span["sku"], span["party"], span["ship_policy"], span["since"],
        date.fromordinal(span["placed_day"]), promise_date=line.requested_date,
    )
