"""Lanes: what waits, in order for each subject. While one lane waits for its turn, others go on."""

from collections import deque
from dataclasses import dataclass
from heapq import heappop, heappush


@dataclass(slots=True)
class Waiting:
    """One event that is to be delivered: its place among those of its webhook, and in the log."""

    number: int
    position: int
    lane: str
    kind: str = "event"
    attempts: int = 0
    next_at: int = 0
    body: bytes | None = None


class OrderedQueues:
    """What waits for one receiver. Of each lane only the first can be due, and only one at a time.

    >>> lanes = Lanes()
    >>> lanes.add(Waiting(1, 1, "a")); lanes.add(Waiting(2, 2, "a")); lanes.add(Waiting(3, 3, "b"))
    >>> first, other = lanes.take_due(0), lanes.take_due(0)
    >>> (first.number, other.number, lanes.take_due(0))
    (1, 3, None)
    >>> lanes.finish(first); lanes.take_due(0).number
    2
    """

    def __init__(self) -> None:
        self._lanes: dict[str, deque[Waiting]] = {}
        self._turns: list[tuple[int, int, str]] = []
        self.waiting = 0

    def add(self, waiting: Waiting) -> None:
        """Queue up behind what is in the lane."""
        lane = self._lanes.get(waiting.lane)
        self.waiting += 1
        if lane is None:
            self._lanes[waiting.lane] = deque([waiting])
            self._queue(waiting)
        else:
            lane.append(waiting)

    def take_due(self, now: int) -> Waiting | None:
        """Return the first of a lane that is due; its lane is busy until it is finished."""
        if not self._turns or self._turns[0][0] > now:
            return None
        return self._lanes[heappop(self._turns)[2]][0]

    def next_at(self) -> int | None:
        """Return when the next one is due, ``None`` when none is."""
        return self._turns[0][0] if self._turns else None

    def finish(self, waiting: Waiting) -> None:
        """Let the next of the lane have its turn: this one was delivered, or is given up."""
        lane = self._lanes[waiting.lane]
        lane.popleft()
        self.waiting -= 1
        if lane:
            self._queue(lane[0])
        else:
            del self._lanes[waiting.lane]

    def try_again(self, waiting: Waiting, next_at: int) -> None:
        """Let the lane wait until its first is tried again."""
        waiting.next_at = next_at
        self._queue(waiting)

    def _queue(self, waiting: Waiting) -> None:
        heappush(self._turns, (waiting.next_at, waiting.number, waiting.lane))
