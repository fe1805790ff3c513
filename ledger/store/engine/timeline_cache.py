"""Complete movement histories of items, read from the log for facts far in the past.

Late facts arrive in runs: a day or a year of till receipts that is entered late. The most recently
used histories therefore stay in memory and are extended as events are recorded; only what other
writers recorded is read from the log.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.catalogue import CATALOGUE
from stocktrail.ledger.stock.back_dated import add_to_timelines
from stocktrail.ledger.stock.events import MOVING
from stocktrail.ledger.stock.timeline import Timeline
from stocktrail.ledger.store.mapper import LedgerMapper
from stocktrail.ledger.store.recorder import LedgerRecorder

MAX_ITEMS = 16
"""How many items' histories stay in memory."""

MOST_BYTES = 64 << 20
"""How much memory they may take; the one that was used last stays, however long it is."""

BYTES_OF_MOVEMENT = 24
"""A movement is three integers in arrays."""

_TOPICS = frozenset(event.topic for event in MOVING)


@dataclass(slots=True)
class _CachedTimelines:
    """The timelines of one item, up to a version of its stream.

    ``position`` is the end of the log at which they were last compared with it; events recorded
    after that are added to them.
    """

    timelines: dict[str, Timeline] = field(default_factory=dict)
    version: int = 0
    position: int = -1

    @property
    def bytes(self) -> int:
        """About how much memory they take."""
        return BYTES_OF_MOVEMENT * sum(map(len, self.timelines.values()))

    def add(self, event: RecordedEvent) -> None:
        """Add one more event of the item."""
        if event.originator_version > self.version:
            add_to_timelines([event], self.timelines)
            self.version = event.originator_version


class TimelineCache:
    """Complete timelines of items, at the end of the log that commands are judged against."""

    def __init__(self, recorder: LedgerRecorder, mapper: LedgerMapper) -> None:
        self._recorder = recorder
        self._mapper = mapper
        self._cached: OrderedDict[str, _CachedTimelines] = OrderedDict()

    def __len__(self) -> int:
        return len(self._cached)

    @property
    def bytes(self) -> int:
        """About how much memory the timelines take."""
        return sum(each.bytes for each in list(self._cached.values()))

    def of(
        self, stream: str, position: int, pending: Iterable[RecordedEvent]
    ) -> Mapping[str, Timeline]:
        """Return every movement at the sources of an item.

        It covers the log up to ``position``, then the ``pending`` events.
        """
        cached = self._cached.pop(stream, None) or _CachedTimelines()
        self._cached[stream] = cached
        if len(self._cached) > MAX_ITEMS:
            self._cached.popitem(last=False)
        if cached.position != position:
            for row in self._recorder.stream(stream, cached.version):
                if row.id > position:
                    break
                if CATALOGUE.current(row.topic) in _TOPICS:
                    cached.add(self._mapper.to_domain_event(row))
                cached.version = row.originator_version
            for event in pending:
                if event.originator_id == stream:
                    cached.add(event)
            cached.position = position
            while len(self._cached) > 1 and self.bytes > MOST_BYTES:
                self._cached.popitem(last=False)
        return cached.timelines

    def follow(
        self, stream: str, position: int, recorded: Sequence[RecordedEvent], count: int
    ) -> None:
        """Add the last ``count`` events, which are about to be recorded after a position.

        Timelines that were not yet compared with that position read the events when they are next
        used.
        """
        cached = self._cached.get(stream)
        if cached is not None and cached.position == position:
            for event in recorded[-count:]:
                cached.add(event)

    def forget(self, streams: Iterable[str] | None = None) -> None:
        """Drop timelines that may differ from the log; all of them by default."""
        if streams is None:
            self._cached.clear()
            return
        for stream in streams:
            self._cached.pop(stream, None)
