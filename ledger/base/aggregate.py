"""Aggregates, and the envelopes in which their events are recorded.

Both satisfy the protocols of the ``eventsourcing`` library (``DomainEventProtocol``,
``CanMutateProtocol``, ``CollectEventsProtocol``), so its ``Application``, ``Repository`` and
notification log work on them. The library's own ``Aggregate`` with ``@event`` is not used: an event
takes 7.4 us with its decorators, 1.8 us without (``python -m benchmarks.fast_paths aggregates``,
2026-11-29).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, Self

from eventsourcing.domain import OriginatorIDError, OriginatorVersionError

from stocktrail.ledger.base.event import Event

_AGGREGATES: dict[str, "type[Aggregate]"] = {}


class Aggregate(ABC):
    """A consistency boundary whose state is the fold of the events in its stream.

    A subclass names its ``category``, the first part of its stream name, lists in ``appliers`` what
    each event does to its state, and decides: its public methods return the events that a request
    leads to, or raise a refusal, and change nothing.
    """

    __slots__ = (
        "id", "kept_bytes", "key", "pending", "put_in", "snapshot_version", "used_in", "version",
    )

    id: str
    """The name of the aggregate's stream."""

    key: str
    """The business key: the stream's name without its category."""

    put_in: int
    used_in: int
    """The turns of the cache in which it was put there, and used last."""

    kept_bytes: int
    """How much of the cache's memory it was counted with."""

    category: ClassVar[str]
    may_lack: ClassVar[frozenset[str]] = frozenset()
    """Fields of the state that snapshots of earlier versions lack; they have usable defaults."""

    appliers: ClassVar[Mapping[type[Event], Callable[[Any, Any], None]]]

    def __init_subclass__(cls) -> None:
        if "category" in cls.__dict__:
            _AGGREGATES[cls.category] = cls

    def __init__(self, stream: str) -> None:
        self.id = stream
        self.key = stream.partition("/")[2]
        self.version: int = 0
        self.snapshot_version: int = 0
        self.pending: Sequence[RecordedEvent] = ()
        self.put_in = self.used_in = self.kept_bytes = 0

    @classmethod
    def stream_of(cls, key: str) -> str:
        """Return the stream name of a business key, such as ``order/SO-1``."""
        return f"{cls.category}/{key}"

    def apply(self, event: Event, occurred_at: int | None = None) -> None:
        """Apply one more event to the state and the version.

        ``occurred_at`` is needed where the state is decided on or cached, and may be left out
        elsewhere.
        """
        self.version += 1
        self.appliers[type(event)](self, event)

    def trigger(self, event: Event) -> None:
        """Apply an event and keep it as pending, for callers that use the library alone."""
        self.apply(event, 0)
        self.pending = [*self.pending, RecordedEvent(self.id, self.version, event)]

    def collect_events(self) -> Sequence["RecordedEvent"]:
        """Return the pending events and clear them, as the library's ``save`` expects."""
        collected, self.pending = self.pending, ()
        return collected

    @property
    def weight(self) -> int:
        """How many entries the state has: a large state is written to snapshots more rarely."""
        return 1

    @abstractmethod
    def to_state(self) -> dict[str, Any]:
        """Return the whole state as JSON values, for a snapshot."""

    @abstractmethod
    def restore(self, state: dict[str, Any]) -> None:
        """Replace the state by one that :meth:`to_state` returned."""

    def blank_copy(self) -> Self:
        """Return an aggregate of the same stream and versions with an empty state."""
        copy = type(self)(self.id)
        copy.version, copy.snapshot_version = self.version, self.snapshot_version
        return copy

    @abstractmethod
    def clone(self) -> Self:
        """Return a copy, so that the decisions that follow can be rolled back."""

    def after(self, events: Iterable[Event]) -> Self:
        """Return a copy as it will be once events are recorded, for what is decided together.

        When they occurred is left out of it.
        """
        copy = self.clone()
        for event in events:
            copy.apply(event)
        return copy


def new_aggregate(stream: str) -> Aggregate:
    """Return the empty aggregate of a stream, by the category that its name begins with."""
    return _AGGREGATES[stream.partition("/")[0]](stream)


class RecordedEvent(NamedTuple):
    """An event in its envelope: its stream, version and position, and the command that caused it.

    ``position`` is 0 until the log has assigned one. Times are instants (microseconds, UTC).
    ``credential`` is the id of the token that sent the command, where one did; ``group`` is the
    same number in all that was recorded together as one atomic group. ``sequence`` is that of the
    row of the log that the event was read from, 0 before it was.
    """

    originator_id: str
    originator_version: int
    payload: Event
    position: int = 0
    occurred_at: int = 0
    recorded_at: int = 0
    command_id: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    actor: str | None = None
    credential: str | None = None
    group: int | None = None
    sequence: int = 0

    def mutate(self, aggregate: Aggregate | None) -> Aggregate:
        """Apply the payload to its aggregate, or to a new one when ``aggregate`` is ``None``.

        Raises the library's ``OriginatorIDError`` or ``OriginatorVersionError`` when the event
        belongs to another stream or is not the next one in its stream.
        """
        if aggregate is None:
            aggregate = new_aggregate(self.originator_id)
        if self.originator_id != aggregate.id:
            raise OriginatorIDError(self.originator_id, aggregate.id)
        if self.originator_version != aggregate.version + 1:
            raise OriginatorVersionError(self.originator_version, aggregate.version + 1)
        aggregate.apply(self.payload, self.occurred_at)
        return aggregate


class Snapshot(NamedTuple):
    """The state of an aggregate at one version, from which loading starts; never a source of truth.

    It shares no mutable object with the aggregate that it was taken of, nor with those made of it.
    """

    originator_id: str
    originator_version: int
    state: dict[str, Any]

    @classmethod
    def take(cls, aggregate: Aggregate) -> "Snapshot":
        """Return a snapshot of the current state of an aggregate."""
        return cls(aggregate.id, aggregate.version, aggregate.clone().to_state())

    def mutate(self, _: None) -> Aggregate:
        """Return a new aggregate with the state of the snapshot."""
        aggregate = new_aggregate(self.originator_id)
        aggregate.restore(self.state)
        aggregate.version = aggregate.snapshot_version = self.originator_version
        return aggregate.clone()
