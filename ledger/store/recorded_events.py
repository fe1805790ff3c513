"""The events of a command that was recorded before: read from the log when somebody looks at them.

A script that is sent again is answered from the outcomes alone; most of its readers never ask for
the events.
"""

from collections.abc import Callable, Sequence
from typing import overload

from ledger.base.aggregate import RecordedEvent


class EventsBetween(Sequence[RecordedEvent]):
    """The events of the log from a first to a last position, both included; none if it is after."""

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
            self._events = self._read(self._first, self._last) if self else []
        return self._events[place]
