"""The open lines of an item: order lines that still want units, and the queue of those that wait.

The aggregate decides by them, and the read model of promises computes when they can ship. Both keep
them in :class:`OpenLines`, and :func:`changed_lines` defines for both what an event does to them.

Rules 1.4 and 4.3 are the source.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Protocol, Self, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.line_units import LineKey as LineKey
from stocktrail.ledger.stock.events import (
    AllocationMoved,
    AllocationRevoked,
    BackorderAllocated,
    BackorderPrioritised,
    BackorderRescheduled,
    BackordersReallocated,
    ReservationReleased,
    StockReserved,
    StockShipped,
    UnmanagedUnitsShipped,
)

QueueKey = tuple[int, date, int, int, str]
"""Priority, requested date, when placed, line and order: the lowest is served first."""


class OpenLine(Struct, frozen=True, array_like=True, gc=False):
    """An order line that still wants units; quantities in ten-thousandths.

    ``placed`` is the stream version of its reservation: it grows with the position in the log. A
    struct is made in 0.05 us, a named tuple in 0.23 (``python -m benchmarks.fast_paths struct``,
    2026-11-29).
    """

    order: str
    line: int
    pool: str
    remaining: int
    allocated: int
    priority: int
    requested_date: date
    placed: int

    @property
    def key(self) -> LineKey:
        """The order and the number of the line."""
        return (self.order, self.line)

    @property
    def backordered(self) -> int:
        """Units that are not allocated."""
        return self.remaining - self.allocated

    @property
    def queue_key(self) -> QueueKey:
        """The line's place in its item's queue."""
        return (self.priority, self.requested_date, self.placed, self.line, self.order)


class Queued(Protocol):
    """An open line, or something that knows more of one."""

    @property
    def key(self) -> LineKey:
        """The order and the number of the line."""

    @property
    def backordered(self) -> int:
        """Units that are not allocated."""

    @property
    def queue_key(self) -> QueueKey:
        """The line's place in its item's queue."""


Line = TypeVar("Line", bound=Queued)


class OpenLines(dict[LineKey, Line]):
    """Open lines by key; ``queue_keys`` holds in order the queue keys of those that wait.

    Use :meth:`put` and :meth:`take_out`; assign to a key only to replace a line by one with the
    same place in the queue.
    """

    __slots__ = ("queue_keys",)

    def __init__(self, lines: Mapping[LineKey, Line] = {}) -> None:
        super().__init__(lines)
        self.queue_keys: list[QueueKey] = [
            line.queue_key for line in lines.values() if line.backordered
        ]
        self.queue_keys.sort()

    def put(self, line: Line) -> None:
        """Put a line in, in place of what it was before."""
        key = line.key
        before = self.get(key)
        if before is not None and before.backordered:
            del self.queue_keys[bisect_left(self.queue_keys, before.queue_key)]
        self[key] = line
        if line.backordered:
            # A new line mostly comes last: 0.04 us to see it instead of 0.36 to search a queue of
            # 10,000 for its place (`python -m benchmarks.fast_paths comes`). An order of three
            # lines takes 13 us behind 10,000, and 12 on idle items (`... behind`, 2026-11-30).
            queue_key = line.queue_key
            if self.queue_keys and queue_key < self.queue_keys[-1]:
                insort(self.queue_keys, queue_key)
            else:
                self.queue_keys.append(queue_key)

    def take_out(self, key: LineKey) -> Line:
        """Take a line out and return it. Raises ``KeyError`` where there is none."""
        line = self.pop(key)
        if line.backordered:
            del self.queue_keys[bisect_left(self.queue_keys, line.queue_key)]
        return line

    def waiting(self, start: QueueKey | None = None) -> Iterator[Line]:
        """Yield the lines that wait, first in the queue first, from a place on (all: ``None``)."""
        keys = self.queue_keys
        for *_, number, order in keys if start is None else keys[bisect_left(keys, start):]:
            yield self[order, number]

    def in_queue_order(self) -> list[Line]:
        """Return all lines as they would stand in the queue, those that wait for nothing too."""
        return sorted(self.values(), key=lambda line: line.queue_key)

    def of_order(self, order: str) -> list[Line]:
        """Return the lines of one order, first in the queue first."""
        found = (line for (of, _), line in self.items() if of == order)
        return sorted(found, key=lambda line: line.queue_key)

    def copy(self) -> Self:
        """Return a copy that shares nothing that changes."""
        copy = type(self)()
        copy.update(self)
        copy.queue_keys = list(self.queue_keys)
        return copy


# ------------------------------------------------------------------ what events do to them

LineOf = Callable[[LineKey], OpenLine]
"""Finds the open line of a key."""


def reserved_line(event: StockReserved, placed: int) -> OpenLine:
    """Return the line that a reservation opens, as the ``placed``-th event of its stream."""
    return OpenLine(
        event.order, event.line, event.pool, event.quantity, event.allocated, event.priority,
        event.requested_date, placed,
    )


def _allocated(
    event: BackorderAllocated | AllocationRevoked, line_of: LineOf
) -> tuple[OpenLine, ...]:
    line = line_of((event.order, event.line))
    return (replace(line, allocated=line.allocated + event.change),)


def _moved(event: AllocationMoved, line_of: LineOf) -> tuple[OpenLine, ...]:
    giver = line_of((event.from_order, event.from_line))
    taker = line_of((event.to_order, event.to_line))
    if giver.key == taker.key:
        return (giver,)
    return (
        replace(giver, allocated=giver.allocated - event.quantity),
        replace(taker, allocated=taker.allocated + event.quantity),
    )


def _reallocated(event: BackordersReallocated, line_of: LineOf) -> tuple[OpenLine, ...]:
    return tuple(
        replace(line_of((part.order, part.line)), allocated=part.after) for part in event.lines
    )


def _shipped(event: StockShipped, line_of: LineOf) -> tuple[OpenLine, ...]:
    line, units = line_of((event.order, event.line)), event.quantity
    return (replace(line, remaining=line.remaining - units, allocated=line.allocated - units),)


def _released(
    event: ReservationReleased | UnmanagedUnitsShipped, line_of: LineOf
) -> tuple[OpenLine, ...]:
    line = line_of((event.order, event.line))
    return (replace(
        line, remaining=line.remaining - event.quantity, allocated=line.allocated - event.allocated
    ),)


def _rescheduled(event: BackorderRescheduled, line_of: LineOf) -> tuple[OpenLine, ...]:
    line = line_of((event.order, event.line))
    return (replace(line, requested_date=event.requested_date),)


def _prioritised(event: BackorderPrioritised, line_of: LineOf) -> tuple[OpenLine, ...]:
    return (replace(line_of((event.order, event.line)), priority=event.priority),)


_CHANGES: Mapping[type[Event], Callable[[Any, LineOf], tuple[OpenLine, ...]]] = {
    BackorderAllocated: _allocated,
    AllocationRevoked: _allocated,
    AllocationMoved: _moved,
    BackordersReallocated: _reallocated,
    StockShipped: _shipped,
    ReservationReleased: _released,
    UnmanagedUnitsShipped: _released,
    BackorderRescheduled: _rescheduled,
    BackorderPrioritised: _prioritised,
}

CHANGING_LINES = frozenset(_CHANGES)
"""The events that change lines which are open already."""


def changed_lines(event: Event, line_of: LineOf) -> tuple[OpenLine, ...]:
    """Return the open lines that an event changes, as they are after it; none is left out.

    A line of which nothing remains is open no more.
    """
    change = _CHANGES.get(type(event))
    return () if change is None else change(event, line_of)
