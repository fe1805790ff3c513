"""Every order line that was open at an earlier position, and all that was to come, as plain rows.

Whoever counts or lists all lines needs little of each. So they are read by a few statements and
kept as small structs, days as numbers: 100,000 lines take 0.25 s of processor, and to promise them
0.17; as queues of promised lines they took 5 (2026-11-30). Which of them are promised what is found
by :mod:`stocktrail.projections.as_of.every_promise`. Nine tenths of reading is to make values of
Python: as JSON, by column or by row, it took as long.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple

from msgspec import Struct

from stocktrail.ledger.pegging import OpenReceipt, Peg, Reach
from stocktrail.ledger.stock.open_lines import LineKey
from stocktrail.ledger.store.tables import Row, Table, one_of
from stocktrail.projections.as_of.ledger_as_of import LedgerAsOf
from stocktrail.projections.dates import read_day
from stocktrail.projections.folding.shadow_tables import gc_paused
from stocktrail.projections.models.line_states import LINE_STATE
from stocktrail.projections.models.open_spans import NOTHING, OPEN_SPAN, PURCHASE, SALE, open_then
from stocktrail.projections.models.overdue import RestsOn
from stocktrail.projections.models.promise_changes import (
    NEVER_SLIPPED,
    PROMISE_CHANGE,
    Slipped,
)
from stocktrail.projections.models.purchase_orders import PURCHASE_LINE, PURCHASE_ORDER
from stocktrail.projections.models.tellings import Told
from stocktrail.projections.models.told_customers import TELLING, latest_tellings, once_told

_BEGAN = (
    "sku, pool, priority, requested_day, placed, line, reference, party, since, remaining, "
    "allocated, CASE WHEN ship_policy = 'complete' THEN 1 ELSE 0 END AS ships_complete, "
    "requested_day + first_wait AS first_told"
)
_STATES = (
    "SELECT state.order_id, state.line, state.remaining, state.allocated, state.priority, "
    "state.requested_day FROM ({spans}) AS span CROSS JOIN {states} AS state "
    "WHERE state.order_id = span.reference AND state.line = span.line "
    "AND state.position <= :position ORDER BY state.position"
)
_OF_OPEN_LINES = (
    "FROM {news} AS news CROSS JOIN {span} AS span WHERE span.kind = :kind "
    "AND span.reference = news.order_id AND span.line = news.line "
    "AND news.position <= :position AND span.since <= :position "
    "AND (span.until IS NULL OR span.until > :position) "
)
"""Of all lines: most have no news."""

_OF_SOME_LINES = (
    "FROM ({spans}) AS span CROSS JOIN {news} AS news WHERE news.order_id = span.reference "
    "AND news.line = span.line AND news.position <= :position "
)
"""Of those of a few items."""

_SLIPPED = (
    "SELECT latest.order_id, latest.line, counted.slips, latest.days_slipped, latest.first_date, "
    "latest.last_told, latest.lost, counted.part_at FROM ("
    "SELECT news.order_id AS order_id, news.line AS line, MAX(news.position) AS position, "
    "SUM(news.is_slip) AS slips, "
    "MAX(CASE WHEN news.of_part = 1 THEN news.position ELSE 0 END) AS part_at "
    "{of_lines} GROUP BY news.order_id, news.line) AS counted "
    "CROSS JOIN {news} AS latest WHERE latest.order_id = counted.order_id "
    "AND latest.line = counted.line AND latest.position = counted.position"
)
"""How often each line slipped, and its latest change."""

_TELLINGS = (
    "SELECT news.order_id AS order_id, news.line AS line, news.position AS position, "
    "news.told_date AS told_date, news.reached AS reached {of_lines}"
    "ORDER BY news.position, news.order_id, news.line"
)
_RECEIPTS = (
    "SELECT line.sku, span.reference, span.line, placed.source, "
    "line.ordered - line.received - line.cancelled, line.expected_date, placed.position, "
    "placed.vendor, line.original_expected_date, line.changed FROM ({spans}) AS span "
    "CROSS JOIN {line} AS line CROSS JOIN {order} AS placed "
    "WHERE line.purchase_order = span.reference AND line.line = span.line "
    "AND placed.purchase_order = span.reference"
)


class LineThen(Struct, gc=False):
    """An order line as it stood; ``requested`` and ``first_told`` are days, as ordinals.

    ``news`` says how it slipped and what its customer was told since it was placed, if anything.
    What follows it is what :mod:`stocktrail.projections.as_of.every_promise` finds.
    """

    sku: str
    pool: str
    priority: int
    requested: int
    placed: int
    line: int
    order: str
    customer: str
    since: int
    remaining: int
    allocated: int
    ships_complete: int
    first_told: int | None
    news: Slipped | None = None
    managed: bool = True
    promised: int | None = None
    rests_on: RestsOn = ()
    uncovered: int = 0
    pegged_to: Sequence[Reach | Peg] = ()

    @property
    def key(self) -> LineKey:
        """The order and the number of the line."""
        return (self.order, self.line)

    @property
    def backordered(self) -> int:
        """Units that it lacked."""
        return self.remaining - self.allocated

    @property
    def waits_for(self) -> int:
        """Units that it waited for: none while stock of its item was not managed."""
        return self.remaining - self.allocated if self.managed else 0

    @property
    def slips(self) -> int:
        """How often it had slipped."""
        return 0 if self.news is None else self.news.slips

    @property
    def days_slipped(self) -> int:
        """The days from its first promise to the present one, where it had slipped."""
        return 0 if self.news is None else self.news.days

    @property
    def is_lost(self) -> bool:
        """Whether its customer was told last that there is no date any more."""
        return self.news is not None and self.news.told.lost


place_of: Callable[[LineThen], tuple[int, int, int, int, str]] = attrgetter(
    "priority", "requested", "placed", "line", "order"
)
"""A line's place in its item's queue."""


class ReceiptThen(NamedTuple):
    """A purchase line of which units were to come, and when it was first expected."""

    sku: str
    receipt: OpenReceipt
    vendor: str
    original_expected_date: date | None

    @property
    def key(self) -> LineKey:
        """The purchase order and the number of the line."""
        return (self.receipt.purchase_order, self.receipt.line)

    @property
    def place(self) -> tuple[str, str, int]:
        """Its place in a list by vendor."""
        return (self.vendor, *self.key)


class _Open:
    """The lines of a kind that were open, of all items or of some, and what is read of them."""

    def __init__(
        self, past: LedgerAsOf, kind: str, condition: str = "",
        keys: Mapping[str, str | int] = NOTHING,
    ) -> None:
        self._past, self._of_some = past, condition
        self._parameters: dict[str, Any] = {"kind": kind, "position": past.position, **keys}

    @classmethod
    def of_items(
        cls, past: LedgerAsOf, kind: str, skus: Sequence[str] | None
    ) -> Iterator["_Open"]:
        """Yield those of all items, or of some, so many at once."""
        if skus is None:
            yield cls(past, kind)
            return
        for condition, keys in one_of("sku", skus):
            yield cls(past, kind, f"{condition} AND ", {**keys})

    def name(self, table: Table) -> str:
        """Return what a table is called."""
        return self._past.now.place.table(table).name

    def spans(self, columns: str) -> str:
        """Write the query for columns of the lines."""
        return " UNION ALL ".join(
            f"SELECT {columns} FROM {self.name(OPEN_SPAN)} "
            f"WHERE {self._of_some}kind = :kind AND {each}"
            for each in open_then(self._past.position)
        )

    def news(self, query: str, news: Table) -> str:
        """Write a query for news of the lines."""
        of_lines = (_OF_SOME_LINES if self._of_some else _OF_OPEN_LINES).format(
            news=self.name(news), span=self.name(OPEN_SPAN), spans=self.spans("reference, line"),
        )
        return query.format(news=self.name(news), of_lines=of_lines)

    def read(self, query: str) -> Any:
        """Return the rows of a query: values that are also found by name."""
        cursor = self._past.now.cursor
        cursor.execute(query, self._parameters)
        return cursor.fetchall()


def every_line(past: LedgerAsOf, skus: Sequence[str] | None = None) -> list[LineThen]:
    """Return the order lines that were open, as they stood; none of them is promised anything.

    They are those of all items, or of some.
    """
    return [line for these in _Open.of_items(past, SALE, skus) for line in _lines(these)]


def _lines(these: _Open) -> list[LineThen]:
    with gc_paused():
        lines = [LineThen(*row) for row in these.read(these.spans(_BEGAN))]
    states = {
        (order, number): stood for order, number, *stood in these.read(_STATES.format(
            spans=these.spans("reference, line"), states=these.name(LINE_STATE),
        ))
    }
    news = _news(these)
    for line in lines if states or news else ():
        key = (line.order, line.line)
        if key in states:
            line.remaining, line.allocated, line.priority, line.requested = states[key]
        if key in news:
            line.news = news[key].after_being_placed(line.first_told)
    return lines


class _News(NamedTuple):
    """How a line slipped, if it did, and the latest telling of it that somebody recorded."""

    slipped: Slipped | None
    telling: Row | None

    def after_being_placed(self, first_told: int | None) -> Slipped:
        """Return how the line slipped, with what its customer knows by now."""
        slipped = self.slipped
        if slipped is None:
            first = None if first_told is None else date.fromordinal(first_told)
            slipped = NEVER_SLIPPED._replace(told=Told(first, first))
        if self.telling is None:
            return slipped
        return slipped._replace(told=once_told(slipped.told, slipped.part_at, self.telling))


def _news(these: _Open) -> Mapping[LineKey, _News]:
    """Return what was news of open lines after they were placed; of most there was none."""
    slipped = {
        (order, number): Slipped(
            int(slips), days, Told(
                read_day(first), read_day(last), bool(lost), part_slipped=part_at > 0
            ), part_at,
        ) for order, number, slips, days, first, last, lost, part_at
        in these.read(these.news(_SLIPPED, PROMISE_CHANGE))
    }
    told = latest_tellings(these.read(these.news(_TELLINGS, TELLING)))
    return {
        key: _News(slipped.get(key), told.get(key)) for key in slipped.keys() | told.keys()
    }


def every_receipt(past: LedgerAsOf, skus: Sequence[str] | None = None) -> list[ReceiptThen]:
    """Return the purchase lines of which units were to come, of all items or of some.

    A line that has not changed since stands as it is kept; orders with any other are folded.
    """
    found, changed = [], set[LineKey]()
    for these in _Open.of_items(past, PURCHASE, skus):
        query = _RECEIPTS.format(
            spans=these.spans("reference, line"), line=these.name(PURCHASE_LINE),
            order=these.name(PURCHASE_ORDER),
        )
        for row in these.read(query):
            sku, name, number, source, units, expected, placed, vendor, first, at = tuple(row)
            if at > past.position:
                changed.add((name, number))
            elif units > 0:
                receipt = OpenReceipt(name, number, source, units, read_day(expected), placed)
                found.append(ReceiptThen(sku, receipt, vendor, read_day(first)))
    for order in past.purchase_orders(sorted({name for name, _ in changed})).values():
        found += (
            ReceiptThen(
                line.sku, order.receipt(number), order.vendor, line.original_expected_date
            ) for number, line in order.lines.items()
            if line.remaining and (order.purchase_order, number) in changed
        )
    return found
