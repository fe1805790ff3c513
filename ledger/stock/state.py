"""Product stock: one item, its units at every source, and the queue of the lines that want them.

One aggregate per SKU. It decides what an order line is allocated and what it must wait for, hands
freed units to the queue, and takes allocations back when supply shrinks. The events stand in
:mod:`stocktrail.ledger.stock.events`, the rules in :mod:`stocktrail.ledger.salability` and
:mod:`stocktrail.ledger.allocation`.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, ClassVar, NamedTuple, Self

from stocktrail.ledger.allocation import Waiting, free_quantity
from stocktrail.ledger.base.aggregate import Aggregate
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.configuration import (
    SETTING_EVENTS,
    Level,
    Policy,
    SettingChanged,
    change_level,
    resolve,
    resolve_policy,
)
from stocktrail.ledger.salability import Figures, Verdict, judge
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.events import (
    MOVING,
    AllocationMoved,
    AllocationRevoked,
    BackorderAllocated,
    BackorderPrioritised,
    BackorderRescheduled,
    BackordersReallocated,
    ProductRegistered,
    ReservationReleased,
    SourceItemCreated,
    StockCounted,
    StockMovement,
    StockReserved,
    StockShipped,
    StockStatusChanged,
    UnmanagedUnitsShipped,
)
from stocktrail.ledger.stock.timeline import NEVER, Timeline


class OpenLine(NamedTuple):
    """An order line that still wants units, with its place in the queue.

    ``placed`` is the stream version of its reservation: it grows with the position in the log.
    """

    order: str
    line: int
    pool: str
    remaining: int
    allocated: int
    priority: int
    requested_date: date
    placed: int

    @property
    def backordered(self) -> int:
        """Units that the line waits for."""
        return self.remaining - self.allocated

    @property
    def place(self) -> tuple[int, date, int, int, str]:
        """The line's place in the queue: priority, requested date, when placed, line."""
        return (self.priority, self.requested_date, self.placed, self.line, self.order)


class ProductStock(Aggregate):
    """An item with its source items, its open lines and its own levels of every setting."""

    __slots__ = (
        "allocated", "attributes", "decimal", "demand", "in_pool", "in_source", "lines", "name",
        "on_hand", "out_of_stock", "policies", "product", "queue", "timelines", "unit",
    )

    category = "stock"
    may_lack = frozenset(("timelines",))

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.name: str | None = None
        self.decimal = False
        self.unit: str | None = None
        self.attributes: dict[str, Any] = {}
        self.on_hand: dict[str, int] = {}
        self.out_of_stock: set[str] = set()
        self.lines: dict[tuple[str, int], OpenLine] = {}
        self.queue: list[tuple[int, date, int, int, str]] = []
        self.allocated: dict[str, int] = {}
        self.demand: dict[str, int] = {}
        self.timelines: dict[str, Timeline] = {}
        self.product: Level = {}
        self.in_pool: dict[str, Level] = {}
        self.in_source: dict[str, Level] = {}
        self.policies: dict[str, tuple[Settings, int, Policy]] = {}

    # ------------------------------------------------------------------ state

    def _registered(self, event: ProductRegistered) -> None:
        self.name, self.decimal = event.name, event.decimal
        self.unit, self.attributes = event.unit, event.attributes

    def apply(self, event: Event, occurred_at: int | None = None) -> None:
        """Bring the item up to date with one more event.

        Where it is not said when the event occurred, what moved is not kept in order of time.
        """
        self.version += 1
        kind = type(event)
        self.appliers[kind](self, event)
        if kind in MOVING and occurred_at is not None:
            count = self.version if kind is StockCounted else 0
            for source, delta in event.gains:      # type: ignore[attr-defined]
                timeline = self.timelines.get(source)
                if timeline is None:
                    timeline = self.timelines[source] = Timeline()
                timeline.add(occurred_at, delta, count)

    def _source_item_created(self, event: SourceItemCreated) -> None:
        self.on_hand.setdefault(event.source, 0)

    def _moved(self, event: StockMovement) -> None:
        for source, delta in event.gains:
            self.on_hand[source] = self.on_hand.get(source, 0) + delta

    def _status_changed(self, event: StockStatusChanged) -> None:
        if event.status == "in_stock":
            self.out_of_stock.discard(event.source)
        else:
            self.out_of_stock.add(event.source)

    def _reserved(self, event: StockReserved) -> None:
        pool = event.pool
        line = OpenLine(
            event.order, event.line, pool, event.quantity, event.allocated, event.priority,
            event.requested_date, self.version,
        )
        self.demand[pool] = self.demand.get(pool, 0) + event.quantity
        self.allocated[pool] = self.allocated.get(pool, 0) + event.allocated
        self.lines[event.order, event.line] = line
        if event.backordered:
            insort(self.queue, line.place)

    def _allocated(self, event: BackorderAllocated | AllocationRevoked) -> None:
        line = self.lines[event.order, event.line]
        self._put(line._replace(allocated=line.allocated + event.change))

    def _allocation_moved(self, event: AllocationMoved) -> None:
        giver = self.lines[event.from_order, event.from_line]
        self._put(giver._replace(allocated=giver.allocated - event.quantity))
        taker = self.lines[event.to_order, event.to_line]
        self._put(taker._replace(allocated=taker.allocated + event.quantity))

    def _reallocated(self, event: BackordersReallocated) -> None:
        for part in event.lines:
            line = self.lines[part.order, part.line]
            self._put(line._replace(allocated=part.after))

    def _released(self, event: ReservationReleased | UnmanagedUnitsShipped) -> None:
        line = self.lines[event.order, event.line]
        self._put(line._replace(
            remaining=line.remaining - event.quantity,
            allocated=line.allocated - event.allocated,
        ))

    def _shipped(self, event: StockShipped) -> None:
        line = self.lines[event.order, event.line]
        self._put(line._replace(
            remaining=line.remaining - event.quantity,
            allocated=line.allocated - event.quantity,
        ))
        self._moved(event)

    def _rescheduled(self, event: BackorderRescheduled) -> None:
        line = self.lines[event.order, event.line]
        self._put(line._replace(requested_date=event.requested_date))

    def _prioritised(self, event: BackorderPrioritised) -> None:
        line = self.lines[event.order, event.line]
        self._put(line._replace(priority=event.priority))

    def _setting_changed(self, event: SettingChanged) -> None:
        self.policies.clear()
        if event.pool is not None:
            change_level(self.in_pool.setdefault(event.pool, {}), event)
        elif event.source is not None:
            change_level(self.in_source.setdefault(event.source, {}), event)
        else:
            change_level(self.product, event)

    appliers: ClassVar[Mapping[type[Event], Any]] = {
        ProductRegistered: _registered,
        SourceItemCreated: _source_item_created,
        **dict.fromkeys(MOVING, _moved),
        StockStatusChanged: _status_changed,
        StockReserved: _reserved,
        BackorderAllocated: _allocated,
        AllocationRevoked: _allocated,
        AllocationMoved: _allocation_moved,
        ReservationReleased: _released,
        UnmanagedUnitsShipped: _released,
        BackordersReallocated: _reallocated,
        StockShipped: _shipped,
        BackorderRescheduled: _rescheduled,
        BackorderPrioritised: _prioritised,
        **dict.fromkeys(SETTING_EVENTS, _setting_changed),
    }

    def _put(self, line: OpenLine) -> None:
        """Replace an open line, and keep the pool's sums and the queue in step with it."""
        key = (line.order, line.line)
        before = self.lines[key]
        if before.backordered:
            del self.queue[bisect_left(self.queue, before.place)]
        self.demand[line.pool] += line.remaining - before.remaining
        self.allocated[line.pool] += line.allocated - before.allocated
        if line.remaining:
            self.lines[key] = line
            if line.backordered:
                insort(self.queue, line.place)
        else:
            del self.lines[key]

    def level(self, pool: str | None, source: str | None) -> Level:
        """Return the item's own level of settings: in a pool, at a source, or everywhere."""
        if pool is not None:
            return self.in_pool.get(pool, {})
        if source is not None:
            return self.in_source.get(source, {})
        return self.product

    @property
    def weight(self) -> int:
        """How many source items and open lines the item has."""
        return len(self.on_hand) + len(self.lines)

    def to_state(self) -> dict[str, Any]:
        """Return the item, its source items, open lines and levels as JSON values.

        What moved when is left out until it is known: an earlier version did not keep it.
        """
        timelines = {source: each.to_state() for source, each in self.timelines.items()}
        kept = {"timelines": timelines} if self.knows_what_moved else {}
        return kept | {
            "name": self.name, "decimal": self.decimal, "unit": self.unit,
            "attributes": self.attributes, "on_hand": self.on_hand,
            "out_of_stock": sorted(self.out_of_stock), "allocated": self.allocated,
            "demand": self.demand, "product": self.product, "in_pool": self.in_pool,
            "in_source": self.in_source,
            "lines": [
                [*line[:6], line.requested_date.isoformat(), line.placed]
                for line in self.lines.values()
            ],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take over the item, its source items, open lines and levels."""
        for name, value in state.items():
            setattr(self, name, value)
        self.out_of_stock = set(state["out_of_stock"])
        lines = [
            OpenLine._make([*line[:6], date.fromisoformat(line[6]), line[7]])
            for line in state["lines"]
        ]
        self.lines = {(line.order, line.line): line for line in lines}
        self.queue = sorted(line.place for line in lines if line.backordered)
        kept = state.get("timelines", dict.fromkeys(self.on_hand, (NEVER,)))
        self.timelines = {source: Timeline.of_state(parts) for source, parts in kept.items()}

    def clone(self) -> Self:
        """Copy the item with all that is kept of it."""
        copy = self.blank_copy()
        copy.name, copy.decimal, copy.unit = self.name, self.decimal, self.unit
        copy.attributes, copy.on_hand = self.attributes, dict(self.on_hand)
        copy.out_of_stock, copy.lines = set(self.out_of_stock), dict(self.lines)
        copy.queue, copy.allocated = list(self.queue), dict(self.allocated)
        copy.demand, copy.product = dict(self.demand), dict(self.product)
        copy.timelines = {source: each.copy() for source, each in self.timelines.items()}
        copy.in_pool = {pool: dict(level) for pool, level in self.in_pool.items()}
        copy.in_source = {source: dict(level) for source, level in self.in_source.items()}
        return copy

    # -------------------------------------------------------------- questions

    @property
    def exists(self) -> bool:
        """Whether the item was ever registered."""
        return self.version > 0

    @property
    def knows_what_moved(self) -> bool:
        """Whether it keeps the last movements of its sources: not from an earlier snapshot."""
        return all(timeline.is_known for timeline in self.timelines.values())

    def remember(self, whole: Mapping[str, Timeline]) -> None:
        """Keep the last of all that moved at its sources, as if it had seen it happen."""
        self.timelines = {source: timeline.tail() for source, timeline in whole.items()}

    def sellable(self, settings: Settings) -> dict[str, int]:
        """Count the units that may be sold, by source: enabled and in stock there."""
        return settings.sellable(self.on_hand, self.out_of_stock)

    def policy(self, settings: Settings, pool: str) -> Policy:
        """Resolve every setting for this item in a pool.

        What was resolved is kept until the item's own levels or the settings change.
        """
        if not self.product and pool not in self.in_pool:
            return settings.policy(pool)
        known = self.policies.get(pool)
        if known is not None and known[0] is settings and known[1] == settings.version:
            return known[2]
        policy = resolve_policy(
            self.in_pool.get(pool), self.product, settings.in_pool.get(pool), settings.everywhere
        )
        self.policies[pool] = (settings, settings.version, policy)
        return policy

    def is_managed(self, settings: Settings) -> bool:
        """Return whether stock of the item is counted: a setting of the item, or of all."""
        resolved = resolve(
            "manage_stock", ("product", self.product), ("global", settings.everywhere)
        )
        return bool(resolved.value == "on")

    def figures(self, settings: Settings, pool: str) -> Figures:
        """Count supply, demand and allocated units of this item in a pool."""
        assigned = sellable = False
        reached = 0
        for source in settings.sources_of(pool):
            if source in self.on_hand:
                assigned = True
                if source not in self.out_of_stock and source not in settings.disabled:
                    sellable = True
                    reached += self.on_hand[source]
        allocated = self.allocated.get(pool, 0)
        if len(self.allocated) > (pool in self.allocated):
            on_hand = self.sellable(settings)
            free = free_quantity(pool, self.allocated, on_hand, settings.pools)
            reached = allocated + free
        demand, carried = self.demand.get(pool, 0), bool(self.on_hand)
        return Figures(assigned, sellable, reached, demand, allocated, carried)

    def verdict(self, settings: Settings, pool: str) -> Verdict:
        """Return whether this item may be sold in a pool, why not, and how much of it."""
        return judge(self.figures(settings, pool), self.policy(settings, pool))

    def lines_of(self, order: str) -> list[OpenLine]:
        """Return the open lines of one order, first in the queue first."""
        lines = (line for line in self.lines.values() if line.order == order)
        return sorted(lines, key=lambda line: line.place)

    # ------------------------------------------------------------- allocation

    def in_queue_order(self) -> Iterator[Waiting]:
        """Return all open lines, first in the queue first."""
        for line in sorted(self.lines.values(), key=lambda line: line.place):
            yield Waiting(line.order, line.line, line.pool, line.allocated, line.backordered)

    def waiting(self, wants: Mapping[tuple[str, int], int]) -> Iterator[Waiting]:
        """Return the waiting lines in queue order; ``wants`` overrides what a line waits for."""
        for _, _, _, number, order in self.queue:
            line = self.lines[order, number]
            wanted = wants.get((order, number), line.backordered)
            yield Waiting(order, number, line.pool, line.allocated, wanted)
