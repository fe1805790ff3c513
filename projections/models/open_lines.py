"""Read model of open order lines: one queue per item, with the open receipts pegged to each line.

The key begins with the item, so that its whole queue is read at once. A row is deleted when nothing
of its line remains. Rows do not depend on today, unless a receipt was overdue: ``pegged_on`` is the
day for which an item was pegged. A line is promised for its ``promise_date``, or for today if that
is later.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from stocktrail.ledger.allocation import pools_that_share
from stocktrail.ledger.pegging import (
    Blocked,
    OpenReceipt,
    Peg,
    QueuedLine,
    StockBefore,
    counted_on,
    is_overdue,
    pegs_of,
)
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.open_lines import LineKey, OpenLine, OpenLines, QueueKey
from stocktrail.ledger.store.tables import Table
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.models.queue_sources import QueueSources
from stocktrail.projections.models.version import versioned

OPEN_LINE = Table(
    versioned("open_line"),
    {
        "sku": "TEXT NOT NULL", "order_id": "TEXT NOT NULL", "line": "BIGINT NOT NULL",
        "customer": "TEXT NOT NULL", "pool": "TEXT NOT NULL", "ship_policy": "TEXT NOT NULL",
        "priority": "BIGINT NOT NULL", "requested_date": "TEXT NOT NULL",
        "placed": "BIGINT NOT NULL", "since": "BIGINT NOT NULL", "placed_day": "BIGINT NOT NULL",
        "remaining": "BIGINT NOT NULL",
        "allocated": "BIGINT NOT NULL", "uncovered": "BIGINT NOT NULL", "pegs": "TEXT NOT NULL",
        "ready_date": "TEXT", "promise_date": "TEXT", "slips": "BIGINT NOT NULL",
        "days_slipped": "BIGINT NOT NULL", "first_promise": "TEXT", "last_told": "TEXT",
        "lost": "BIGINT NOT NULL", "rests_on": "TEXT NOT NULL", "managed": "BIGINT NOT NULL",
    },
    ("sku", "order_id", "line"),
    ("customer, order_id, line", "order_id"),
)
PEGGED_ITEM = Table(
    versioned("pegged_item"),
    {"sku": "TEXT NOT NULL", "pegged_on": "TEXT NOT NULL", "first_expected": "TEXT"},
    ("sku",),
)


class Queue:
    """The open lines of one item in queue order, and the open receipts that they wait for.

    ``together`` are the keys of lines that ship with all others of their order. By pool,
    ``allocated`` counts the units that lines have and ``of_pool`` the lines; ``pegged`` counts the
    units of each purchase line that lines of a pool wait for. ``manage`` is the item's own setting
    for managing stock, if it has one.
    """

    __slots__ = (
        "allocated", "lines", "manage", "of_pool", "pegged", "pegged_on", "receipts",
        "sku", "sources", "together",
    )

    def __init__(self, sku: str) -> None:
        self.sku = sku
        self.lines: OpenLines[PromisedLine] = OpenLines()
        self.receipts: dict[LineKey, OpenReceipt] = {}
        self.together: set[LineKey] = set()
        self.pegged: dict[tuple[str, int, str], int] = {}
        self.pegged_on: date | None = None
        self.allocated: dict[str, int] = {}
        self.of_pool: dict[str, int] = {}
        self.sources = QueueSources()
        self.manage: str | None = None

    def open_line(self, key: LineKey) -> OpenLine:
        """Return the open line of a key, without what is promised of it."""
        return self.lines[key].open_line

    def put(self, line: PromisedLine) -> None:
        """Put a line in, in place of what it was before."""
        open_line = line.open_line
        key, pool = (open_line.order, open_line.line), open_line.pool
        before = self.lines.get(key)
        if before is not None:
            self._uncount(before)
        self.lines.put(line)
        self.of_pool[pool] = self.of_pool.get(pool, 0) + 1
        self.allocated[pool] = self.allocated.get(pool, 0) + open_line.allocated
        if line.ship_policy == "complete":
            self.together.add(key)
        for each in line.pegs:
            self._count(each, pool, each.quantity)

    def take_out(self, key: LineKey) -> None:
        """Take a line out, if it is there."""
        if key in self.lines:
            self.together.discard(key)
            self._uncount(self.lines.take_out(key))

    def _uncount(self, line: PromisedLine) -> None:
        pool = line.open_line.pool
        self.of_pool[pool] -= 1
        self.allocated[pool] -= line.open_line.allocated
        if not self.of_pool[pool]:
            del self.of_pool[pool], self.allocated[pool]
        for each in line.pegs:
            self._count(each, pool, -each.quantity)

    def _count(self, pegged: Peg, pool: str, quantity: int) -> None:
        key = (pegged.purchase_order, pegged.purchase_line, pool)
        units = self.pegged.get(key, 0) + quantity
        if units:
            self.pegged[key] = units
        else:
            del self.pegged[key]

    def replace(self, line: PromisedLine) -> None:
        """Replace a line by one with the same units, pegs and place in the queue."""
        self.lines[line.key] = line

    @property
    def first_expected(self) -> date | None:
        """The earliest date on which anything is expected; undated receipts have none."""
        expected = (each.expected_date for each in self.receipts.values())
        return min((day for day in expected if day is not None), default=None)

    def is_stale(self, today: date) -> bool:
        """Return whether it must be pegged again because the day has changed.

        Only the dates of overdue receipts depend on today.
        """
        if self.pegged_on == today or not self.receipts:
            return False
        first = self.first_expected
        return is_overdue(first, today) or (
            self.pegged_on is not None and is_overdue(first, self.pegged_on)
        )

    def is_managed(self, settings: Settings) -> bool:
        """Return whether stock of the item is managed, by the item's own setting or that of all."""
        return (self.manage or settings.everywhere.get("manage_stock", "on")) == "on"

    def shares_sources(self, settings: Settings) -> bool:
        """Return whether the lines are of pools that share a source.

        Then a receipt may free units for a pool that its source does not serve, which depends on
        the units at every source and the allocations of every pool.
        """
        return len(self.of_pool) > 1 and bool(pools_that_share(self.of_pool, settings.pools))

    def why_blocked(self, receipt: OpenReceipt, settings: Settings) -> Blocked | None:
        """Return why units of a receipt cannot be sold when they come, or ``None``."""
        return self.sources.why_blocked(receipt.source, settings)

    def peg_again(
        self, settings: Settings, today: date, start: QueueKey | None = None
    ) -> Iterator[PromisedLine]:
        """Peg open receipts to the waiting lines from a place on (all: ``None``).

        Yields each line whose pegs have changed, as it was before. Those before the place keep
        their pegs: nothing that changed can reach them.
        """
        if not self.receipts and not self.pegged:
            return
        lines = list(self.lines.waiting(start))
        if not lines:
            return
        whole = len(lines) == len(self.lines.queue_keys)
        pegged = pegs_of(
            [
                QueuedLine(
                    line.order, line.line, line.pool, line.allocated, line.waits_for,
                    line.requested_date,
                )
                for line in lines
            ],
            self._coming(settings), settings.pools, today, settings.overdue_offset_days,
            self._standing(settings, lines, whole=whole),
        )
        for line, pegs in zip(lines, pegged, strict=True):
            if pegs != line.pegs:
                self.put(line._replace(pegs=pegs))
                yield line

    def _coming(self, settings: Settings) -> list[OpenReceipt]:
        """Return the receipts that are not blocked."""
        coming = list(self.receipts.values())
        blocked = {
            source for source in {receipt.source for receipt in coming}
            if self.sources.why_blocked(source, settings)
        }
        if not blocked:
            return coming
        return [receipt for receipt in coming if receipt.source not in blocked]

    def _standing(
        self, settings: Settings, lines: Iterable[PromisedLine], *, whole: bool
    ) -> StockBefore:
        """Return what there is, and what lines that stand before these get of each receipt."""
        given: dict[LineKey, dict[str, int]] = {}
        if not whole:
            taken = dict(self.pegged)
            for line in lines:
                for each in line.pegs:
                    taken[each.purchase_order, each.purchase_line, line.pool] -= each.quantity
            for (order, number, pool), quantity in taken.items():
                if quantity:
                    given.setdefault((order, number), {})[pool] = quantity
        if len(self.of_pool) < 2:
            return StockBefore(given=given)
        return StockBefore(self.sources.sellable(settings), self.allocated, given)

    def copy(self) -> "Queue":
        """Return a copy, on which changes can be tried."""
        copy = Queue(self.sku)
        copy.lines = self.lines.copy()
        copy.together = set(self.together)
        copy.receipts, copy.pegged = dict(self.receipts), dict(self.pegged)
        copy.pegged_on = self.pegged_on
        copy.allocated, copy.of_pool = dict(self.allocated), dict(self.of_pool)
        copy.sources, copy.manage = self.sources.copy(), self.manage
        return copy

    def as_of_day(self, settings: Settings, today: date) -> "Queue":
        """Return the queue as pegged for a day: itself, or a copy that is pegged again."""
        if not self.is_stale(today):
            return self
        copy = self.copy()
        for _ in copy.peg_again(settings, today):
            pass
        copy.pegged_on = today
        return copy

    def counted_on(self, receipt: OpenReceipt, settings: Settings, today: date) -> date | None:
        """Return the day on which a receipt is expected to come; ``None`` if it is undated."""
        if receipt.expected_date is None:
            return None
        return counted_on(receipt.expected_date, today, settings.overdue_offset_days)
