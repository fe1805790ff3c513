"""What was found out a moment ago: kept for a while, and never more than so much of it."""

from collections import OrderedDict
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_REMEMBERED = 1_000


class Remembered(Generic[T]):
    """Values by a digest, each for so many seconds; the oldest goes when there are too many.

    May be used from any thread.
    """

    def __init__(self, seconds: float, most: int = MOST_REMEMBERED) -> None:
        self._seconds = seconds
        self._most = most
        self._found: OrderedDict[str, tuple[float, T]] = OrderedDict()
        self._lock = Lock()

    def get(self, digest: str) -> tuple[bool, T | None]:
        """Return whether a value is remembered, and give it."""
        found = self._found.get(digest)
        if found is None or found[0] <= monotonic():
            return False, None
        return True, found[1]

    def put(self, digest: str, value: T) -> None:
        """Remember a value from now on; what is too old is forgotten, and what is too much."""
        now = monotonic()
        with self._lock:
            self._found.pop(digest, None)
            self._found[digest] = (now + self._seconds, value)
            while True:
                oldest = next(iter(self._found.values()))
                if len(self._found) <= self._most and oldest[0] > now:
                    return
                self._found.popitem(last=False)
                if not self._found:
                    return

    def __len__(self) -> int:
        return len(self._found)
