"""Lanes: what waits, in order for each subject. While one lane waits for its turn, others go on."""

from collections import deque
from dataclasses import dataclass
from heapq import heappop, heappush


@dataclass(slots=True)
class QueuedEvent:
    """One event that is to be delivered: its place among those of its webhook, and in the log."""

    number: int
    position: int
    queue: str
    kind: str = "event"
    attempts: int = 0
    next_at: int = 0
    body: bytes | None = None


class OrderedQueues:
    """What waits for one receiver. Of each lane only the first can be due, and only one at a time.

    >>> queues = OrderedQueues()
    >>> for number, queue in enumerate("aab", 1):
    ...     queues.add(QueuedEvent(number, number, queue))
    >>> first, other = queues.take_due(0), queues.take_due(0)
    >>> (first.number, other.number, queues.take_due(0))
    (1, 3, None)
    >>> queues.finish(first); queues.take_due(0).number
    2
    """

    def __init__(self) -> None:
        self._queues: dict[str, deque[QueuedEvent]] = {}
        self._turns: list[tuple[int, int, str]] = []
        self.waiting = 0

    def add(self, waiting: QueuedEvent) -> None:
        """Queue up behind what is in the lane."""
        queue = self._queues.get(waiting.queue)
        self.waiting += 1
        if queue is None:
            self._queues[waiting.queue] = deque([waiting])
            self._queue(waiting)
        else:
            queue.append(waiting)

    def take_due(self, now: int) -> QueuedEvent | None:
        """Return the first of a lane that is due; its lane is busy until it is finished."""
        if not self._turns or self._turns[0][0] > now:
            return None
        return self._queues[heappop(self._turns)[2]][0]

    def next_at(self) -> int | None:
        """Return when the next one is due, ``None`` when none is."""
        return self._turns[0][0] if self._turns else None

    def finish(self, waiting: QueuedEvent) -> None:
        """Let the next of the lane have its turn: this one was delivered, or is given up."""
        queue = self._queues[waiting.queue]
        queue.popleft()
        self.waiting -= 1
        if queue:
            self._queue(queue[0])
        else:
            del self._queues[waiting.queue]

    def try_again(self, waiting: QueuedEvent, next_at: int) -> None:
        """Let the lane wait until its first is tried again."""
        waiting.next_at = next_at
        self._queue(waiting)

    def _queue(self, waiting: QueuedEvent) -> None:
        heappush(self._turns, (waiting.next_at, waiting.number, waiting.queue))
