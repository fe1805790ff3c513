"""A cache of aggregates: the ones that commands used most recently, all at one log position.

The cache is an identity map for the writer. It holds nothing that cannot be read from the log
again, and after any failure it is cleared.
"""

from collections import OrderedDict
from collections.abc import Iterable
from typing import cast

from stocktrail.ledger.base.aggregate import (
    Aggregate,
    RecordedEvent,
    Snapshot,
    new_aggregate,
)
from stocktrail.ledger.catalogue import CATALOGUE
from stocktrail.ledger.store.command_row import Entry, read_entries
from stocktrail.ledger.store.engine.carried_items import CarriedItems
from stocktrail.ledger.store.engine.timeline_cache import TimelineCache
from stocktrail.ledger.store.mapper import LedgerMapper
from stocktrail.ledger.store.outcome import Head
from stocktrail.ledger.store.recorder import LedgerRecorder

DEFAULT_CAPACITY = 100_000
"""How many aggregates stay in memory."""

MOST_BYTES = 256 << 20
"""How much memory they may take, about: an item with very many open lines counts for them all."""

BYTES_OF_ONE, BYTES_OF_ENTRY = 1_800, 900
"""What an aggregate takes, and each entry of its state (measured: 3.1 KB an item of 1.6 entries,
1.7 KB an order; ``tracemalloc``, 2026-11-30)."""

TAIL_LIMIT = 20_000
"""If other writers appended more rows than this, the cache is cleared instead of caught up.

It is also cleared when the log has become shorter because another file was put in its place.
"""

ROWS_IN_TURN = 500
"""How many rows of others are read while they wait: a longer tail is read before one's turn."""

PAGE = 500
"""How many rows are read at a time."""


class AggregateCache:
    """A bounded cache of aggregates, all at the same position of the log."""

    def __init__(
        self, recorder: LedgerRecorder, mapper: LedgerMapper, capacity: int
    ) -> None:
        self._recorder = recorder
        self._mapper = mapper
        self._capacity = capacity
        self._aggregates: OrderedDict[str, Aggregate] = OrderedDict()
        self._turn = 1
        self._touched: set[str] = set()
        self.bytes: int = 0
        self.head: Head = Head(0, 0)
        self.timelines: TimelineCache = TimelineCache(recorder, mapper)
        self.carried: CarriedItems = CarriedItems()

    @property
    def position(self) -> int:
        """The last position that the aggregates include."""
        return self.head.position

    def __len__(self) -> int:
        return len(self._aggregates)

    def get(self, stream: str) -> Aggregate:
        """Return the aggregate of a stream, from memory or from the log; empty if the stream is."""
        aggregate = self._aggregates.get(stream)
        if aggregate is None:
            self.prefetch([stream])
            aggregate = self._aggregates[stream]
        aggregate.used_in = self._turn
        self._touched.add(stream)
        return aggregate

    def presume_new(self, streams: Iterable[str]) -> set[str]:
        """Take streams for new unless their aggregates are in memory; return those taken so."""
        presumed = {stream for stream in streams if stream not in self._aggregates}
        for stream in presumed:
            self._put(new_aggregate(stream))
        return presumed

    def prefetch(self, streams: Iterable[str]) -> None:
        """Load the aggregates of several streams that are not in memory, in one query."""
        missing = [stream for stream in dict.fromkeys(streams) if stream not in self._aggregates]
        if not missing:
            return
        snapshots, rows = self._recorder.histories(missing)
        loaded = {
            str(stored.originator_id): cast(
                Snapshot, self._mapper.to_domain_event(stored)
            ).mutate(None)
            for stored in snapshots
        }
        for stream in missing:
            if stream not in loaded:
                loaded[stream] = new_aggregate(stream)
        for row in rows:
            self._mapper.to_domain_event(row).mutate(loaded[str(row.originator_id)])
        for aggregate in loaded.values():
            self._put(aggregate)

    def put(self, aggregate: Aggregate) -> None:
        """Replace the cached aggregate of its stream by this one."""
        self._put(aggregate)
        self.timelines.forget([aggregate.id])

    def _put(self, aggregate: Aggregate) -> None:
        aggregate.put_in = aggregate.used_in = self._turn
        before = self._aggregates.get(aggregate.id)
        if before is not None and before is not aggregate:
            self.bytes -= before.kept_bytes
        self._aggregates[aggregate.id] = aggregate
        self._touched.add(aggregate.id)

    def is_near(self, head: Head) -> bool:
        """Return whether little was appended since, so that others may wait while it is read."""
        return 0 <= head.sequence - self.head.sequence <= ROWS_IN_TURN

    def catch_up(self, head: Head) -> None:
        """Apply the events that other writers appended since to the cached aggregates.

        Only events of these are decoded.
        """
        done = self.head.sequence
        if head.sequence != done:
            self.carried.forget()
        if not 0 <= head.sequence - done <= TAIL_LIMIT:
            self.forget()
        while done < head.sequence and self._aggregates:
            until = min(done + PAGE, head.sequence)
            page = self._recorder.events_between(done, until)
            if len(page) < until - done:         # rows are missing: nothing may be decided on them
                self.forget()
            for occurred_at, events in page:
                self._apply(read_entries(events), occurred_at)
            done = until
        self.head = head

    def _apply(self, entries: Iterable[Entry], occurred_at: int) -> None:
        for entry in entries:
            aggregate = self._aggregates.get(entry.stream)
            if aggregate is not None and entry.version > aggregate.version:
                event = CATALOGUE.read(entry.type, entry.payload)
                happened_at = occurred_at if entry.occurred_at is None else entry.occurred_at
                RecordedEvent(
                    entry.stream, entry.version, event, occurred_at=happened_at
                ).mutate(aggregate)

    def forget(self, streams: Iterable[str] | None = None) -> None:
        """Drop aggregates whose state may differ from the log; all of them by default."""
        if streams is None:
            self._aggregates.clear()
            self._touched.clear()
            self.bytes = 0
            self.timelines.forget()
            self.carried.forget()
            return
        streams = list(streams)
        self.timelines.forget(streams)
        for stream in streams:
            forgotten = self._aggregates.pop(stream, None)
            if forgotten is not None:
                self.bytes -= forgotten.kept_bytes

    def _count_bytes(self) -> None:
        """Count again what was touched in this turn: only that can have grown or shrunk."""
        for stream in self._touched:
            aggregate = self._aggregates.get(stream)
            if aggregate is not None:
                now = BYTES_OF_ONE + BYTES_OF_ENTRY * aggregate.weight
                self.bytes += now - aggregate.kept_bytes
                aggregate.kept_bytes = now
        self._touched.clear()

    def trim(self) -> None:
        """Drop the least recently used aggregates, down to the capacity and the bytes.

        A new turn begins. To move each to the end of the line whenever it is used would take longer
        than to use it. So each carries the turn in which it was used, and moves when its own comes
        to leave. What was used in this turn stays, however large it is.
        """
        self._count_bytes()
        aggregates = self._aggregates
        while len(aggregates) > self._capacity or self.bytes > MOST_BYTES:
            stream, aggregate = aggregates.popitem(last=False)
            if self._capacity and aggregate.used_in > aggregate.put_in:
                aggregate.put_in = aggregate.used_in
                aggregates[stream] = aggregate
            elif len(aggregates) < self._capacity and aggregate.put_in == self._turn:
                aggregates[stream] = aggregate
                break
            else:
                self.bytes -= aggregate.kept_bytes
        self._turn += 1
