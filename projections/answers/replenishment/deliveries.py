"""Who delivered an item last: the vendor to order it from, and how long that delivery took.

An order that is coming in, of which something came already, is the last one; else it is the one
that was completed last. Where nobody delivered any, it is the order that was placed last.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from stocktrail.ledger.instant import day_of
from stocktrail.ledger.purchase_orders.events import PurchaseOrderReceived
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.events_at import events_at
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.answers.moment_view import MomentView
from stocktrail.projections.models.open_spans import OPEN_SPAN, PURCHASE, open_at
from stocktrail.projections.models.purchase_orders import PURCHASE_LINE, PURCHASE_ORDER

_MANY = 500
"""Of so many items it takes less to read what is closed of all items than to look each item up."""

_CLOSED = "{line}.received + {line}.cancelled >= {line}.ordered AND {line}.changed <= :position"
_CLOSED_LAST = """
SELECT line.sku AS sku, purchase.vendor AS vendor, line.purchase_order AS purchase_order,
    line.line AS line, line.received AS received, purchase.position AS since,
    purchase.placed_at AS placed_at, line.changed AS until
FROM (
    SELECT sku, MAX(changed) AS changed FROM {lines} AS closed WHERE {closed}
    GROUP BY sku, CASE WHEN received > 0 THEN 1 ELSE 0 END
) AS last
JOIN {lines} AS line ON line.sku = last.sku AND line.changed = last.changed AND {line_closed}
JOIN {orders} AS purchase ON purchase.purchase_order = line.purchase_order
"""
"""The lines by which items came last among those of which nothing is to come.

What closes a line is its last change. The database gives one or two lines an item, and reads no
span: for 9,200 items with 39,000 lines 0.05 s of processor instead of 0.23 (2026-12-01). It is
linear in all purchase lines ever, a microsecond each.
"""


class LastDelivery(NamedTuple):
    """The purchase line by which an item came last, or on which it was ordered last.

    ``until`` is the position at which nothing of it remained, if that is so.
    """

    vendor: str
    purchase_order: str
    line: int
    has_delivered: bool
    placed: int
    placed_day: int
    until: int | None

    @property
    def rank(self) -> tuple[bool, bool, int, str, int]:
        """Which of several is the last one: the greatest."""
        at = self.placed if self.until is None else self.until
        return self.has_delivered, self.until is None, at, self.purchase_order, self.line


def last_deliveries(moment: MomentView, skus: Sequence[str]) -> Mapping[str, LastDelivery]:
    """Return the last delivery of items; those that were never ordered are left out."""
    found: dict[str, LastDelivery] = {}
    for sku, each in _deliveries(moment, skus):
        before = found.get(sku)
        if before is None or each.rank > before.rank:
            found[sku] = each
    return found


def _deliveries(moment: MomentView, skus: Sequence[str]) -> Iterator[tuple[str, LastDelivery]]:
    if len(skus) < _MANY:
        yield from _ever_ordered(moment, skus)
        return
    wanted = frozenset(skus)
    yield from chain(_closed_last(moment, wanted), _open(moment, wanted))


def _ever_ordered(
    moment: MomentView, skus: Sequence[str]
) -> Iterator[tuple[str, LastDelivery]]:
    """Look up every purchase line of some items."""
    tables, cursor, _ = moment.live
    spans = tables.table(OPEN_SPAN).rows_of(
        cursor, "sku", skus, "kind = :kind AND since <= :position",
        kind=PURCHASE, position=moment.position,
    )
    return _of_spans(moment, list(spans))


def _open(
    moment: MomentView, wanted: Container[str]
) -> Iterator[tuple[str, LastDelivery]]:
    """Look up the purchase lines of which something was to come."""
    tables, cursor, _ = moment.live
    spans = open_at(tables, cursor, PURCHASE, moment.position)
    return _of_spans(moment, [span for span in spans if span["sku"] in wanted])


def _closed_last(
    moment: MomentView, wanted: Container[str]
) -> Iterator[tuple[str, LastDelivery]]:
    tables, cursor, _ = moment.live
    cursor.execute(
        _CLOSED_LAST.format(
            lines=tables.table(PURCHASE_LINE).name, orders=tables.table(PURCHASE_ORDER).name,
            closed=_CLOSED.format(line="closed"), line_closed=_CLOSED.format(line="line"),
        ),
        {"position": moment.position},
    )
    for sku, vendor, name, line, units, placed, placed_at, until in map(tuple, cursor.fetchall()):
        if sku in wanted:
            yield sku, LastDelivery(
                vendor, name, line, units > 0, placed, day_of(placed_at).toordinal(), until
            )


def _of_spans(
    moment: MomentView, spans: Sequence[Row]
) -> Iterator[tuple[str, LastDelivery]]:
    tables, cursor, _ = moment.live
    keys = {(span["reference"], span["line"]) for span in spans}
    orders = sorted({order for order, _ in keys})
    lines = {
        key: line
        for line in tables.table(PURCHASE_LINE).rows_of(cursor, "purchase_order", orders)
        if (key := (line["purchase_order"], line["line"])) in keys
    }
    received = _received_then(moment, lines.values())
    for span in spans:
        key, until = (span["reference"], span["line"]), span["until"]
        units = received[key] if key in received else lines[key]["received"]
        yield span["sku"], LastDelivery(
            span["party"], *key, units > 0, span["since"], span["placed_day"],
            None if until is None or until > moment.position else until,
        )


def _received_then(moment: MomentView, rows: Iterable[Row]) -> dict[tuple[str, int], int]:
    """Return what had come, by the moment, of the lines that have changed since."""
    if moment.past is None:
        return {}
    names = {row["purchase_order"] for row in rows if row["changed"] > moment.position}
    return {
        (name, number): line.received
        for name, order in moment.purchase_orders(sorted(names)).items()
        for number, line in order.lines.items()
    }


def days_taken(ledger: Ledger, last: Mapping[str, LastDelivery]) -> dict[str, int]:
    """Return how many days passed from the order to the receipt that completed it, by item.

    Of an order that is not completed yet, or whose rest was cancelled, nobody knows.
    """
    completed = {each.until for each in last.values() if each.until is not None}
    received = {
        recorded.position: day_of(recorded.occurred_at).toordinal()
        for recorded in events_at(ledger, list(completed))
        if isinstance(recorded.payload, PurchaseOrderReceived)
    }
    return {
        sku: max(received[each.until] - each.placed_day, 0)
        for sku, each in last.items() if each.until is not None and each.until in received
    }
