"""The open lines of an item: order lines that still want units, and the queue of those that wait.

The aggregate decides by them, and the read model of promises computes when they can ship. Both keep
them in :class:`OpenLines`, and :func:`changed_lines` defines for both what an event does to them.

Rules 1.4 and 4.3 are the source.
"""

from collections.abc import Callable, Container, Iterator, Mapping
from datetime import date
from typing import Any, Protocol, Self, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.line_units import LineKey as LineKey
from stocktrail.ledger.line_units import OrderLines
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
from stocktrail.ledger.stock.pool_queues import PoolQueues
from stocktrail.ledger.stock.pool_queues import QueueKey as QueueKey


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
    def pool(self) -> str:
        """The pool in which it was sold."""

    @property
    def allocated(self) -> int:
        """Units that it has."""

    @property
    def backordered(self) -> int:
        """Units that are not allocated."""

    @property
    def queue_key(self) -> QueueKey:
        """The line's place in its item's queue."""


Line = TypeVar("Line", bound=Queued)


class OpenLines(dict[LineKey, Line]):
    """Open lines by key; ``queues`` holds the places of those that wait, in order by pool.

    Use :meth:`put` and :meth:`take_out`; assign to a key only to replace a line by one with the
    same place in the queue and the same units. While lines are gone through in queue order, put
    only lines that stay where they are.
    """

    __slots__ = ("_holding", "queues")

    def __init__(self, lines: Mapping[LineKey, Line] = {}) -> None:
        super().__init__(lines)
        self.queues: PoolQueues = PoolQueues.of(line for line in lines.values() if line.backordered)
        self._holding: PoolQueues | None = None

    @property
    def queue_keys(self) -> list[QueueKey]:
        """The places of all lines that wait, in order; not to be changed."""
        return self.queues.as_one()

    def put(self, line: Line) -> None:
        """Put a line in, in place of what it was before."""
        key = line.key
        before = self.get(key)
        self[key] = line
        if before is None:
            if line.backordered:
                self.queues.add(line.pool, line.queue_key)
            if self._holding is not None and line.allocated:
                self._holding.add(line.pool, line.queue_key)
            return
        self.queues.move(
            before if before.backordered else None, line if line.backordered else None
        )
        if self._holding is not None:
            self._holding.move(
                before if before.allocated else None, line if line.allocated else None
            )

    def take_out(self, key: LineKey) -> Line:
        """Take a line out and return it. Raises ``KeyError`` where there is none."""
        line = self.pop(key)
        if line.backordered:
            self.queues.remove(line.pool, line.queue_key)
        if self._holding is not None and line.allocated:
            self._holding.remove(line.pool, line.queue_key)
        return line

    def waiting(self, passed: Container[str] = ()) -> Iterator[Line]:
        """Yield the lines that wait, first in the queue first.

        Those of pools that are ``passed`` over are left out, from when a pool is added there.
        """
        for *_, number, order in self.queues.in_order(passed):
            yield self[order, number]

    def holding(self, passed: Container[str] = ()) -> Iterator[Line]:
        """Yield the lines that have units, last in the queue first.

        Those of pools that are ``passed`` over are left out, from when a pool is added there. Units
        are taken back from few items, so the order is kept from the first time on that it is asked
        for.
        """
        if self._holding is None:
            self._holding = PoolQueues.of(line for line in self.values() if line.allocated)
        for *_, number, order in self._holding.from_the_end(passed):
            yield self[order, number]

    def in_queue_order(self) -> list[Line]:
        """Return all lines as they would stand in the queue, those that wait for nothing too."""
        return sorted(self.values(), key=lambda line: line.queue_key)

    def of_order(self, lines: OrderLines) -> list[Line]:
        """Return those lines of an order that are open, first in the queue first."""
        found = (self.get((lines.order, number)) for number in lines.numbers)
        return sorted(
            (line for line in found if line is not None), key=lambda line: line.queue_key
        )

    def copy(self) -> Self:
        """Return a copy that shares nothing that changes."""
        copy = type(self)()
        copy.update(self)
        copy.queues = self.queues.copy()
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
