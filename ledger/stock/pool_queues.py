"""The places of lines in the queue of an item, kept in order for each pool.

All pools wait in one queue. What the lines of one pool can get says nothing of another pool, so
whoever goes through the queue may pass over a pool, and never steps on its other lines.
"""

from bisect import bisect_left, insort
from collections.abc import Container, Iterable, Iterator
from datetime import date
from heapq import merge
from itertools import chain
from typing import Protocol, Self

QueueKey = tuple[int, date, int, int, str]
"""Priority, requested date, when placed, line and order: the lowest is served first."""


class InQueue(Protocol):
    """What has a place in the queue of an item."""

    @property
    def pool(self) -> str:
        """The pool in which it was sold; it never changes."""

    @property
    def queue_key(self) -> QueueKey:
        """Its place in the queue."""


class PoolQueues(dict[str, list[QueueKey]]):
    """Queue keys in order, by pool; a pool of which no line is here is not here either."""

    __slots__ = ()

    @classmethod
    def of(cls, lines: Iterable[InQueue]) -> Self:
        """Return the places of some lines."""
        queues = cls()
        for line in lines:
            queues.setdefault(line.pool, []).append(line.queue_key)
        for keys in queues.values():
            keys.sort()
        return queues

    def add(self, pool: str, place: QueueKey) -> None:
        """Put a line of a pool in its place."""
        keys = self.get(pool)
        if keys is None:
            self[pool] = [place]
        # A new line mostly comes last: 0.04 us to see it instead of 0.36 to search a queue of
        # 10,000 for its place (`python -m benchmarks.fast_paths comes`). An order of three lines
        # takes 13 us behind 10,000, and 12 on idle items (`... behind`, 2026-11-30).
        elif place < keys[-1]:
            insort(keys, place)
        else:
            keys.append(place)

    def remove(self, pool: str, place: QueueKey) -> None:
        """Take a line of a pool from its place."""
        keys = self[pool]
        if len(keys) == 1:
            del self[pool]
        else:
            del keys[bisect_left(keys, place)]

    def move(self, before: InQueue | None, after: InQueue | None) -> None:
        """Move a line from the place that it had to the one that it has; ``None`` for neither."""
        if before and after and before.queue_key == after.queue_key:
            return
        if before is not None:
            self.remove(before.pool, before.queue_key)
        if after is not None:
            self.add(after.pool, after.queue_key)

    def in_order(self, passed: Container[str] = ()) -> Iterator[QueueKey]:
        """Yield all places, first in the queue first.

        Pools that are ``passed`` over are left out. It is looked up as it goes, so that a pool that
        is added there is left at once.
        """
        return merge(*(
            _of_pool(pool, keys, range(len(keys)), passed) for pool, keys in self.items()
        ))

    def from_the_end(self, passed: Container[str] = ()) -> Iterator[QueueKey]:
        """Yield all places, last in the queue first, without pools that are ``passed`` over."""
        return merge(*(
            _of_pool(pool, keys, range(len(keys) - 1, -1, -1), passed)
            for pool, keys in self.items()
        ), reverse=True)

    def as_one(self) -> list[QueueKey]:
        """Return the places of all pools in order; not to be changed."""
        if len(self) == 1:
            return next(iter(self.values()))
        return sorted(chain.from_iterable(self.values()))

    def copy(self) -> Self:
        """Return a copy that shares nothing that changes."""
        copy = type(self)()
        for pool, keys in self.items():
            copy[pool] = keys[:]
        return copy


def _of_pool(
    pool: str, keys: list[QueueKey], places: range, passed: Container[str]
) -> Iterator[QueueKey]:
    for place in places:
        if pool in passed:
            return
        yield keys[place]
