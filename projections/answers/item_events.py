"""The latest events of an item about a pool, and how many came before them.

They are read from the end of the item's stream, block by block, and blocks in which nothing is
about the pool are left out: an item may have 53,000 events, of which people look at 50.
"""

from collections.abc import Iterator

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store import Ledger
from stocktrail.projections.models.pool_events import (
    BLOCK,
    block_of_version,
    events_by_block,
    is_about_pool,
)
from stocktrail.projections.read_models import Reading


class ItemEvents:
    """The events of an item about a pool, up to a position that the read models have reached."""

    def __init__(
        self, ledger: Ledger, reading: Reading, sku: str, pool: str, until: int
    ) -> None:
        self._ledger = ledger
        self._stream = ProductStock.stream_of(sku)
        self._pool = pool
        self._version = ledger.version_at(self._stream, until)
        self._blocks = events_by_block(reading.place, reading.cursor, sku, pool)

    @property
    def count(self) -> int:
        """How many there are."""
        last = block_of_version(self._version)
        whole = sum(count for block, count in self._blocks.items() if block < last)
        return whole + len(self._of_block(last))

    def latest_first(self) -> Iterator[RecordedEvent]:
        """Yield them, the latest one first."""
        last = block_of_version(self._version)
        for block in sorted(self._blocks, reverse=True):
            if block <= last:
                yield from reversed(self._of_block(block))

    def _of_block(self, block: int) -> list[RecordedEvent]:
        """Read the events of a block, up to the position."""
        first, last = block * BLOCK, min((block + 1) * BLOCK, self._version)
        return [
            recorded
            for recorded in self._ledger.read_stream(
                self._stream, after_version=first, up_to_version=last
            )
            if is_about_pool(recorded.payload, self._pool)
        ]
