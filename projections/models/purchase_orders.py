"""Read model of purchase orders: what vendors owe, until when, and how often they put it off.

Lines of which units are still to come have a table of their own, whose key begins with the item,
so that the open receipts of one item are read at once. A slip is a move of the expected date to a
later one, by a confirmation or by a delay. A line without an expected date is undated; the first
date that becomes known is the original one, and no slip.

By what was ordered first, when units came last, and the position of the last change, whoever asks
how late a vendor was reads the lines as they are, and as of an earlier position folds only the
purchase orders that changed since (:mod:`stocktrail.projections.answers.deliveries`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.instant import day_of
from stocktrail.ledger.pegging import OpenReceipt
from stocktrail.ledger.purchase_orders.events import (
    PurchaseOrderCancelled,
    PurchaseOrderConfirmed,
    PurchaseOrderDelayed,
    PurchaseOrderPlaced,
    PurchaseOrderReceived,
)
from stocktrail.ledger.store.tables import Cursor, ReadModel, Row, Table, TableSet, Values
from stocktrail.ledger.wording import because
from stocktrail.projections.dates import iso, read_day
from stocktrail.projections.models.open_spans import PURCHASE, OpenSpans, span_row
from stocktrail.projections.models.recently_used import RecentlyUsed
from stocktrail.projections.models.version import versioned

PURCHASE_ORDER = Table(
    versioned("purchase_order"),
    {
        "purchase_order": "TEXT NOT NULL", "version": "BIGINT NOT NULL", "vendor": "TEXT NOT NULL",
        "source": "TEXT NOT NULL", "confirmed": "BIGINT NOT NULL", "placed_at": "BIGINT NOT NULL",
        "position": "BIGINT NOT NULL",
    },
    ("purchase_order",),
    ("vendor, position",),
)
PURCHASE_LINE = Table(
    versioned("purchase_line"),
    {
        "purchase_order": "TEXT NOT NULL", "line": "BIGINT NOT NULL", "sku": "TEXT NOT NULL",
        "ordered": "BIGINT NOT NULL", "received": "BIGINT NOT NULL", "cancelled": "BIGINT NOT NULL",
        "original_expected_date": "TEXT", "expected_date": "TEXT", "slips": "BIGINT NOT NULL",
        "first_ordered": "BIGINT NOT NULL", "last_received_at": "BIGINT",
        "changed": "BIGINT NOT NULL",
    },
    ("purchase_order", "line"),
)
OPEN_RECEIPT = Table(
    versioned("open_receipt"),
    {
        "sku": "TEXT NOT NULL", "purchase_order": "TEXT NOT NULL", "line": "BIGINT NOT NULL",
        "vendor": "TEXT NOT NULL", "destination": "TEXT NOT NULL", "ordered": "BIGINT NOT NULL",
        "received": "BIGINT NOT NULL", "cancelled": "BIGINT NOT NULL",
        "remaining": "BIGINT NOT NULL", "original_expected_date": "TEXT",
        "original_day": "BIGINT", "expected_date": "TEXT", "expected_day": "BIGINT",
        "slips": "BIGINT NOT NULL",
        "confirmed": "BIGINT NOT NULL", "placed": "BIGINT NOT NULL", "placed_on": "TEXT NOT NULL",
    },
    ("sku", "purchase_order", "line"),
    ("vendor, purchase_order, line",),
)
MODEL = ReadModel("purchase_orders", (PURCHASE_ORDER, PURCHASE_LINE, OPEN_RECEIPT))

MOST_RESIDENT_PURCHASE_ORDERS = 5_000
"""How many purchase orders stay in memory between batches."""


@dataclass(slots=True)
class PurchaseLineView:
    """One line: quantities in ten-thousandths.

    ``first_ordered`` are the units that it was placed with, ``last_received_at`` is the instant at
    which the last came of those that were to come, ``changed`` the position of its last change.
    """

    line: int
    sku: str
    ordered: int
    original_expected_date: date | None
    expected_date: date | None
    received: int = 0
    cancelled: int = 0
    slips: int = 0
    first_ordered: int = 0
    last_received_at: int | None = None
    changed: int = 0

    @property
    def remaining(self) -> int:
        """Units that are still to come."""
        return max(self.ordered - self.received - self.cancelled, 0)

    @property
    def over_received(self) -> int:
        """Units that came beyond what is ordered by now, less what was cancelled of it."""
        return max(self.received + self.cancelled - self.ordered, 0)

    def expect(self, day: date | None) -> str | None:
        """Set another expected date, and return in a few words how it moved, if it did.

        A later one is a slip. The first one of an undated line is the original one.
        """
        before, self.expected_date = self.expected_date, day
        if day is None or day == before:
            return None
        if before is None:
            self.original_expected_date = day
            return f"given the expected date {day}"
        if day > before:
            self.slips += 1
            return f"delayed from {before} to {day}"
        return f"brought forward from {before} to {day}"


@dataclass(slots=True)
class PurchaseOrderView:
    """A purchase order with its lines by number; ``placed_at`` is an instant."""

    purchase_order: str
    version: int
    vendor: str
    source: str
    confirmed: bool
    placed_at: int
    position: int
    lines: dict[int, PurchaseLineView] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """Open while units are to come; then received if any did, else cancelled."""
        lines = self.lines.values()
        if any(line.remaining for line in lines):
            return "open"
        return "received" if any(line.received for line in lines) else "cancelled"

    def receipt(self, number: int) -> OpenReceipt:
        """Return what is still to come of a line, as pegging sees it."""
        line = self.lines[number]
        return OpenReceipt(
            self.purchase_order, number, self.source, line.remaining, line.expected_date,
            self.position,
        )


class Moved(NamedTuple):
    """A purchase line that an event changed, and what happened to it, in a few words."""

    sku: str
    receipt: OpenReceipt
    what: str


def placed_purchase_order(recorded: RecordedEvent) -> PurchaseOrderView:
    """Return the view of a purchase order from the event that began it."""
    event = recorded.payload
    assert isinstance(event, PurchaseOrderPlaced)
    return PurchaseOrderView(
        event.purchase_order, 1, event.vendor, event.source, False, recorded.occurred_at,
        recorded.position,
        {
            line.line: PurchaseLineView(
                line.line, line.sku, line.quantity, line.expected_date, line.expected_date,
                first_ordered=line.quantity, changed=recorded.position,
            )
            for line in event.lines
        },
    )


def _terms_changed(
    order: PurchaseOrderView, event: PurchaseOrderConfirmed | PurchaseOrderDelayed
) -> Iterator[tuple[int, str]]:
    confirmed = isinstance(event, PurchaseOrderConfirmed)
    order.confirmed = order.confirmed or confirmed
    for part in event.lines:
        line = order.lines[part.line]
        fewer = part.quantity < line.ordered
        line.ordered = part.quantity
        what = line.expect(part.expected_date) or (
            "confirmed with fewer units" if fewer else "confirmed with more units"
        )
        yield part.line, what + because(event.reason)


def _received(
    order: PurchaseOrderView, event: PurchaseOrderReceived
) -> Iterator[tuple[int, str]]:
    for part in event.lines:
        line = order.lines[part.line]
        line.received += part.quantity
        yield part.line, f"received with receipt {event.receipt}"


def _note_arrival(
    order: PurchaseOrderView, event: PurchaseOrderReceived, occurred_at: int
) -> None:
    """Note when units came that were still to come; those beyond what was ordered are neither."""
    for part in event.lines:
        if part.quantity > part.over:
            line = order.lines[part.line]
            line.last_received_at = max(line.last_received_at or occurred_at, occurred_at)


def _cancelled(
    order: PurchaseOrderView, event: PurchaseOrderCancelled
) -> Iterator[tuple[int, str]]:
    for part in event.lines:
        line = order.lines[part.line]
        line.cancelled += part.quantity
        what = "cancelled in part" if line.remaining else "cancelled"
        yield part.line, what + because(event.reason)


_APPLIERS: Mapping[
    type[Event], Callable[[PurchaseOrderView, Any], Iterator[tuple[int, str]]]
] = {
    PurchaseOrderConfirmed: _terms_changed,
    PurchaseOrderDelayed: _terms_changed,
    PurchaseOrderReceived: _received,
    PurchaseOrderCancelled: _cancelled,
}


def load_purchase_orders(
    tables: TableSet, cursor: Cursor, purchase_orders: Sequence[str]
) -> dict[str, PurchaseOrderView]:
    """Read purchase orders with their lines; those that do not exist are left out."""
    found = {}
    for row in tables.table(PURCHASE_ORDER).rows_of(cursor, "purchase_order", purchase_orders):
        values = dict(row)
        values["confirmed"] = bool(values["confirmed"])
        found[row["purchase_order"]] = PurchaseOrderView(**values)
    for row in tables.table(PURCHASE_LINE).rows_of(cursor, "purchase_order", list(found)):
        values = dict(row)
        order = found[values.pop("purchase_order")]
        for name in ("original_expected_date", "expected_date"):
            values[name] = read_day(values[name])
        order.lines[values["line"]] = PurchaseLineView(**values)
    for order in found.values():
        order.lines = dict(sorted(order.lines.items()))
    return found


class PurchaseOrders:
    """Folds the events of purchase orders, keeps the latest in memory, and writes their rows."""

    def __init__(self, spans: OpenSpans | None = None) -> None:
        self._spans = spans or OpenSpans()
        self._orders: RecentlyUsed[PurchaseOrderView] = RecentlyUsed()
        self._headers: dict[str, PurchaseOrderView] = {}
        self._lines: dict[tuple[str, int], PurchaseOrderView] = {}

    def begin(self) -> None:
        """Begin with empty tables."""
        self._orders.is_whole = True

    def missing(self, purchase_orders: Iterable[str]) -> list[str]:
        """Return the purchase orders that have to be read, and keep the others in memory."""
        absent = self._orders.missing(purchase_orders)
        return [] if self._orders.is_whole else absent

    def keep(self, order: PurchaseOrderView) -> None:
        """Keep a purchase order in memory."""
        self._orders[order.purchase_order] = order

    def order(self, purchase_order: str) -> PurchaseOrderView:
        """Return a purchase order that is in memory."""
        return self._orders[purchase_order]

    def apply(self, recorded: RecordedEvent) -> list[Moved]:
        """Fold one event, and return the lines that it changed."""
        event: Any = recorded.payload
        if isinstance(event, PurchaseOrderPlaced):
            order = placed_purchase_order(recorded)
            self.keep(order)
            changed = [(line, "placed") for line in order.lines]
        else:
            order = self._orders[event.purchase_order]
            order.version += 1
            changed = list(_APPLIERS[type(event)](order, event))
            for number, _ in changed:
                order.lines[number].changed = recorded.position
            if isinstance(event, PurchaseOrderReceived):
                _note_arrival(order, event, recorded.occurred_at)
        self._headers[order.purchase_order] = order
        if isinstance(event, PurchaseOrderConfirmed):       # shows on every open line
            self._lines |= {(order.purchase_order, line): order for line in order.lines}
        self._lines |= {(order.purchase_order, line): order for line, _ in changed}
        for line, _ in changed:
            self._spans.record(_span_of(order, order.lines[line], recorded.position))
        return [
            Moved(order.lines[line].sku, order.receipt(line), what) for line, what in changed
        ]

    def save(self, tables: TableSet, cursor: Cursor) -> None:
        """Write what was touched since the last time, and drop the least recently used ones."""
        tables.table(PURCHASE_ORDER).put(cursor, map(_header_row, self._headers.values()))
        touched = [(order, order.lines[line]) for (_, line), order in self._lines.items()]
        tables.table(PURCHASE_LINE).put(cursor, (_line_row(*each) for each in touched))
        open_receipts = tables.table(OPEN_RECEIPT)
        open_receipts.take_out(cursor, (
            _receipt_key(order, line) for order, line in touched if not line.remaining
        ))
        open_receipts.put(cursor, (
            receipt_row(order, line) for order, line in touched if line.remaining
        ))
        self._headers.clear()
        self._lines.clear()
        while len(self._orders) > MOST_RESIDENT_PURCHASE_ORDERS:
            self._orders.drop_first()


def _header_row(order: PurchaseOrderView) -> Values:
    return (
        order.purchase_order, order.version, order.vendor, order.source, int(order.confirmed),
        order.placed_at, order.position,
    )


def _line_row(order: PurchaseOrderView, line: PurchaseLineView) -> Values:
    return (
        order.purchase_order, line.line, line.sku, line.ordered, line.received, line.cancelled,
        iso(line.original_expected_date), iso(line.expected_date), line.slips, line.first_ordered,
        line.last_received_at, line.changed,
    )


def _span_of(order: PurchaseOrderView, line: PurchaseLineView, position: int) -> Values:
    """Write from when to when a line was open; one that is opened again was open all the time."""
    return span_row(
        PURCHASE, order.purchase_order, line.line, line.sku, order.vendor, "",
        day_of(order.placed_at).toordinal(), order.position, None if line.remaining else position,
    )


def _receipt_key(order: PurchaseOrderView, line: PurchaseLineView) -> Values:
    return (line.sku, order.purchase_order, line.line)


def receipt_row(order: PurchaseOrderView, line: PurchaseLineView) -> Values:
    """Write a line of which units are still to come as its row of open receipts."""
    original, expected = line.original_expected_date, line.expected_date
    return (
        *_receipt_key(order, line), order.vendor, order.source, line.ordered, line.received,
        line.cancelled, line.remaining, iso(original), original and original.toordinal(),
        iso(expected), expected and expected.toordinal(), line.slips, int(order.confirmed),
        order.position, day_of(order.placed_at).isoformat(),
    )


def open_receipt(row: Row) -> OpenReceipt:
    """Read a row of open receipts as pegging sees it."""
    return OpenReceipt(
        row["purchase_order"], row["line"], row["destination"], row["remaining"],
        read_day(row["expected_date"]), row["placed"],
    )
