"""Read model of open order lines: one queue per item, with the open receipts pegged to each line.

The rows of one item stand together, so that its whole queue is found at once. A row is gone when
nothing of its line remains. What is kept does not depend on today, except where a receipt was
overdue: ``pegged_on`` says under which today an item was pegged. The date a line is promised is its
``promise_date``, or today where that is later (what is ready ships no earlier than today).
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from stocktrail.ledger.allocation import pools_that_share
from stocktrail.ledger.pegging import (
    Blocked,
    OpenReceipt,
    Peg,
    QueuedLine,
    Standing,
    counted_on,
    is_overdue,
    latest,
    pegs_of,
)
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.store.tables import Table
from stocktrail.projections.models.overdue import OverdueReceipt, RestsOn, all_of
from stocktrail.projections.models.queue_sources import QueueSources
from stocktrail.projections.models.tellings import NEVER_TOLD, Told

OPEN_LINE = Table(
    "open_line_v3",
    {
        "sku": "TEXT NOT NULL", "order_id": "TEXT NOT NULL", "line": "BIGINT NOT NULL",
        "customer": "TEXT NOT NULL", "pool": "TEXT NOT NULL", "ship_policy": "TEXT NOT NULL",
        "priority": "BIGINT NOT NULL", "requested_date": "TEXT NOT NULL",
        "placed": "BIGINT NOT NULL", "placed_day": "BIGINT NOT NULL",
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
    "pegged_item_v2",
    {"sku": "TEXT NOT NULL", "pegged_on": "TEXT NOT NULL", "first_expected": "TEXT"},
    ("sku",),
)

LineKey = tuple[str, int]
"""An order and the number of its line."""

QueuePlace = tuple[int, date, int, int, str]
"""Priority, requested date, when placed, line and order: the lowest is served first."""


class OpenLine(NamedTuple):
    """An open order line: quantities in ten-thousandths, ``placed`` as a position.

    ``promise_date`` is the date of its last part, or of its whole order where that ships complete,
    and ``None`` while a part is uncovered; it ``rests_on`` overdue receipts, if on any. ``told`` is
    what its customer was told of it so far. While its item is not ``managed`` it waits for nothing.
    """

    sku: str
    order_id: str
    line: int
    customer: str
    pool: str
    ship_policy: str
    priority: int
    requested_date: date
    placed: int
    placed_on: date
    remaining: int
    allocated: int
    pegs: tuple[Peg, ...] = ()
    promise_date: date | None = None
    slips: int = 0
    days_slipped: int = 0
    told: Told = NEVER_TOLD
    rests_on: RestsOn = ()
    managed: bool = True

    @property
    def key(self) -> LineKey:
        """The order and the number of the line."""
        return (self.order_id, self.line)

    @property
    def place(self) -> QueuePlace:
        """Where the line stands in its item's queue."""
        return (self.priority, self.requested_date, self.placed, self.line, self.order_id)

    @property
    def backordered(self) -> int:
        """Units that are not allocated."""
        return self.remaining - self.allocated

    @property
    def waits_for(self) -> int:
        """Units that the line waits for: none while stock of its item is not managed."""
        return self.remaining - self.allocated if self.managed else 0

    @property
    def uncovered(self) -> int:
        """Units that no open receipt covers."""
        waiting = self.remaining - self.allocated if self.managed else 0
        return waiting - sum([each.quantity for each in self.pegs]) if self.pegs else waiting

    @property
    def ready_date(self) -> date | None:
        """When the last pegged part can be picked; ``None`` if a part is uncovered, or none is."""
        return None if self.uncovered else latest(each.ready for each in self.pegs)

    @property
    def own_date(self) -> date | None:
        """What the line would be promised if it shipped without the rest of its order."""
        if (self.remaining == self.allocated or not self.managed) and not self.pegs:
            return self.requested_date
        if self.uncovered:
            return None
        return max([self.requested_date, *(each.ready for each in self.pegs)])

    @property
    def own_rests_on(self) -> RestsOn:
        """The overdue receipts that its own parts wait for."""
        return all_of([
            (OverdueReceipt(each.purchase_order, each.purchase_line, each.overdue_since),)
            for each in self.pegs if each.overdue_since is not None
        ]) if self.pegs else ()

    @property
    def uncertain(self) -> bool:
        """Whether its promise rests on an overdue receipt, and is no date to tell a customer."""
        return bool(self.rests_on)

    @property
    def is_promised_alone(self) -> bool:
        """Whether it waits for nothing, and is promised for the day it was asked for."""
        return self.remaining == self.allocated and self.promise_date == self.requested_date

    @property
    def ships_complete(self) -> bool:
        """Whether all lines of the order ship together."""
        return self.ship_policy == "complete"


class Queue:
    """The open lines of one item in queue order, and the open receipts that they wait for.

    ``together`` names the lines that ship with all others of their order; ``allocated`` counts what
    the lines of each pool have, ``of_pool`` how many there are, and ``pegged`` the units of each
    purchase line that lines of a pool wait for. ``manage`` is whether stock of the item is managed,
    where it says so itself.
    """

    __slots__ = (
        "allocated", "lines", "manage", "of_pool", "pegged", "pegged_on", "places", "receipts",
        "sku", "sources", "together",
    )

    def __init__(self, sku: str) -> None:
        self.sku = sku
        self.lines: dict[LineKey, OpenLine] = {}
        self.places: list[QueuePlace] = []
        self.receipts: dict[LineKey, OpenReceipt] = {}
        self.together: set[LineKey] = set()
        self.pegged: dict[tuple[str, int, str], int] = {}
        self.pegged_on: date | None = None
        self.allocated: dict[str, int] = {}
        self.of_pool: dict[str, int] = {}
        self.sources = QueueSources()
        self.manage: str | None = None

    def put(self, line: OpenLine) -> None:
        """Put a line in, in place of what it was before."""
        key = (line.order_id, line.line)
        if key in self.lines:
            self.take_out(key)
        self.lines[key] = line
        pool = line.pool
        self.of_pool[pool] = self.of_pool.get(pool, 0) + 1
        self.allocated[pool] = self.allocated.get(pool, 0) + line.allocated
        if line.ship_policy == "complete":
            self.together.add(key)
        if line.remaining != line.allocated:
            insort(self.places, line.place)
        for each in line.pegs:
            self._count(each, pool, each.quantity)

    def take_out(self, key: LineKey) -> None:
        """Take a line out, if it is there."""
        line = self.lines.pop(key, None)
        if line is None:
            return
        self.together.discard(key)
        pool = line.pool
        self.of_pool[pool] -= 1
        self.allocated[pool] -= line.allocated
        if not self.of_pool[pool]:
            del self.of_pool[pool], self.allocated[pool]
        if line.remaining != line.allocated:
            del self.places[bisect_left(self.places, line.place)]
        for each in line.pegs:
            self._count(each, pool, -each.quantity)

    def _count(self, pegged: Peg, pool: str, quantity: int) -> None:
        key = (pegged.purchase_order, pegged.purchase_line, pool)
        units = self.pegged.get(key, 0) + quantity
        if units:
            self.pegged[key] = units
        else:
            del self.pegged[key]

    def replace(self, line: OpenLine) -> None:
        """Replace a line by one that differs in nothing that pegging looks at."""
        self.lines[line.key] = line

    @property
    def first_expected(self) -> date | None:
        """The earliest date on which anything is expected; undated receipts have none."""
        expected = (each.expected_date for each in self.receipts.values())
        return min((day for day in expected if day is not None), default=None)

    def is_stale(self, today: date) -> bool:
        """Return whether it must be pegged again because it is another day.

        Only dates of overdue receipts move with today; all others stay what they are.
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
        """Return whether lines of pools that share a source want the item.

        Then a receipt may free units for a pool that it does not reach, and what it frees depends
        on what lies where and on what every pool has.
        """
        return len(self.of_pool) > 1 and bool(pools_that_share(self.of_pool, settings.pools))

    def why_blocked(self, receipt: OpenReceipt, settings: Settings) -> Blocked | None:
        """Return why a receipt will help nobody, if it will not."""
        return self.sources.why_blocked(receipt.source, settings)

    def peg_again(
        self, settings: Settings, today: date, start: QueuePlace | None = None
    ) -> Iterator[OpenLine]:
        """Peg open receipts to the waiting lines from a place on (all: ``None``).

        Gives each line whose pegs have changed, as it was before. Those before the place keep
        their pegs: nothing that changed can reach them.
        """
        if not self.receipts and not self.pegged:
            return
        at = 0 if start is None else bisect_left(self.places, start)
        lines = [self.lines[order, number] for *_, number, order in self.places[at:]]
        if not lines:
            return
        pegged = pegs_of(
            [
                QueuedLine(
                    line.order_id, line.line, line.pool, line.allocated, line.waits_for,
                    line.requested_date,
                )
                for line in lines
            ],
            self._coming(settings), settings.pools, today, settings.overdue_offset_days,
            self._standing(settings, lines, whole=not at),
        )
        for line, pegs in zip(lines, pegged, strict=True):
            if pegs != line.pegs:
                self.put(line._replace(pegs=pegs))
                yield line

    def _coming(self, settings: Settings) -> list[OpenReceipt]:
        """Return the receipts that will help somebody."""
        coming = list(self.receipts.values())
        blocked = {
            source for source in {receipt.source for receipt in coming}
            if self.sources.why_blocked(source, settings)
        }
        if not blocked:
            return coming
        return [receipt for receipt in coming if receipt.source not in blocked]

    def _standing(
        self, settings: Settings, lines: Iterable[OpenLine], *, whole: bool
    ) -> Standing:
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
            return Standing(given=given)
        return Standing(self.sources.sellable(settings), self.allocated, given)

    def copy(self) -> "Queue":
        """Copy the queue, to try what would be."""
        copy = Queue(self.sku)
        copy.lines, copy.places = dict(self.lines), list(self.places)
        copy.together = set(self.together)
        copy.receipts, copy.pegged = dict(self.receipts), dict(self.pegged)
        copy.pegged_on = self.pegged_on
        copy.allocated, copy.of_pool = dict(self.allocated), dict(self.of_pool)
        copy.sources, copy.manage = self.sources.copy(), self.manage
        return copy

    def as_of_day(self, settings: Settings, today: date) -> "Queue":
        """Return the queue as it is pegged under a today, pegged again where it must be."""
        if not self.is_stale(today):
            return self
        copy = self.copy()
        for _ in copy.peg_again(settings, today):
            pass
        copy.pegged_on = today
        return copy

    def counted_on(self, receipt: OpenReceipt, settings: Settings, today: date) -> date | None:
        """Return the day on which a receipt is counted on; an undated one is on none."""
        if receipt.expected_date is None:
            return None
        return counted_on(receipt.expected_date, today, settings.overdue_offset_days)
