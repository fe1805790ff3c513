"""What was read of earlier moments, kept in memory for the next page of the same moment.

Who looks at an earlier moment looks at several of its pages. What was open there never changes any
more, so that it is read and promised once. A moment is its position with the instant at which that
was recorded: a database that was put in the place of another one has others.
"""

from collections import OrderedDict
from threading import Lock
from typing import Any, Protocol

from stocktrail.ledger.store.cache_size import CacheSize

MOST_BYTES = 160 * 2**20
"""How much may be kept: two moments with 100,000 open lines."""

MomentKey = tuple[int, int]
"""A position of the log, and when it was recorded, in microseconds."""


class Weighed(Protocol):
    """Something of which it is known about how much memory it takes."""

    @property
    def bytes(self) -> int:
        """How much memory it takes, about."""


class KeptMoments:
    """What was read of moments, those that were asked for last; safe to use from any thread.

    What is kept is read by several threads, and never changed.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[MomentKey, Weighed] = OrderedDict()
        self._lock = Lock()

    def get(self, moment: MomentKey) -> Any:
        """Return what is kept of a moment, ``None`` for nothing."""
        with self._lock:
            found = self._kept.get(moment)
            if found is not None:
                self._kept.move_to_end(moment)
            return found

    def nearest(self, position: int) -> tuple[MomentKey, Any] | None:
        """Return what is kept of the moment whose position is nearest to one, if there is any."""
        with self._lock:
            found = min(self._kept, key=lambda key: abs(key[0] - position), default=None)
            return None if found is None else (found, self._kept[found])

    def put(self, moment: MomentKey, found: Weighed) -> None:
        """Keep what was read of a moment, and drop what was asked for least recently."""
        with self._lock:
            self._kept[moment] = found
            self._kept.move_to_end(moment)
            while self._kept and self._bytes() > self._most_bytes:
                self._kept.popitem(last=False)

    def _bytes(self) -> int:
        return sum(each.bytes for each in self._kept.values())

    def size(self, name: str) -> CacheSize:
        """Return how much memory is taken, about, and how much at most."""
        with self._lock:
            return CacheSize(name, self._bytes(), self._most_bytes)
