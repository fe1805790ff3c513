"""Ordered queues: one queue for each subject, in order and independent of the others."""

from collections import deque
from dataclasses import dataclass
from heapq import heappop, heappush


@dataclass(slots=True)
class QueuedEvent:
    """One event that is to be delivered: its number in the backlog, its position, and its queue."""

    number: int
    position: int
    queue: str
    kind: str = "event"
    attempts: int = 0
    next_at: int = 0
    body: bytes | None = None


class OrderedQueues:
    """The queues of one receiver. Only the head of a queue can be due, and only one at a time.

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
        self._due_heads: list[tuple[int, int, str]] = []
        self.waiting: int = 0

    def add(self, waiting: QueuedEvent) -> None:
        """Append an event to its queue."""
        queue = self._queues.get(waiting.queue)
        self.waiting += 1
        if queue is None:
            self._queues[waiting.queue] = deque([waiting])
            self._schedule(waiting)
        else:
            queue.append(waiting)

    def take_due(self, now: int) -> QueuedEvent | None:
        """Return the head of a queue that is due; its queue is busy until :meth:`finish`."""
        if not self._due_heads or self._due_heads[0][0] > now:
            return None
        return self._queues[heappop(self._due_heads)[2]][0]

    def finish(self, waiting: QueuedEvent) -> None:
        """Remove the head of its queue, which was delivered or given up, and release the queue."""
        queue = self._queues[waiting.queue]
        queue.popleft()
        self.waiting -= 1
        if queue:
            self._schedule(queue[0])
        else:
            del self._queues[waiting.queue]

    def try_again(self, waiting: QueuedEvent, next_at: int) -> None:
        """Keep the head of its queue, and make it due later."""
        waiting.next_at = next_at
        self._schedule(waiting)

    def bring_forward(self, microseconds: int) -> None:
        """Make everything due sooner: the clock was set back by as much."""
        for queue in self._queues.values():
            for waiting in queue:
                waiting.next_at -= microseconds
        # One amount for all: the heap stays in order.
        self._due_heads = [
            (next_at - microseconds, number, queue) for next_at, number, queue in self._due_heads
        ]

    def _schedule(self, waiting: QueuedEvent) -> None:
        heappush(self._due_heads, (waiting.next_at, waiting.number, waiting.queue))
