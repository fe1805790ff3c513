"""Every order line that was open at an earlier position, and all that was to come, as plain rows.

Whoever counts or lists all lines needs little of each. So they are read by a few statements and
kept as small structs, days as numbers: 100,000 lines take 0.25 s of processor, and to promise them
0.17; as queues of promised lines they took 5 (2026-11-30). Which of them are promised what is found
by :mod:`stocktrail.projections.as_of.every_promise`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple

from msgspec import Struct

from stocktrail.ledger.pegging import OpenReceipt, Peg, Reach
from stocktrail.ledger.stock.open_lines import LineKey
from stocktrail.ledger.store.tables import Row, Table
from stocktrail.projections.as_of.ledger_as_of import LedgerAsOf
from stocktrail.projections.dates import read_day
from stocktrail.projections.folding.shadow_tables import gc_paused
from stocktrail.projections.models.line_states import LINE_STATE
from stocktrail.projections.models.open_spans import OPEN_SPAN, PURCHASE, SALE, open_then
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
_SLIPPED = (
    "SELECT latest.order_id, latest.line, counted.slips, latest.days_slipped, latest.first_date, "
    "latest.last_told, latest.lost, counted.part_at FROM ("
    "SELECT news.order_id AS order_id, news.line AS line, MAX(news.position) AS position, "
    "SUM(news.is_slip) AS slips, "
    "MAX(CASE WHEN news.of_part = 1 THEN news.position ELSE 0 END) AS part_at "
    f"{_OF_OPEN_LINES} GROUP BY news.order_id, news.line) AS counted "
    "CROSS JOIN {news} AS latest WHERE latest.order_id = counted.order_id "
    "AND latest.line = counted.line AND latest.position = counted.position"
)
"""How often each line slipped, and its latest change."""

_TELLINGS = (
    "SELECT news.order_id AS order_id, news.line AS line, news.position AS position, "
    f"news.told_date AS told_date, news.reached AS reached {_OF_OPEN_LINES}"
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


def _spans(past: LedgerAsOf, columns: str) -> str:
    table = past.now.place.table(OPEN_SPAN).name
    return " UNION ALL ".join(
        f"SELECT {columns} FROM {table} WHERE kind = :kind AND {each}"
        for each in open_then(past.position)
    )


def _read(past: LedgerAsOf, query: str, kind: str) -> Any:
    """Return the rows of a query: values that are also found by name."""
    cursor = past.now.cursor
    cursor.execute(query, {"kind": kind, "position": past.position})
    return cursor.fetchall()


def every_line(past: LedgerAsOf) -> list[LineThen]:
    """Return the order lines that were open, as they stood; none of them is promised anything."""
    with gc_paused():
        lines = [LineThen(*row) for row in _read(past, _spans(past, _BEGAN), SALE)]
    states = {
        (order, number): stood for order, number, *stood in _read(past, _STATES.format(
            spans=_spans(past, "reference, line"), states=past.now.place.table(LINE_STATE).name,
        ), SALE)
    }
    news = _news(past)
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


def _news(past: LedgerAsOf) -> Mapping[LineKey, _News]:
    """Return what was news of open lines after they were placed; of most there was none."""
    slipped = {
        (order, number): Slipped(
            int(slips), days, Told(
                read_day(first), read_day(last), bool(lost), part_slipped=part_at > 0
            ), part_at,
        ) for order, number, slips, days, first, last, lost, part_at
        in _read(past, _with_names(past, _SLIPPED, PROMISE_CHANGE), SALE)
    }
    told = latest_tellings(_read(past, _with_names(past, _TELLINGS, TELLING), SALE))
    return {
        key: _News(slipped.get(key), told.get(key)) for key in slipped.keys() | told.keys()
    }


def _with_names(past: LedgerAsOf, query: str, news: Table) -> str:
    tables = past.now.place
    return query.format(news=tables.table(news).name, span=tables.table(OPEN_SPAN).name)


def every_receipt(past: LedgerAsOf) -> list[ReceiptThen]:
    """Return the purchase lines of which units were to come.

    A line that has not changed since stands as it is kept; orders with any other are folded.
    """
    query = _RECEIPTS.format(spans=_spans(past, "reference, line"), **{
        name: past.now.place.table(table).name
        for name, table in (("line", PURCHASE_LINE), ("order", PURCHASE_ORDER))
    })
    found, changed = [], set[LineKey]()
    for row in _read(past, query, PURCHASE):
        sku, name, number, source, units, expected, placed, vendor, first, changed_at = tuple(row)
        if changed_at > past.position:
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
