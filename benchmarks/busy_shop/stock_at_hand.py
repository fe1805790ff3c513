"""What the shop itself believes of its stock, to know what to ship and what to buy.

It is not the ledger's stock: about one command in a hundred is refused (nothing allocated yet, not
enough salable), as in life.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass, field

SOURCES = ("main", "north", "south")
POOLS = {"default": ("main", "north"), "retail": ("south", "main")}


@dataclass(slots=True)
class Awaiting:
    """Units of an order line that are not there yet."""

    order: str
    line: int
    quantity: int
    pool: str


@dataclass(slots=True)
class StockAtHand:
    """One item: units free of allocations by source, units to come, and who waits."""

    daily: float
    free: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SOURCES, 0))
    coming: int = 0
    queue: list[Awaiting] = field(default_factory=list)

    def take(self, quantity: int, pool: str) -> int:
        """Take units from the sources of a pool, and return how many there were."""
        taken = 0
        for source in POOLS[pool]:
            some = min(self.free[source], quantity - taken)
            self.free[source] -= some
            taken += some
        return taken

    def put(
        self, source: str, quantity: int, open_orders: Container[str]
    ) -> Iterator[tuple[str, int, int]]:
        """Put units at a source; yield the order, line and units of each line that gets some."""
        self.free[source] += quantity
        rest = []
        for each in self.queue:
            if each.order not in open_orders:
                continue
            got = self.take(each.quantity, each.pool) if self.free[source] else 0
            if got:
                each.quantity -= got
                yield each.order, each.line, got
            if each.quantity:
                rest.append(each)
        self.queue = rest

    def position(self) -> int:
        """Return what the worse supplied pool has, and what is to come, less who waits."""
        return self.coming + min(
            sum(self.free[source] for source in sources)
            - sum(each.quantity for each in self.queue if each.pool == pool)
            for pool, sources in POOLS.items()
        )

    def reorder_point(self, cover_days: float) -> int:
        """Return the position below which the item is bought again."""
        return max(4, int(self.daily * cover_days))
