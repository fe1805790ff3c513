"""The writer: decides groups of commands in memory and appends their events in one transaction.

Every command has exactly one outcome. Its id is looked up first: the same content again is a
duplicate with the original result, other content is a conflict. The commands of a unit are decided
in order, each seeing the ones before it, and are rolled back together when one fails.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import merge
from typing import Any, Literal, NamedTuple

import orjson
from msgspec import Raw

from stocktrail.ledger.base.aggregate import Aggregate, RecordedEvent, Snapshot
from stocktrail.ledger.base.decision import AlreadyRecorded
from stocktrail.ledger.refusal import Refusal, is_kept
from stocktrail.ledger.store.command_row import (
    MOST_EVENTS,
    NOTHING,
    CommandRow,
    Entry,
    IndexRow,
    parts_of,
    write_entries,
)
from stocktrail.ledger.store.engine.aggregate_cache import AggregateCache
from stocktrail.ledger.store.engine.already_recorded import LazyEvents, recorded_with
from stocktrail.ledger.store.engine.binding_outcomes import (
    as_sent,
    binding_outcomes,
    is_same_command,
    reissued_id,
)
from stocktrail.ledger.store.engine.decided import Clock, Decided
from stocktrail.ledger.store.engine.unit_of_work import Request, UnitOfWork
from stocktrail.ledger.store.errors import (
    DATABASE_ERRORS,
    StorageError,
    storage_error,
    translate_errors,
)
from stocktrail.ledger.store.mapper import LedgerMapper, SnapshotRow, snapshot_row
from stocktrail.ledger.store.outcome import JUDGED_AT, Head, Outcome
from stocktrail.ledger.store.recorder import Append, HeadMoved, LedgerRecorder

SNAPSHOT_AFTER = 200
"""A snapshot is taken after this many events, plus one for every entry of the state."""

LARGEST_GROUP = 1000
"""How many units are recorded together while there is no other writer."""

FIRST_GROUP = 64
"""How many units are written at once before it is known whether there are other writers."""

SMALLEST_GROUP = 20
SHARED_GROUP_SECONDS = 0.05
"""The target for how long one group keeps other writers waiting."""


class Writer:
    """Appends to one ledger, one thread at a time; a group commit serves many threads together.

    ``written_to`` is the end of the log after the last group. ``group_size`` is how many units to
    write at once: fewer while there are other writers, because a long group makes them wait. With a
    ``refusal`` nothing is written and it is raised instead. ``after_commit`` is called with the end
    of the log.
    """

    def __init__(
        self, recorder: LedgerRecorder, mapper: LedgerMapper, where: str,
        *, clock: Clock, capacity: int,
    ) -> None:
        self._recorder = recorder
        self._mapper = mapper
        self._where = where
        self._clock = clock
        self.aggregates = AggregateCache(recorder, mapper, capacity)
        self.written_to = Head(0, 0)
        self.refusal: StorageError | None = None
        self.after_commit: Callable[[Head], None] | None = None
        self.group_size = FIRST_GROUP
        self._lock = threading.Lock()

    def head(self) -> Head:
        """Return the end of the log that the next commands are judged against."""
        return self._recorder.head()

    def write(
        self, units: Sequence[Sequence[Request]], *, stop: bool = False
    ) -> list[list[Decided]]:
        """Decide and record units of requests in one transaction, in order.

        A unit of several requests is atomic. Returns the answer to every request, in the same
        shape; with ``stop``, units after the first one that failed are not tried. Raises
        :class:`StorageError` when nothing was recorded and repeating is safe.
        """
        if self.refusal is not None:
            raise self.refusal
        with self._lock:
            return self._write(units, stop=stop)

    def _write(self, units: Sequence[Sequence[Request]], *, stop: bool) -> list[list[Decided]]:
        lost_race = False
        while True:
            group = _Group(
                self._recorder, self._mapper, self.aggregates, self._clock, self._read_recorded
            )
            try:
                with self._recorder.appending() as append:
                    decided = group.decide(append, units, stop=stop)
                    group.append(append)
            except HeadMoved:
                self.aggregates.forget(event.originator_id for event in group.events)
                lost_race = True
                continue
            except DATABASE_ERRORS as error:
                self.aggregates.forget()
                if not self._was_committed(group):
                    raise storage_error(error, self._where) from error
            except BaseException:
                self.aggregates.forget()
                raise
            self.aggregates.position = group.head.position
            is_alone = not lost_race and self.written_to.position in (0, group.start.position)
            self._adapt_group_size(len(units), time.perf_counter() - group.began, is_alone)
            self.written_to = group.head
            self.aggregates.trim()
            if self.after_commit is not None:
                self.after_commit(group.head)
            return decided

    def _adapt_group_size(self, units: int, seconds: float, is_alone: bool) -> None:
        """Suggest smaller groups while there are other writers, and larger ones otherwise."""
        if is_alone:
            self.group_size = min(2 * self.group_size, LARGEST_GROUP)
        else:
            fits = int(units * SHARED_GROUP_SECONDS / seconds)
            self.group_size = max(SMALLEST_GROUP, min(fits, LARGEST_GROUP))

    def _read_recorded(self, first: int, last: int) -> list[RecordedEvent]:
        """Return the recorded events from a first to a last position."""
        with translate_errors(self._where):
            rows = self._recorder.rows(first - 1, last - first + 1, last)
        return [self._mapper.to_domain_event(row) for row in rows]

    def _was_committed(self, group: "_Group") -> bool:
        """Return whether a commit that ended in an error was recorded after all.

        Another writer may have received the same commands and recorded some of them: it was this
        commit only if every outcome is stored at the place and time that this group gave it.
        """
        ids = [outcome.command_id for outcome in group.outcomes]
        try:
            found = self._recorder.settled_outcomes(ids) if ids else {}
        except DATABASE_ERRORS as error:
            raise storage_error(error, self._where) from error
        return bool(ids) and all(
            outcome.is_same_as(found.get(outcome.command_id)) for outcome in group.outcomes
        )


class _NewRow(NamedTuple):
    """What is to be recorded of one command: its row, before its events are written out."""

    outcome: Outcome
    request: Request
    occurred_at: int
    events: Sequence[RecordedEvent] = ()
    group: int | None = None

    def as_row(self) -> CommandRow:
        """Return the row, without its events."""
        outcome, request = self.outcome, self.request
        return CommandRow(
            outcome.sequence, outcome.first_position, outcome.last_position, self.occurred_at,
            outcome.recorded_at, outcome.command_id, outcome.fingerprint, outcome.status,
            outcome.body, orjson.dumps(dict(outcome.result)) if outcome.result else b"{}", NOTHING,
            request.correlation_id, None, request.actor, request.credential, self.group,
        )


class _Group:
    """The commands of one commit: their events, outcomes and snapshots before they are recorded."""

    def __init__(
        self, recorder: LedgerRecorder, mapper: LedgerMapper, aggregates: AggregateCache,
        clock: Clock, read_recorded: Callable[[int, int], list[RecordedEvent]],
    ) -> None:
        self._recorder = recorder
        self._read_recorded = read_recorded
        self._mapper = mapper
        self._aggregates = aggregates
        self._clock = clock
        self._known: dict[str, Outcome] = {}
        self._reissued: set[str] = set()
        self._changed: dict[str, Aggregate] = {}
        self._before_images: dict[str, Aggregate] | None = None
        self.start = self.head = Head(0, 0)
        self.began = 0.0
        self.events: list[RecordedEvent] = []
        self.rows: list[_NewRow] = []

    @property
    def outcomes(self) -> list[Outcome]:
        """The outcomes that are to be recorded."""
        return [row.outcome for row in self.rows]

    def decide(
        self, append: Append, units: Sequence[Sequence[Request]], *, stop: bool
    ) -> list[list[Decided]]:
        ids = [request.command_id for unit in units for request in unit]
        self.start, kept = append.begin(ids)
        self._known, self._reissued = binding_outcomes(ids, kept, self._recorder.outcomes)
        self.began = time.perf_counter()         # from here on other writers wait
        self.head = self.start
        self._aggregates.catch_up(self.start)
        self._aggregates.prefetch(
            stream for unit in units for request in unit
            if request.command_id not in self._known for stream in request.streams
        )
        decided = []
        for unit in units:
            decided.append(self._decide_unit(unit))
            if stop and any(each.status not in ("accepted", "duplicate") for each in decided[-1]):
                break
        return decided

    def append(self, append: Append) -> None:
        if not self.rows:
            return
        rows: list[CommandRow] = []
        index: list[IndexRow] = []
        for new in self.rows:
            sequence = new.outcome.sequence
            entries = []
            for place, event in enumerate(new.events):
                stream, version, payload, _, occurred_at, *_ = event
                entries.append(Entry(
                    stream, version, payload.topic, Raw(payload.to_json()),
                    None if occurred_at == new.occurred_at else occurred_at,
                ))
                index.append((
                    stream, version, sequence + place // MOST_EVENTS, place % MOST_EVENTS
                ))
            row = new.as_row()
            if len(entries) > MOST_EVENTS:
                rows += parts_of(row, entries)
            else:
                rows.append(row._replace(events=write_entries(entries)) if entries else row)
        append.append(self.start, self.head, rows, index, self._snapshots())

    # ------------------------------------------------------------------ units

    def _decide_unit(self, unit: Sequence[Request]) -> list[Decided]:
        if len(unit) == 1:
            decided, new = self._decide(unit[0], None)
            self._add(new)
            return [decided]
        return self._decide_together(unit)

    def _decide_together(self, unit: Sequence[Request]) -> list[Decided]:
        saved = self._before_images = {}
        head, events, rows = self.head, len(self.events), len(self.rows)
        answers: list[Decided] = []
        failed: tuple[int, _NewRow | None] | None = None
        for number, request in enumerate(unit):
            decided, new = self._decide(request, head.sequence + 1)
            answers.append(decided)
            if decided.status not in ("accepted", "duplicate"):
                failed = (number, new)
                break
            self._add(new)
        self._before_images = None
        if failed is None:
            return answers
        for aggregate in saved.values():
            self._aggregates.put(aggregate)
            self._changed.pop(aggregate.id, None)
        for row in self.rows[rows:]:
            del self._known[self._id_of(row.outcome)]
        self.head = head
        del self.events[events:], self.rows[rows:]
        return self._fail_together(unit, answers, *failed)

    def _fail_together(
        self, unit: Sequence[Request], answers: list[Decided], number: int,
        refused: "_NewRow | None",
    ) -> list[Decided]:
        """Return the answers of a unit in which one request failed, and keep its binding outcomes.

        The position of the refusal is that of the log: the unit's own events, which the request was
        also judged against, were rolled back.
        """
        because = answers[-1]
        if because.original is None or because.status == "conflict":
            because = because._replace(position=self.head.position)
        is_sticky = refused is not None or (
            because.original is not None and because.status in ("rejected", "group_failed")
        )
        judged_at = self._now() if refused is None else refused.outcome.result[JUDGED_AT]
        result = {
            "failed_id": because.result.get("failed_id", unit[number].command_id),
            JUDGED_AT: judged_at,
        }
        decided: list[Decided] = []
        for at, request in enumerate(unit):
            before = self._known.get(request.command_id)
            if at == number:
                if refused is not None:
                    kept = refused.outcome.result
                    self._add(self._refused(request, "rejected", kept, refused.outcome.recorded_at))
                decided.append(because)
            elif before is not None:
                decided.append(self._answer_known(request, before))
            else:
                if is_sticky:
                    self._add(self._refused(request, "group_failed", result, judged_at))
                decided.append(Decided("group_failed", self.head.position, result=result))
        return decided

    # ------------------------------------------------------------------ one request

    def _decide(
        self, request: Request, group: int | None
    ) -> tuple[Decided, "_NewRow | None"]:
        known = self._known.get(request.command_id)
        if known is not None:
            return self._answer_known(request, known), None
        recorded_at = self._now()
        work = UnitOfWork(
            self._aggregates, request, self.head.position, recorded_at, self._streams,
            self._recorded_with, self._before_change, self.events, group,
        )
        try:
            work.record(request.decide(work))
        except Refusal as refusal:
            result = {**refusal.as_json(), JUDGED_AT: recorded_at}
            kept = None
            if is_kept(result):
                kept = self._refused(request, "rejected", result, recorded_at)
            return Decided("rejected", self.head.position, result=result), kept
        except AlreadyRecorded as before:
            return self._answer_already_recorded(before), None
        result = {"messages": work.messages} if work.messages else {}
        outcome = self._outcome(request, "accepted", len(work.events), result, recorded_at)
        new = _NewRow(outcome, request, work.occurred_at, work.events, group)
        return Decided("accepted", outcome.last_position, work.events, result), new

    def _now(self) -> int:
        return max(self._clock(), self.head.recorded_at + 1)

    def _answer_known(self, request: Request, known: Outcome) -> Decided:
        if not is_same_command(known, request.fingerprint, request.body):
            return Decided("conflict", self.head.position, original=known)
        if known.status != "accepted":
            return Decided(
                known.status, known.last_position, result=known.result, original=known
            )
        return self._duplicate(known)

    def _duplicate(self, known: Outcome) -> Decided:
        first, last = known.first_position, known.last_position
        events: Sequence[RecordedEvent]
        if first > self.start.position:
            offset = self.start.position + 1
            events = self.events[first - offset : last + 1 - offset]
        else:
            events = LazyEvents(self._read_recorded, first, last)
        return Decided("duplicate", last, events, known.result, original=known)

    def _answer_already_recorded(self, before: AlreadyRecorded) -> Decided:
        """Return the answer to a business id that was used before with the same content."""
        for event in self.events:
            if (event.originator_id, event.originator_version) == (before.stream, before.version):
                return self._duplicate(self._known[str(event.command_id)])
        row = self._recorder.stream(before.stream, before.version - 1, before.version)[0]
        if row.command_id is None:               # recorded by the library's `save`
            return Decided("duplicate", row.id, [self._mapper.to_domain_event(row)])
        ids, look_up = [row.command_id], self._recorder.outcomes
        return self._duplicate(binding_outcomes(ids, look_up(ids), look_up)[0][ids[0]])

    def _refused(
        self, request: Request, status: Literal["rejected", "group_failed"],
        result: Mapping[str, Any], judged_at: int,
    ) -> "_NewRow":
        occurred_at = request.occurred_at_or_none
        return _NewRow(
            self._outcome(request, status, 0, result, judged_at), request,
            judged_at if occurred_at is None else occurred_at,
        )

    def _outcome(
        self, request: Request, status: Literal["accepted", "rejected", "group_failed"],
        events: int, result: Mapping[str, Any], recorded_at: int,
    ) -> Outcome:
        position, _, sequence = self.head
        name = request.command_id
        return Outcome(
            reissued_id(name) if name in self._reissued else name, request.fingerprint, status,
            position + 1, position + events, request.body, result, sequence + 1, recorded_at,
        )

    def _id_of(self, outcome: Outcome) -> str:
        return as_sent(outcome).command_id if self._reissued else outcome.command_id

    def _add(self, new: "_NewRow | None") -> None:
        if new is None:
            return
        outcome, count = new.outcome, len(new.events)
        self.rows.append(new)
        self._known[self._id_of(outcome)] = outcome
        self.events.extend(new.events)
        parts = 1 if count <= MOST_EVENTS else -(-count // MOST_EVENTS)
        self.head = Head(
            outcome.last_position,
            # A refusal was judged a microsecond later at the earliest, and so is what follows it.
            max(self.head.recorded_at, outcome.recorded_at + count - 1),
            self.head.sequence + parts,
        )

    # ------------------------------------------------------------------ aggregates

    def _before_change(self, aggregate: Aggregate) -> None:
        if self._before_images is not None and aggregate.id not in self._before_images:
            self._before_images[aggregate.id] = aggregate.clone()
        self._changed[aggregate.id] = aggregate

    def _streams(self, category: str) -> Iterator[str]:
        """Yield the names of the streams of a category in order, including new ones of this commit.

        The order is fixed because the result must not depend on how commands are grouped.
        """
        prefix = f"{category}/"
        new = {
            event.originator_id for event in self.events
            if event.originator_version == 1 and event.originator_id.startswith(prefix)
        }
        yield from merge(self._recorder.streams(category), sorted(new))

    def _recorded_with(self, stream: str) -> Iterator[RecordedEvent]:
        """Yield the events of commands that recorded any in a stream, in this commit too."""
        return recorded_with(self._recorder, self._mapper, self.events, stream)

    def _snapshots(self) -> list[SnapshotRow]:
        stored = []
        for aggregate in self._changed.values():
            if aggregate.version - aggregate.snapshot_version >= SNAPSHOT_AFTER + aggregate.weight:
                stored.append(snapshot_row(Snapshot.take(aggregate)))
                aggregate.snapshot_version = aggregate.version
        return stored
