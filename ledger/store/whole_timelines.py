"""All that ever moved at the sources of an item: read from the log for facts far in the past.

Whoever sends one such fact mostly sends more of them, a day or a year that is entered late. So the
timelines that were read last stay in memory, and only what is new is read from the log.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping

from ledger.base.aggregate import RecordedEvent
from ledger.catalogue import CATALOGUE
from ledger.stock.back_dated import add_to_timelines
from ledger.stock.events import MOVING
from ledger.stock.timeline import Timeline
from ledger.store.mapper import LedgerMapper
from ledger.store.recorder import LedgerRecorder

MOST_ITEMS = 16
"""The timelines of how many items stay in memory."""

_TOPICS = frozenset(event.topic for event in MOVING)


class WholeTimelines:
    """Reads whole timelines of items, as far as the log was when somebody decides."""

    def __init__(self, recorder: LedgerRecorder, mapper: LedgerMapper) -> None:
        self._recorder = recorder
        self._mapper = mapper
        self._kept: OrderedDict[str, tuple[int, dict[str, Timeline]]] = OrderedDict()

    def of(
        self, stream: str, until: int, newest: Iterable[RecordedEvent]
    ) -> Mapping[str, Timeline]:
        """Give all that moved up to a position of the log, and by the newest events after it.

        Of the newest events, those of other streams do not count.
        """
        version, whole = self._kept.pop(stream, (0, {}))
        for row in self._recorder.stream(stream, version):
            if row.id > until:
                break
            version = row.originator_version
            if CATALOGUE.current(row.topic) in _TOPICS:
                add_to_timelines([self._mapper.to_domain_event(row)], whole)
        self._kept[stream] = (version, whole)
        if len(self._kept) > MOST_ITEMS:
            self._kept.popitem(last=False)
        found = {source: timeline.copy() for source, timeline in whole.items()}
        add_to_timelines((each for each in newest if each.originator_id == stream), found)
        return found

    def forget(self) -> None:
        """Drop everything: the log may not be what it was."""
        self._kept.clear()
