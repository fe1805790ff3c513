"""A cache whose entries expire, and whose size is bounded."""

from collections import OrderedDict
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

from stocktrail.ledger.store.cache_size import CacheSize

T = TypeVar("T")

MOST_ENTRIES = 1_000

BYTES_OF_ENTRY = 1_000
"""What an entry takes, about: a digest, and a token with its scopes."""


class ExpiringCache(Generic[T]):
    """Values by digest, each for a number of seconds; when it is full, the oldest is evicted.

    Safe to use from any thread.
    """

    def __init__(self, seconds: float, most: int = MOST_ENTRIES) -> None:
        self._seconds = seconds
        self._most = most
        self._entries: OrderedDict[str, tuple[float, T]] = OrderedDict()
        self._lock = Lock()

    def get(self, digest: str) -> tuple[bool, T | None]:
        """Return whether there is an entry that has not expired, and its value."""
        entry = self._entries.get(digest)
        if entry is None or entry[0] <= monotonic():
            return False, None
        return True, entry[1]

    def put(self, digest: str, value: T) -> None:
        """Add or replace an entry, and evict those that have expired or are too many."""
        now = monotonic()
        with self._lock:
            self._entries.pop(digest, None)
            self._entries[digest] = (now + self._seconds, value)
            while True:
                oldest = next(iter(self._entries.values()))
                if len(self._entries) <= self._most and oldest[0] > now:
                    return
                self._entries.popitem(last=False)
                if not self._entries:
                    return

    def __len__(self) -> int:
        return len(self._entries)

    def size(self, name: str) -> CacheSize:
        """Return how much memory it takes, about, and how much at most."""
        return CacheSize(name, len(self) * BYTES_OF_ENTRY, self._most * BYTES_OF_ENTRY)
