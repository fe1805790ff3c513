"""How far read models have come that are being folded, and how long the rest is likely to take."""

from collections.abc import Callable
from time import monotonic
from typing import NamedTuple

_LONGEST_IN_SECONDS = 120


class CatchingUp(NamedTuple):
    """The position that was reached, the one that is the goal, and the seconds that are left.

    Of these nobody knows at the beginning: then they are ``None``.
    """

    position: int
    goal: int
    seconds_left: int | None = None

    @property
    def percent(self) -> int:
        """How much is done, in whole percent."""
        return min(self.position * 100 // self.goal, 100) if self.goal else 100

    def as_json(self) -> dict[str, int | None]:
        """Return it as members of a JSON object."""
        return {**self._asdict(), "percent": self.percent}

    @property
    def sentence(self) -> str:
        """How much is done, and how long the rest takes, as a part of a sentence.

        >>> CatchingUp(430_000, 1_000_000, 38).sentence
        '43 %, about 38 s left'
        >>> CatchingUp(0, 1_000_000).sentence
        '0 %'
        """
        left = self.seconds_left
        if left is None:
            return f"{self.percent} %"
        if left > _LONGEST_IN_SECONDS:
            return f"{self.percent} %, about {-(-left // 60)} min left"
        return f"{self.percent} %, about {left} s left"


ReportCatchingUp = Callable[[CatchingUp], None]
"""Called with how far another process has come whose rebuild is waited for."""


class Pace:
    """Estimates how long work takes by how far it has come since it was first told of."""

    def __init__(self) -> None:
        self._begun: tuple[float, int] | None = None

    def reach(self, position: int, goal: int) -> CatchingUp:
        """Return how far it has come, with an estimate once it has moved."""
        now = monotonic()
        if self._begun is None:
            self._begun = (now, position)
        since, first = self._begun
        moved, seconds = position - first, now - since
        if moved <= 0 or seconds <= 0:
            return CatchingUp(position, goal)
        left = max(goal - position, 0) * seconds / moved
        return CatchingUp(position, goal, int(left) + 1)
