"""Events of commands that are already recorded, read from the log only when they are used.

A script that is sent again is answered from the stored outcomes; most callers never look at the
events.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import overload

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.store.engine.binding_outcomes import binding_outcomes
from stocktrail.ledger.store.mapper import LedgerMapper
from stocktrail.ledger.store.recorder import LedgerRecorder


class LazyEvents(Sequence[RecordedEvent]):
    """The events from a first to a last position, both included; empty if they cross.

    They are what was told when they were recorded, before a row had been read: without a sequence.
    """

    __slots__ = ("_events", "_first", "_last", "_read")

    def __init__(
        self, read: Callable[[int, int], list[RecordedEvent]], first: int, last: int
    ) -> None:
        self._read = read
        self._first = first
        self._last = last
        self._events: list[RecordedEvent] | None = None

    def __len__(self) -> int:
        return max(self._last - self._first + 1, 0)

    @overload
    def __getitem__(self, place: int) -> RecordedEvent: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[RecordedEvent]: ...

    def __getitem__(self, place: int | slice) -> RecordedEvent | Sequence[RecordedEvent]:
        if self._events is None:
            found = self._read(self._first, self._last) if self else []
            self._events = [recorded._replace(sequence=0) for recorded in found]
        return self._events[place]


def recorded_with(
    recorder: LedgerRecorder, mapper: LedgerMapper, pending: Sequence[RecordedEvent], stream: str
) -> Iterator[RecordedEvent]:
    """Yield the events of all commands that recorded any event in a stream, in log order.

    ``pending`` events, which are about to be recorded, come last.
    """
    rows = recorder.stream(stream)
    commands = list(dict.fromkeys(row.command_id for row in rows if row.command_id is not None))
    look_up = recorder.outcomes
    found, _ = binding_outcomes(commands, look_up(commands), look_up)
    for outcome in sorted(found.values(), key=lambda each: each.first_position):
        first, last = outcome.first_position, outcome.last_position
        for row in recorder.rows(first - 1, last - first + 1, last):
            yield mapper.to_domain_event(row)
    together = {event.command_id for event in pending if event.originator_id == stream}
    yield from (event for event in pending if event.command_id in together)
