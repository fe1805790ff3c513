"""Read model of how many events of an item are about each pool, by blocks of its stream.

Whoever is shown the latest events about a pool is told how many came before, and is led to them
without reading those of other pools. A block is 256 versions of the item's stream, so there is a
row for each block and each pool that its events name: a few for an item that is sold every hour.
"""

from collections.abc import Iterator

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.store.tables import Cursor, Table, TableSet
from stocktrail.projections.models.version import versioned

POOL_EVENTS = Table(
    versioned("pool_events"),
    {
        "sku": "TEXT NOT NULL", "pool": "TEXT NOT NULL", "block": "BIGINT NOT NULL",
        "events": "BIGINT NOT NULL",
    },
    ("sku", "pool", "block"),
)

BLOCK = 256
"""How many versions of a stream are counted together."""

_EVERY_POOL = ""
"""What stands for the pool of events that name none: they are about every pool."""


def block_of_version(version: int) -> int:
    """Return the block that a version of a stream is in.

    >>> block_of_version(1), block_of_version(256), block_of_version(257)
    (0, 0, 1)
    """
    return (version - 1) // BLOCK


def is_about_pool(event: Event, pool: str) -> bool:
    """Return whether an event of an item is about a pool: it names the pool, or none."""
    return getattr(event, "pool", None) in (None, pool) or getattr(event, "to_pool", None) == pool


class PoolEvents:
    """Counts the events of items by pool and block, and writes the counts."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, int], int] = {}

    def record(self, sku: str, recorded: RecordedEvent) -> None:
        """Count one event of an item."""
        block = (recorded[1] - 1) // BLOCK
        for pool in _pools_of(recorded[2]):
            key = (sku, pool, block)
            self._counts[key] = self._counts.get(key, 0) + 1

    def save(self, tables: TableSet, cursor: Cursor) -> None:
        """Add what was counted since the last time to what is stored."""
        if self._counts:
            cursor.executemany(
                tables.table(POOL_EVENTS).merge_of("events", "+"),
                [(*key, count) for key, count in self._counts.items()],
            )
        self._counts.clear()


def _pools_of(event: Event) -> Iterator[str]:
    pool, to_pool = getattr(event, "pool", None), getattr(event, "to_pool", None)
    yield _EVERY_POOL if pool is None else pool
    if to_pool is not None and pool is not None and to_pool != pool:
        yield to_pool


def events_by_block(tables: TableSet, cursor: Cursor, sku: str, pool: str) -> dict[int, int]:
    """Return how many events of an item are about a pool, by block; those without any left out."""
    found: dict[int, int] = {}
    for row in tables.table(POOL_EVENTS).rows(
        cursor, "WHERE sku = :sku AND pool IN (:pool, :every)",
        sku=sku, pool=pool, every=_EVERY_POOL,
    ):
        found[row["block"]] = found.get(row["block"], 0) + row["events"]
    return found
