"""All that ever moved at the sources of an item: read from the log for facts far in the past.

Whoever sends one such fact mostly sends more of them, a day or a year that is entered late. So the
timelines that were asked for last stay in memory and follow what is recorded, and only what others
recorded is read from the log.
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

MOST_ITEMS = 16
"""The timelines of how many items stay in memory."""

_TOPICS = frozenset(event.topic for event in MOVING)


@dataclass(slots=True)
class _Whole:
    """The timelines of one item, up to a version of its stream.

    ``position`` is the end of the log that they were compared with; what is recorded on top of it
    is told to them.
    """

    timelines: dict[str, Timeline] = field(default_factory=dict)
    version: int = 0
    position: int = -1

    def add(self, event: RecordedEvent) -> None:
        """Add one more event of the item."""
        if event.originator_version > self.version:
            add_to_timelines([event], self.timelines)
            self.version = event.originator_version


class WholeTimelines:
    """Keeps whole timelines of items, as of the end of the log that commands are judged against."""

    def __init__(self, recorder: LedgerRecorder, mapper: LedgerMapper) -> None:
        self._recorder = recorder
        self._mapper = mapper
        self._kept: OrderedDict[str, _Whole] = OrderedDict()

    def of(
        self, stream: str, position: int, pending: Iterable[RecordedEvent]
    ) -> Mapping[str, Timeline]:
        """Return all that moved at the sources of an item.

        That is up to a position of the log, and by what is about to be recorded after it.
        """
        whole = self._kept.pop(stream, None) or _Whole()
        self._kept[stream] = whole
        if len(self._kept) > MOST_ITEMS:
            self._kept.popitem(last=False)
        if whole.position != position:
            for row in self._recorder.stream(stream, whole.version):
                if row.id > position:
                    break
                if CATALOGUE.current(row.topic) in _TOPICS:
                    whole.add(self._mapper.to_domain_event(row))
                whole.version = row.originator_version
            for event in pending:
                if event.originator_id == stream:
                    whole.add(event)
            whole.position = position
        return whole.timelines

    def follow(self, stream: str, position: int, events: Sequence[RecordedEvent]) -> None:
        """Add what is about to be recorded after a position of the log.

        Timelines that were not compared with that position yet are told when they are asked for.
        """
        whole = self._kept.get(stream)
        if whole is not None and whole.position == position:
            for event in events:
                whole.add(event)

    def forget(self, streams: Iterable[str] | None = None) -> None:
        """Drop what may not be what the log says; everything by default."""
        if streams is None:
            self._kept.clear()
            return
        for stream in streams:
            self._kept.pop(stream, None)
