"""The movements at one source in the order in which they occurred: that need not be the log's.

Nearly every fact occurs after all that is known of its source, and for those a look at the last
movement is enough. For the others an item keeps the last few movements of each source, so that
tills whose clocks differ, or who send late, cost little; what lies further back is read from the
log, which holds them all.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple, Self

KEPT = 32
"""How many movements of a source an item keeps."""

NEVER, EVER = 2**63 - 1, -(2**63)
"""After every instant and before every instant there is."""

_PARTS = 3


class Movement(NamedTuple):
    """What a source gained when; a count has the ``counted_as`` of its stream version, others 0."""

    occurred_at: int
    delta: int
    counted_as: int


class Timeline:
    """The movements of a source by when they occurred; at the same instant, as they were recorded.

    None that occurred after ``floor`` is missing. They are packed into one array of integers:
    there are as many timelines in memory as items and sources.
    """

    __slots__ = ("_parts", "floor")

    def __init__(self, floor: int = EVER, parts: Iterable[int] = ()) -> None:
        self.floor = floor
        self._parts = array("q", parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timeline) and self.to_state() == other.to_state()

    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> int:
        return len(self._parts) // _PARTS

    def __iter__(self) -> Iterator[Movement]:
        parts = self._parts
        return map(Movement, parts[0::_PARTS], parts[1::_PARTS], parts[2::_PARTS])

    @property
    def latest(self) -> int:
        """When the last movement occurred; no movement that is missing occurred later."""
        return max(self._parts[-_PARTS], self.floor) if self._parts else self.floor

    def covers(self, instant: int) -> bool:
        """Say whether every movement that occurred after an instant is here."""
        return instant >= self.floor

    def add(self, occurred_at: int, delta: int, counted_as: int = 0, *, kept: int = KEPT) -> None:
        """Put in one more movement, and let the earliest go when there are more than are kept."""
        parts = self._parts
        if occurred_at >= self.latest:
            parts.extend((occurred_at, delta, counted_as))
        else:
            place = _PARTS * bisect_right(parts[0::_PARTS], occurred_at)
            parts[place:place] = array("q", (occurred_at, delta, counted_as))
        if len(parts) > _PARTS * kept:
            self._keep(kept)

    def after(self, instant: int) -> list[Movement]:
        """Give the movements that occurred after an instant, the first one first."""
        parts = self._parts
        start = _PARTS * bisect_right(parts[0::_PARTS], instant)
        return list(Timeline(parts=parts[start:]))

    def tail(self) -> Self:
        """Copy as much of it as an item keeps."""
        copy = self.copy()
        copy._keep(KEPT)
        return copy

    @property
    def is_known(self) -> bool:
        """Whether anything is known of it: nothing is of an item from an earlier version."""
        return self.floor != NEVER

    def copy(self) -> Self:
        """Copy all of it."""
        return type(self)(self.floor, self._parts)

    def _keep(self, number: int) -> None:
        end = len(self._parts) - _PARTS * number
        if end > 0:
            self.floor = max(self.floor, self._parts[end - _PARTS])
            del self._parts[:end]

    def to_state(self) -> list[int]:
        """Write it as JSON values."""
        return [self.floor, *self._parts]

    @classmethod
    def of_state(cls, state: Sequence[int]) -> Self:
        """Read it from JSON values."""
        return cls(state[0], state[1:])


def moments(held: int, movements: Sequence[Movement]) -> Iterator[tuple[int, int]]:
    """Say what a source held after each instant at which it moved: the instant, and the units.

    What moved at one instant moved at once, in whatever order it was recorded.

    >>> list(moments(5, [Movement(1, -9, 0), Movement(1, 6, 0), Movement(2, 1, 0)]))
    [(1, 2), (2, 3)]
    """
    sums = accumulate((each.delta for each in movements), initial=held)
    next(sums)
    for place, (each, units) in enumerate(zip(movements, sums, strict=True), 1):
        if place == len(movements) or movements[place].occurred_at > each.occurred_at:
            yield each.occurred_at, units
