"""What a power cut leaves of changes that were not synced."""

import random
from collections.abc import Iterator

SECTOR_BYTES = 512
"""What a disk writes as a whole: a write is torn at multiples of this only."""

_TORN_SHARE = 0.3


class Survival:
    """Decides by chance which changes reached the disk; one for each power cut.

    Either all, or none, or those up to some moment (the last one torn), or any of them, in no
    order, some of them torn. ``first`` and ``last`` are the numbers of the oldest and the newest
    change that was not synced.
    """

    def __init__(self, chance: random.Random, first: int, last: int) -> None:
        self._chance = chance
        self.kind = chance.choices(
            ("none", "all", "prefix", "subset"), weights=(1, 1, 4, 6)
        )[0]
        self._end = chance.randint(first, last + 1)
        self._share = chance.choice((0.1, 0.5, 0.9))

    def keeps(self, number: int) -> bool:
        """Return whether a change as a whole survived."""
        if self.kind == "prefix":
            return number < self._end
        if self.kind == "subset":
            return self._chance.random() < self._share
        return self.kind == "all"

    def parts(self, number: int, offset: int, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield what survived of a write: where, and the bytes."""
        is_torn = (
            self._chance.random() < _TORN_SHARE if self.kind == "subset"
            else self.kind == "prefix" and number == self._end
        )
        if not is_torn:
            if self.keeps(number):
                yield offset, data
            return
        pieces = list(sectors(offset, data))
        if self._chance.random() < 0.5:
            yield from pieces[: self._chance.randrange(len(pieces) + 1)]
        else:
            yield from (piece for piece in pieces if self._chance.random() < 0.5)


def sectors(offset: int, data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield a write as the parts that lie in one sector each.

    >>> [(start, len(part)) for start, part in sectors(500, bytes(600))]
    [(500, 12), (512, 512), (1024, 76)]
    """
    start, end = offset, offset + len(data)
    while start < end:
        stop = min(end, start - start % SECTOR_BYTES + SECTOR_BYTES)
        yield start, data[start - offset : stop - offset]
        start = stop
