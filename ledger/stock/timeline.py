"""The movements at one source in the order in which they occurred: that need not be the log's.

Nearly every fact occurs after all that is known of its source, and for those a look at the last
movement is enough. For the others an item keeps the last few movements of each source, so that
tills whose clocks differ, or who send late, cost little; what lies further back is read from the
log, which holds them all.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, compress, count
from typing import NamedTuple, Self

KEPT = 32
"""How many movements of a source an item keeps."""

NEVER, EVER = 2**63 - 1, -(2**63)
"""After every instant and before every instant there is."""


class Movement(NamedTuple):
    """What a source gained when; a count has the ``counted_as`` of its stream version, others 0."""

    occurred_at: int
    delta: int
    counted_as: int


class Timeline:
    """The movements of a source by when they occurred; at the same instant, as they were recorded.

    None that occurred after ``floor`` is missing. They are packed into arrays of integers: there
    are as many timelines in memory as items and sources, and a whole one may be long.
    """

    __slots__ = ("_counted_as", "_deltas", "_occurred", "floor")

    def __init__(self, floor: int = EVER, movements: Iterable[Movement] = ()) -> None:
        self.floor: int = floor
        self._occurred, self._deltas, self._counted_as = array("q"), array("q"), array("q")
        for occurred_at, delta, counted_as in movements:
            self._occurred.append(occurred_at)
            self._deltas.append(delta)
            self._counted_as.append(counted_as)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timeline) and self.to_state() == other.to_state()

    def __len__(self) -> int:
        return len(self._occurred)

    def __iter__(self) -> Iterator[Movement]:
        return map(Movement, self._occurred, self._deltas, self._counted_as)

    def __getitem__(self, place: int) -> Movement:
        return Movement(self._occurred[place], self._deltas[place], self._counted_as[place])

    @property
    def latest(self) -> int:
        """When the last movement occurred; no movement that is missing occurred later."""
        return max(self._occurred[-1], self.floor) if self._occurred else self.floor

    @property
    def is_known(self) -> bool:
        """Whether anything is known of it: nothing is of an item from an earlier version."""
        return self.floor != NEVER

    def covers(self, instant: int) -> bool:
        """Return whether every movement that occurred after an instant is here."""
        return instant >= self.floor

    # ------------------------------------------------------------------ changes

    def add(self, occurred_at: int, delta: int, counted_as: int = 0, *, kept: int = KEPT) -> None:
        """Add a movement, and drop the earliest when there are more than ``kept``."""
        if occurred_at >= self.latest:
            self._occurred.append(occurred_at)
            self._deltas.append(delta)
            self._counted_as.append(counted_as)
        else:
            place = bisect_right(self._occurred, occurred_at)
            self._occurred.insert(place, occurred_at)
            self._deltas.insert(place, delta)
            self._counted_as.insert(place, counted_as)
        if len(self._occurred) > kept:
            self._keep(kept)

    def _keep(self, number: int) -> None:
        gone = len(self._occurred) - number
        if gone > 0:
            self.floor = max(self.floor, self._occurred[gone - 1])
            del self._occurred[:gone], self._deltas[:gone], self._counted_as[:gone]

    def copy(self) -> Self:
        """Return a copy."""
        copy = type(self)(self.floor)
        copy._occurred, copy._deltas = self._occurred[:], self._deltas[:]
        copy._counted_as = self._counted_as[:]
        return copy

    def tail(self) -> Self:
        """Return the last movements, as many as an item keeps."""
        copy = self.copy()
        copy._keep(KEPT)
        return copy

    # ------------------------------------------------------------------ questions

    def place_after(self, instant: int) -> int:
        """Return the place of the first movement after an instant; the length if there is none."""
        return bisect_right(self._occurred, instant)

    def place_at(self, instant: int) -> int:
        """Return the place of the first movement at an instant or after it."""
        return bisect_left(self._occurred, instant)

    def count_from(self, place: int) -> int | None:
        """Return the place of the first count at a place or after it."""
        return next(compress(count(place), self._counted_as[place:]), None)

    def gained_from(self, place: int) -> int:
        """Add up what the source gained from a place on."""
        return sum(self._deltas[place:])

    def bounds(self, held: int, start: int, end: int) -> tuple[int, int]:
        """Return the least and the most that a source held on the way from one place to another.

        ``held`` are its units before. What moved at one instant counts one by one, so that the
        least may be less, and the most more, than it ever held.
        """
        sums = list(accumulate(self._deltas[start:end], initial=held))
        return min(sums), max(sums)

    def moments(self, held: int, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Return each instant at which a source moved, and the units it held then.

        ``held`` are its units before. What moved at one instant moved at once, in whatever order it
        was recorded.

        >>> movements = [Movement(1, -9, 0), Movement(1, 6, 0), Movement(2, 1, 0)]
        >>> list(Timeline(movements=movements).moments(5, 0, 3))
        [(1, 2), (2, 3)]
        """
        for place in range(start, end):
            held += self._deltas[place]
            if place + 1 == end or self._occurred[place + 1] > self._occurred[place]:
                yield self._occurred[place], held

    # ------------------------------------------------------------------ as JSON

    def to_state(self) -> list[int]:
        """Return it as JSON values: the floor, and three integers for each movement."""
        return [self.floor, *(part for movement in self for part in movement)]

    @classmethod
    def of_state(cls, state: Sequence[int]) -> Self:
        """Read it from JSON values."""
        return cls(state[0], map(Movement, state[1::3], state[2::3], state[3::3]))
