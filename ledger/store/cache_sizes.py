"""How much memory the caches of a ledger take, and how much at most."""

from stocktrail.ledger.store.application import Ledger
from stocktrail.ledger.store.cache_size import CacheSize
from stocktrail.ledger.store.engine import aggregate_cache, timeline_cache


def cache_sizes(ledger: Ledger) -> list[CacheSize]:
    """Return the caches of the database's connections, and of the writer if anything is written."""
    found = list(ledger.datastore.cache_sizes())
    if ledger.read_only:
        return found
    aggregates = ledger.writer.aggregates
    return [
        *found,
        CacheSize("aggregates", aggregates.bytes, aggregate_cache.MOST_BYTES),
        CacheSize("timelines", aggregates.timelines.bytes, timeline_cache.MOST_BYTES),
    ]
