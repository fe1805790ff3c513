"""An item while events are folded into read models: its stock, and what its rows said last.

The stock is a :class:`~stocktrail.ledger.stock.state.ProductStock` without its lines, so figures
and settings follow from the same rules as everywhere; open lines are in the read model of promises.
"""

from dataclasses import dataclass, field

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.configuration import Level
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.events import (
    AllocationMoved,
    AllocationRevoked,
    BackorderAllocated,
    BackorderPrioritised,
    BackorderRescheduled,
    BackordersReallocated,
    ReservationReleased,
    StockReserved,
    StockShipped,
    UnmanagedUnitsShipped,
)
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.projections.models.changes import Changes, changes_of
from stocktrail.projections.models.parked_items import Parked

_ABOUT_LINES = frozenset({
    StockReserved, BackorderAllocated, AllocationRevoked, AllocationMoved, BackordersReallocated,
    StockShipped, UnmanagedUnitsShipped, ReservationReleased, BackorderRescheduled,
    BackorderPrioritised,
})


@dataclass(slots=True)
class Notice:
    """A low-stock notice that is not cleared: quantities in ten-thousandths, times as instants.

    ``basis``, ``threshold`` and ``level`` are those of now, the others those of when it was raised.
    """

    basis: int
    threshold: int
    level: str
    raised_at: int
    position: int


@dataclass(slots=True)
class Item:
    """An item, the units each pool had available, and the notices that are not cleared.

    ``available`` is supply minus demand by pool; ``notices`` are by pool and source, of which one
    is empty. A pool with more units available than ``check_at_or_below`` says needs no judging, as
    long as ``rules`` (the versions of the settings and of the item's own levels) stay the same. An
    item that is ``parked`` is folded no more. ``described`` is its product as it was written last.
    """

    stock: ProductStock
    available: dict[str, int] = field(default_factory=dict)
    notices: dict[tuple[str, str], Notice] = field(default_factory=dict)
    check_at_or_below: dict[str, int] = field(default_factory=dict)
    rules: int = -1
    parked: Parked | None = None
    described: str | None = None

    @property
    def sku(self) -> str:
        """The item's SKU."""
        return self.stock.key

    def apply(self, event: Event) -> Changes:
        """Fold one event of the item, and return what it changed in units.

        What happens to lines is only added up by pool; the aggregate does the rest.
        """
        changes, stock = changes_of(event), self.stock
        if type(event) not in _ABOUT_LINES:
            product = stock.product
            stock.apply(event)
            if stock.product is not product:
                self.check_at_or_below.clear()
                self.described = None
            return changes
        stock.version += 1
        on_hand, pools, _ = changes
        for source, quantity in on_hand:
            stock.on_hand[source] = stock.on_hand.get(source, 0) + quantity
        for pool, demand, allocated in pools:
            stock.demand[pool] = stock.demand.get(pool, 0) + demand
            stock.allocated[pool] = stock.allocated.get(pool, 0) + allocated
        return changes

    def available_in(self, settings: Settings, pool: str, *, alone: bool) -> int:
        """Return supply minus demand in a pool; ``alone``: it shares no source with another pool.

        Then its supply is simply all that its sources can sell.
        """
        stock = self.stock
        if not alone:
            figures = stock.figures(settings, pool)
            return figures.supply - figures.demand
        supply = 0
        for source in settings.pools[pool]:
            if source in stock.on_hand and self.sells_from(source, settings):
                supply += stock.on_hand[source]
        return supply - stock.demand.get(pool, 0)

    def sells_from(self, source: str, settings: Settings) -> bool:
        """Return whether what the item has at a source may be sold."""
        return source not in self.stock.out_of_stock and source not in settings.disabled


def own_level(stock: ProductStock, pool: str | None, source: str | None) -> Level:
    """Return a level of an item's own settings, created if it is missing."""
    if pool is not None:
        return stock.in_pool.setdefault(pool, {})
    if source is not None:
        return stock.in_source.setdefault(source, {})
    return stock.everywhere


def new_item(sku: str) -> Item:
    """Return an item of which nothing is known yet."""
    return Item(ProductStock(ProductStock.stream_of(sku)))


def _together(some: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    if some is others or not others:
        return some
    return tuple(sorted({*some, *others})) if some else others


class PoolGroups:
    """Pools by the sources they share: a change in one pool of a group can reach the others."""

    def __init__(self, settings: Settings) -> None:
        self._of_source: dict[str, tuple[str, ...]] = {}
        self._of_pool: dict[str, tuple[str, ...]] = {}
        serving: dict[str, list[str]] = {}
        for pool, sources in settings.pools.items():
            for source in sources:
                serving.setdefault(source, []).append(pool)
        for start in settings.pools:
            if start not in self._of_pool:
                self._connect(start, settings, serving)

    def _connect(self, start: str, settings: Settings, serving: dict[str, list[str]]) -> None:
        pools, sources, frontier = {start}, set(), [start]
        while frontier:
            for source in settings.pools[frontier.pop()]:
                if source not in sources:
                    sources.add(source)
                    news = [pool for pool in serving[source] if pool not in pools]
                    pools.update(news)
                    frontier += news
        together = tuple(sorted(pools))
        self._of_pool.update(dict.fromkeys(pools, together))
        self._of_source.update(dict.fromkeys(sources, together))

    def of_source(self, source: str) -> tuple[str, ...]:
        """Return the pools that units at a source can matter to."""
        return self._of_source.get(source, ())

    def of_pool(self, pool: str) -> tuple[str, ...]:
        """Return the pools that allocations in a pool can matter to, itself among them."""
        return self._of_pool[pool]

    def of_changes(self, changes: Changes) -> tuple[str, ...]:
        """Return the pools that what an event changed can matter to, in alphabetical order."""
        found: tuple[str, ...] = ()
        on_hand, pools, _ = changes
        for pool, _, _ in pools:
            found = _together(found, self._of_pool[pool])
        for source, _ in on_hand:
            found = _together(found, self._of_source.get(source, ()))
        return found

    def stands_alone(self, pool: str) -> bool:
        """Return whether a pool shares no source with any other."""
        return len(self._of_pool[pool]) == 1

    def of_item(self, item: Item) -> list[str]:
        """Return every pool that can matter to an item, in alphabetical order."""
        pools = set(item.available)
        for source in item.stock.on_hand:
            pools.update(self.of_source(source))
        return sorted(pools)
