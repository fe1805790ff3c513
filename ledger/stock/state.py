"""Product stock: one item, its units at every source, and the queue of the lines that want them.

One aggregate per SKU. It decides what an order line is allocated and what it must wait for, hands
freed units to the queue, and takes allocations back when supply shrinks. The events stand in
:mod:`stocktrail.ledger.stock.events`, the rules in :mod:`stocktrail.ledger.salability` and
:mod:`stocktrail.ledger.allocation`.
"""

from collections.abc import Container, Iterator, Mapping
from typing import Any, ClassVar, Self

from msgspec import convert, to_builtins

from stocktrail.ledger.allocation import WaitingLine, free_quantity
from stocktrail.ledger.base.aggregate import Aggregate
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.configuration import (
    SETTING_EVENTS,
    Level,
    Policy,
    SettingChanged,
    change_level,
    change_levels,
    resolve_policy,
)
from stocktrail.ledger.product import UNDESCRIBED, Product
from stocktrail.ledger.salability import Figures, Verdict, judge
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.events import (
    MOVING,
    ProductRegistered,
    SourceItemCreated,
    StockCounted,
    StockMovement,
    StockReserved,
    StockShipped,
    StockStatusChanged,
)
from stocktrail.ledger.stock.kept_figures import KeptFigures
from stocktrail.ledger.stock.open_lines import (
    CHANGING_LINES,
    LineKey,
    OpenLine,
    OpenLines,
    changed_lines,
    reserved_line,
)
from stocktrail.ledger.stock.timeline import NEVER, Timeline


class ProductStock(Aggregate):
    """An item with its source items, its open lines and its own levels of every setting."""

    __slots__ = (
        "allocated", "demand", "everywhere", "in_pool", "in_source", "kept_figures", "lines",
        "on_hand", "out_of_stock", "policies", "product", "timelines",
    )

    category = "stock"
    version: int
    may_lack: ClassVar[frozenset[str]] = frozenset(("timelines",))

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.product: Product = UNDESCRIBED
        self.on_hand: dict[str, int] = {}
        self.out_of_stock: set[str] = set()
        self.lines: OpenLines[OpenLine] = OpenLines()
        self.allocated: dict[str, int] = {}
        self.demand: dict[str, int] = {}
        self.timelines: dict[str, Timeline] = {}
        self.everywhere: Level = {}
        self.in_pool: dict[str, Level] = {}
        self.in_source: dict[str, Level] = {}
        self.policies: dict[str, tuple[Settings, int, Policy]] = {}
        self.kept_figures: KeptFigures | None = None

    # ------------------------------------------------------------------ state

    def _registered(self, event: ProductRegistered) -> None:
        self.product = self.product._replace(
            name=event.name, decimal=event.decimal, unit=event.unit, attributes=event.attributes
        )

    def apply(self, event: Event, occurred_at: int | None = None) -> None:
        """Apply one more event to the item.

        Without ``occurred_at`` the event is not added to the movements of its sources.
        """
        self.version += 1
        kind = type(event)
        self.appliers[kind](self, event)
        if kind is StockReserved:
            return
        self.kept_figures = None
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
        self.demand[pool] = self.demand.get(pool, 0) + event.quantity
        self.allocated[pool] = self.allocated.get(pool, 0) + event.allocated
        self.lines.put(reserved_line(event, self.version))
        kept = self.kept_figures
        if kept is not None and kept.pool != pool:
            self.kept_figures = None

    def _lines_changed(self, event: Event) -> None:
        """Change open lines by an event, and the sums of their pools with them."""
        lines = self.lines
        for line in changed_lines(event, lines.__getitem__):
            before = lines[line.key]
            self.demand[line.pool] += line.remaining - before.remaining
            self.allocated[line.pool] += line.allocated - before.allocated
            if line.remaining:
                lines.put(line)
            else:
                lines.take_out(line.key)

    def _shipped(self, event: StockShipped) -> None:
        self._lines_changed(event)
        self._moved(event)

    def _setting_changed(self, event: SettingChanged) -> None:
        self.policies.clear()
        if event.pool is not None:
            change_levels(self.in_pool, event.pool, event)
        elif event.source is not None:
            change_levels(self.in_source, event.source, event)
        else:
            change_level(self.everywhere, event)

    appliers: ClassVar[Mapping[type[Event], Any]] = {
        ProductRegistered: _registered,
        SourceItemCreated: _source_item_created,
        **dict.fromkeys(MOVING, _moved),
        StockStatusChanged: _status_changed,
        StockReserved: _reserved,
        **dict.fromkeys(CHANGING_LINES, _lines_changed),
        StockShipped: _shipped,
        **dict.fromkeys(SETTING_EVENTS, _setting_changed),
    }

    def level(self, pool: str | None, source: str | None) -> Level:
        """Return the item's own level of settings: in a pool, at a source, or everywhere."""
        if pool is not None:
            return self.in_pool.get(pool, {})
        if source is not None:
            return self.in_source.get(source, {})
        return self.everywhere

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
        return kept | self.item_state() | {
            "lines": to_builtins([*self.lines.values()]),
        }

    def item_state(self) -> dict[str, Any]:
        """Return the item without its lines and movements, as JSON values.

        The read side keeps this too, and verification compares the two.
        """
        return self.product.to_state() | {
            "on_hand": self.on_hand, "out_of_stock": sorted(self.out_of_stock),
            "allocated": self.allocated, "demand": self.demand, "product": self.everywhere,
            "in_pool": _with_values(self.in_pool), "in_source": _with_values(self.in_source),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Replace the state by one that :meth:`to_state` returned, of an earlier version too."""
        self.product = Product.of_state(state)
        self.on_hand, self.out_of_stock = state["on_hand"], set(state["out_of_stock"])
        self.allocated, self.demand = state["allocated"], state["demand"]
        self.everywhere, self.in_pool = state["product"], state["in_pool"]
        self.in_source = state["in_source"]
        lines = convert(state["lines"], list[OpenLine])
        self.lines = OpenLines({line.key: line for line in lines})
        kept = state.get("timelines", dict.fromkeys(self.on_hand, (NEVER,)))
        self.timelines = {source: Timeline.of_state(parts) for source, parts in kept.items()}

    def clone(self) -> Self:
        """Return a copy that shares nothing that changes."""
        copy = self.blank_copy()
        copy.product, copy.on_hand = self.product, dict(self.on_hand)
        copy.out_of_stock, copy.lines = set(self.out_of_stock), self.lines.copy()
        copy.allocated, copy.demand = dict(self.allocated), dict(self.demand)
        copy.everywhere = dict(self.everywhere)
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
        """Keep the last of the movements at its sources, which a snapshot did not have."""
        self.timelines = {source: timeline.tail() for source, timeline in whole.items()}

    def sellable(self, settings: Settings) -> dict[str, int]:
        """Count the units that may be sold, by source: enabled and in stock there."""
        return settings.sellable(self.on_hand, self.out_of_stock)

    def policy(self, settings: Settings, pool: str) -> Policy:
        """Resolve every setting for this item in a pool.

        What was resolved is kept until the item's own levels or the settings change.
        """
        if not self.everywhere and pool not in self.in_pool:
            return settings.policy(pool)
        known = self.policies.get(pool)
        if known is not None and known[0] is settings and known[1] == settings.version:
            return known[2]
        policy = resolve_policy(
            self.in_pool.get(pool), self.everywhere, settings.in_pool.get(pool), settings.everywhere
        )
        self.policies[pool] = (settings, settings.version, policy)
        return policy

    def is_managed(self, settings: Settings) -> bool:
        """Return whether stock of the item is counted: a setting of the item, or of all."""
        return settings.manages(self.everywhere.get("manage_stock"))

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
        return Figures(assigned, sellable, reached, demand, allocated, carried, self.product)

    def verdict(self, settings: Settings, pool: str) -> Verdict:
        """Return whether this item may be sold in a pool, why not, and how much of it."""
        return judge(self.figures(settings, pool), self.policy(settings, pool))

    def for_sale(self, settings: Settings, pool: str) -> KeptFigures:
        """Return what of the verdict in a pool is kept, judged again if it was not kept."""
        kept = self.kept_figures
        if (
            kept is None or kept.settings is not settings or kept.pool != pool
            or kept.settings_version != settings.version
        ):
            elsewhere = sum(self.demand.values()) - self.demand.get(pool, 0)
            self.kept_figures = kept = KeptFigures(
                pool, settings, self.verdict(settings, pool), elsewhere, exists=self.exists
            )
        return kept

    # ------------------------------------------------------------- allocation

    def holding(self, passed: Container[str] = ()) -> Iterator[WaitingLine]:
        """Return the open lines that have units, last in the queue first.

        Those of pools that are ``passed`` over are left out, from when a pool is added there.
        """
        for line in self.lines.holding(passed):
            yield WaitingLine(line.order, line.line, line.pool, line.allocated, line.backordered)

    def waiting(
        self, wants: Mapping[LineKey, int], passed: Container[str] = ()
    ) -> Iterator[WaitingLine]:
        """Return the waiting lines in queue order; ``wants`` overrides what a line waits for.

        Those of pools that are ``passed`` over are left out, from when a pool is added there.
        """
        for line in self.lines.waiting(passed):
            wanted = wants.get(line.key, line.backordered)
            yield WaitingLine(line.order, line.line, line.pool, line.allocated, wanted)


def _with_values(levels: Mapping[str, Level]) -> dict[str, Level]:
    """Return the levels that set anything: those that do not were kept by earlier versions."""
    return {key: level for key, level in levels.items() if level}
