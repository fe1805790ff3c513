"""The group: commands that are decided one after the other and recorded in one commit.

Commands and what they begin are presumed to be new, as nearly all are: no look-up says so, but a
unique key of the database says otherwise. Then the group is decided again, with look-ups. An order
of three lines takes 3 to 4 us less (``python -m benchmarks.fast_paths presumed``, 2026-11-30).
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import merge
from typing import Any, Literal

from stocktrail.ledger.base.aggregate import Aggregate, RecordedEvent, Snapshot
from stocktrail.ledger.base.decision import AlreadyRecorded
from stocktrail.ledger.refusal import Refusal, is_kept
from stocktrail.ledger.store.engine.aggregate_cache import AggregateCache
from stocktrail.ledger.store.engine.already_recorded import LazyEvents, recorded_with
from stocktrail.ledger.store.engine.binding_outcomes import (
    binding_outcomes,
    is_same_command,
    reissued_id,
)
from stocktrail.ledger.store.engine.decided import NOTHING, Clock, Decided
from stocktrail.ledger.store.engine.new_row import NewRow, rows_and_index
from stocktrail.ledger.store.engine.unit_of_work import Header, Request, UnitOfWork
from stocktrail.ledger.store.mapper import LedgerMapper, SnapshotRow, snapshot_row
from stocktrail.ledger.store.outcome import JUDGED_AT, Head, Outcome, id_as_sent
from stocktrail.ledger.store.recorder import Append, LedgerRecorder

SNAPSHOT_AFTER = 200
"""A snapshot is taken after this many events, plus one for every entry of the state."""

PRESUMES_FROM = 8
"""How many commands a group must have for the look-ups to cost more than deciding it again."""


class PresumedWrong(Exception):
    """What was presumed to be new is known: the group must be decided again, with look-ups."""


class FarBehind(Exception):
    """Others appended so much that it is to be read while they go on, before the turn is taken."""


class CommitGroup:
    """The commands of one commit: their events, outcomes and snapshots before they are recorded."""

    def __init__(
        self, recorder: LedgerRecorder, mapper: LedgerMapper, aggregates: AggregateCache,
        clock: Clock, read_recorded: Callable[[int, int], list[RecordedEvent]],
        *, looks_up: bool,
    ) -> None:
        self._recorder = recorder
        self._read_recorded = read_recorded
        self._mapper = mapper
        self.aggregates = aggregates
        self._clock = clock
        self._looks_up = looks_up
        self._unasked: set[str] = set()
        self._presumed: set[str] = set()
        self._known: dict[str, Outcome | NewRow] = {}
        self._reissued: set[str] = set()
        self._changed: dict[str, Aggregate] = {}
        self._before_images: dict[str, Aggregate] | None = None
        self.start: Head = Head(0, 0)
        self.head: Head = self.start
        self.began: float = 0.0
        self.events: list[RecordedEvent] = []
        self.rows: list[NewRow] = []

    @property
    def outcomes(self) -> list[Outcome]:
        """The outcomes that are to be recorded."""
        return [row.outcome for row in self.rows]

    @property
    def touched(self) -> set[str]:
        """The streams whose cached aggregates are ahead of the log, or were presumed to be new."""
        return self._presumed.union(event.originator_id for event in self.events)

    @property
    def presumes(self) -> bool:
        """Whether anything was presumed to be new that a unique key may still contradict."""
        return not self._looks_up

    def decide(
        self, append: Append, units: list[Sequence[Request]],
        more: Callable[[], Sequence[Sequence[Request]]], *, stop: bool,
    ) -> list[list[Decided]]:
        """Decide units of requests in order, and return the answers.

        Once it is this writer's turn, ``more`` is called once for units that have come meanwhile;
        they are added to ``units``. Raises :class:`PresumedWrong` when a command that was presumed
        to be new is not, and :class:`FarBehind` before anything is decided.
        """
        ids = _ids(units)
        self._looks_up = self._looks_up or len(ids) < PRESUMES_FROM
        asked = ids if self._looks_up else [ids[0], ids[-1], *_not_ascii(ids)]
        self.start, kept = append.begin(asked)
        self.began = time.perf_counter()         # from here on other writers wait
        if came := more():
            units += came
            ids = [*ids, *_ids(came)]
        self._looks_up = self._looks_up or bool(kept)       # sent again: the rest may be known too
        missing = set(ids if self._looks_up else _not_ascii(ids)).difference(asked)
        if missing:
            kept |= self._recorder.outcomes([*missing])
            asked = [*asked, *missing]
        self._unasked = set(ids).difference(asked)
        known, self._reissued = binding_outcomes(asked, kept, self._recorder.outcomes)
        self._known = {**known}
        self.head = self.start
        if not self.aggregates.is_near(self.start):
            raise FarBehind
        self.aggregates.catch_up(self.start)
        self._prefetch(units)
        decided = []
        for unit in units:
            decided.append(self._decide_unit(unit))
            if stop and any(each.status not in ("accepted", "duplicate") for each in decided[-1]):
                break
        self._confirm()
        return decided

    def _prefetch(self, units: Sequence[Sequence[Request]]) -> None:
        requests = [
            request for unit in units for request in unit if request.command_id not in self._known
        ]
        if not self._looks_up:
            self._presumed = self.aggregates.presume_new(
                begun for each in requests if (begun := each.begins) and begun.isascii()
            )
        self.aggregates.prefetch(stream for each in requests for stream in each.streams)

    def _confirm(self) -> None:
        """Look up what was presumed to be new and is not going to be recorded.

        Of the rest the database will say so: ids and versions of streams are unique there.
        """
        if self._looks_up:
            return
        ids = [each for each in self._unasked if each not in self._known]
        streams = [each for each in self._presumed if not self.aggregates.get(each).version]
        if (ids and self._recorder.outcomes(ids)) or (
            streams and any(self._recorder.histories(streams))
        ):
            raise PresumedWrong

    def append(self, append: Append) -> None:
        """Record what was decided, if anything is to be."""
        if self.rows:
            rows, index = rows_and_index(self.rows)
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
        failed: tuple[int, NewRow | None] | None = None
        for number, request in enumerate(unit):
            decided, new = self._decide(request, head.sequence + 1)
            answers.append(decided)
            if decided.status not in ("accepted", "duplicate"):
                failed = (number, new)
                break
            self._add(new)
        self._before_images = None
        if failed is None:
            if len(self.rows) == rows + 1:       # the others were recorded before: it is alone
                self.rows[rows] = self.rows[rows].alone()
            return answers
        for aggregate in saved.values():
            self.aggregates.put(aggregate)
            self._changed.pop(aggregate.id, None)
        for row in self.rows[rows:]:
            del self._known[self._id_of(row)]
        self.head = head
        del self.events[events:], self.rows[rows:]
        return self._fail_together(unit, answers, *failed)

    def _fail_together(
        self, unit: Sequence[Request], answers: list[Decided], number: int,
        refused: NewRow | None,
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
        judged_at = self._now() if refused is None else refused.recorded_at
        result = {
            "failed_id": because.result.get("failed_id", unit[number].command_id),
            JUDGED_AT: judged_at,
        }
        decided: list[Decided] = []
        for at, request in enumerate(unit):
            before = self._known.get(request.command_id)
            if at == number:
                if refused is not None:
                    self._add(self._refused(request, "rejected", refused.result, judged_at))
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
    ) -> tuple[Decided, NewRow | None]:
        known = self._known.get(request.command_id)
        if known is not None:
            return self._answer_known(request, known), None
        recorded_at = self._now()
        work = UnitOfWork(self, request, self.head.position, recorded_at, group)
        try:
            work.record(request.decide(work))
        except Refusal as refusal:
            why = {**refusal.as_json(), JUDGED_AT: recorded_at}
            kept = self._refused(request, "rejected", why, recorded_at) if is_kept(why) else None
            return Decided("rejected", self.head.position, result=why), kept
        except AlreadyRecorded as before:
            return self._answer_already_recorded(before), None
        result: Mapping[str, Any] = {"messages": work.messages} if work.messages else NOTHING
        events = work.events
        new = self._new_row(
            request, "accepted", work.occurred_at, recorded_at, result, work.header, events
        )
        return Decided("accepted", new.last_position, events, result), new

    def _now(self) -> int:
        return max(self._clock(), self.head.recorded_at + 1)

    def _answer_known(self, request: Request, known: Outcome | NewRow) -> Decided:
        outcome = known.outcome if isinstance(known, NewRow) else known
        if not is_same_command(outcome, request.fingerprint, request.body):
            return Decided("conflict", self.head.position, original=outcome)
        if outcome.status != "accepted":
            return Decided(
                outcome.status, outcome.last_position, result=outcome.result, original=outcome
            )
        return self._duplicate(known)

    def _duplicate(self, known: Outcome | NewRow) -> Decided:
        """Return the answer to what was accepted before: in this commit, or as the log says."""
        first, last, result = known.first_position, known.last_position, known.result
        if isinstance(known, NewRow):
            return Decided("duplicate", last, known.events, result, original=known.outcome)
        events = LazyEvents(self._read_recorded, first, last)
        return Decided("duplicate", last, events, result, original=known)

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
    ) -> NewRow:
        occurred_at = request.occurred_at_or_none
        header = (request.correlation_id, None, request.actor, request.credential, None)
        return self._new_row(
            request, status, judged_at if occurred_at is None else occurred_at, judged_at, result,
            header, (),
        )

    def _new_row(
        self, request: Request, status: Literal["accepted", "rejected", "group_failed"],
        occurred_at: int, recorded_at: int, result: Mapping[str, Any], header: Header,
        events: Sequence[RecordedEvent],
    ) -> NewRow:
        position, _, sequence = self.head
        name = request.command_id
        return NewRow(
            sequence + 1, position + 1, position + len(events), occurred_at, recorded_at,
            reissued_id(name) if name in self._reissued else name, request.fingerprint, status,
            request.body, result, header, events,
        )

    def _id_of(self, row: NewRow) -> str:
        return id_as_sent(row.command_id) if self._reissued else row.command_id

    def _add(self, new: NewRow | None) -> None:
        if new is None:
            return
        self.rows.append(new)
        self._known[self._id_of(new)] = new
        self.events.extend(new.events)
        self.head = Head(
            new.last_position,
            # A refusal was judged a microsecond later at the earliest, and so is what follows it.
            max(self.head.recorded_at, new.recorded_at + len(new.events) - 1),
            self.head.sequence + new.parts,
        )

    # ------------------------------------------------------------------ aggregates

    def before_change(self, aggregate: Aggregate) -> None:
        """Take note of an aggregate that is about to change."""
        if self._before_images is not None and aggregate.id not in self._before_images:
            self._before_images[aggregate.id] = aggregate.clone()
        self._changed[aggregate.id] = aggregate

    def streams(self, category: str) -> Iterator[str]:
        """Yield the names of the streams of a category in order, including new ones of this commit.

        The order is fixed because the result must not depend on how commands are grouped.
        """
        prefix = f"{category}/"
        new = {
            event.originator_id for event in self.events
            if event.originator_version == 1 and event.originator_id.startswith(prefix)
        }
        yield from merge(self._recorder.streams(category), sorted(new))

    def recorded_with(self, stream: str) -> Iterator[RecordedEvent]:
        """Yield the events of commands that recorded any in a stream, in this commit too."""
        return recorded_with(self._recorder, self._mapper, self.events, stream)

    def _snapshots(self) -> list[SnapshotRow]:
        stored = []
        for aggregate in self._changed.values():
            if aggregate.version - aggregate.snapshot_version >= SNAPSHOT_AFTER + aggregate.weight:
                stored.append(snapshot_row(Snapshot.take(aggregate)))
                aggregate.snapshot_version = aggregate.version
        return stored


def _ids(units: Sequence[Sequence[Request]]) -> list[str]:
    return [request.command_id for unit in units for request in unit]


def _not_ascii(ids: Sequence[str]) -> Iterator[str]:
    """Yield the ids that an earlier version may have stored in another spelling."""
    return (each for each in ids if not each.isascii())
