"""The writer: decides groups of commands in memory and appends their events in one transaction.

Every command has exactly one outcome. Its id is looked up first: the same content again is a
duplicate with the original result, other content is a conflict. The commands of a unit are decided
in order, each seeing the ones before it, and are rolled back together when one fails.
"""

import threading
import time
from collections.abc import Callable, Sequence

from eventsourcing.persistence import IntegrityError

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.store.engine.aggregate_cache import AggregateCache
from stocktrail.ledger.store.engine.commit_group import CommitGroup, FarBehind, PresumedWrong
from stocktrail.ledger.store.engine.decided import Clock, Decided
from stocktrail.ledger.store.engine.unit_of_work import Request
from stocktrail.ledger.store.errors import (
    DATABASE_ERRORS,
    StorageError,
    storage_error,
    translate_errors,
    unsettled_error,
)
from stocktrail.ledger.store.mapper import LedgerMapper
from stocktrail.ledger.store.outcome import Head
from stocktrail.ledger.store.recorder import HeadMoved, LedgerRecorder

LARGEST_GROUP = 1000
"""How many units are recorded together while there is no other writer."""

FIRST_GROUP = 64
"""How many units are written at once before it is known whether there are other writers."""

SMALLEST_GROUP = 20
SHARED_GROUP_SECONDS = 0.05
"""The target for how long one group keeps other writers waiting."""


Units = Sequence[Sequence[Request]]
"""Requests by unit: those of a unit are recorded together or not at all."""


class Writer:
    """Appends to one ledger, one thread at a time; a group commit serves many threads together.

    ``written_to`` is the end of the log after the last group. ``group_size`` is how many units to
    write at once: fewer while there are other writers, because a long group makes them wait. With a
    ``refusal`` nothing is written and it is raised instead. ``after_commit`` is called with the end
    of the log. With ``looks_up`` nothing is presumed to be new, so that nothing is decided again.
    """

    def __init__(
        self, recorder: LedgerRecorder, mapper: LedgerMapper, where: str,
        *, clock: Clock, capacity: int,
    ) -> None:
        self._recorder = recorder
        self._mapper = mapper
        self._where = where
        self._clock = clock
        self.aggregates: AggregateCache = AggregateCache(recorder, mapper, capacity)
        self.written_to: Head = Head(0, 0)
        self.refusal: StorageError | None = None
        self.after_commit: Callable[[Head], None] | None = None
        self.group_size: int = FIRST_GROUP
        self.looks_up = False
        self._lock = threading.Lock()

    def head(self) -> Head:
        """Return the end of the log that the next commands are judged against."""
        return self._recorder.head()

    def write(
        self, units: Units, *, stop: bool = False, more: Callable[[], Units] | None = None
    ) -> list[list[Decided]]:
        """Decide and record units of requests in one transaction, in order.

        A unit of several requests is atomic. Returns the answer to every request, in the same
        shape; with ``stop``, units after the first one that failed are not tried. ``more`` gives
        units that came while this one waited for its turn, to be answered too. Raises
        :class:`StorageError` when nothing was recorded and repeating is safe.
        """
        if self.refusal is not None:
            raise self.refusal
        with self._lock:
            return self._write(list(units), stop, more or (lambda: ()))

    def _write(
        self, units: list[Sequence[Request]], stop: bool, more: Callable[[], Units]
    ) -> list[list[Decided]]:
        lost_race, looks_up = False, self.looks_up
        while True:
            group = CommitGroup(
                self._recorder, self._mapper, self.aggregates, self._clock, self._read_recorded,
                looks_up=looks_up,
            )
            try:
                with self._recorder.appending() as append:
                    decided = group.decide(append, units, more, stop=stop)
                    group.append(append)
            except HeadMoved:
                self.aggregates.forget(group.touched)
                lost_race = True
                continue
            except FarBehind:
                self._follow(units)
                continue
            except PresumedWrong:
                self.aggregates.forget(group.touched)
                looks_up = True
                continue
            except DATABASE_ERRORS as error:
                if group.presumes and isinstance(error, IntegrityError):
                    self.aggregates.forget(group.touched)
                    looks_up = True
                    continue
                self.aggregates.forget()
                if not self._was_committed(group):
                    raise storage_error(error, self._where) from error
            except BaseException as error:
                self.aggregates.forget()
                if group.presumes and _is_wrong_state(error):
                    looks_up = True      # what was presumed to be new may have been no state at all
                    continue
                raise
            self.aggregates.head = group.head
            is_alone = not lost_race and self.written_to.sequence in (0, group.start.sequence)
            self._adapt_group_size(len(units), time.perf_counter() - group.began, is_alone)
            self.written_to = group.head
            self.aggregates.trim()
            if self.after_commit is not None:
                self.after_commit(group.head)
            return decided

    def _follow(self, units: Units) -> None:
        """Read what others appended, and what units need, while others write on."""
        with translate_errors(self._where):
            self.aggregates.catch_up(self._recorder.head())
            self.aggregates.prefetch(
                stream for unit in units for each in unit for stream in each.streams
                if stream != each.begins
            )

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

    def _was_committed(self, group: CommitGroup) -> bool:
        """Return whether a commit that ended in an error was recorded after all.

        Another writer may have received the same commands and recorded some of them: it was this
        commit only if every outcome is stored at the place and time that this group gave it.
        """
        ids = [outcome.command_id for outcome in group.outcomes]
        try:
            found = self._recorder.settled_outcomes(ids) if ids else {}
        except DATABASE_ERRORS as error:
            raise unsettled_error(error, self._where) from error
        return bool(ids) and all(
            outcome.is_same_as(found.get(outcome.command_id)) for outcome in group.outcomes
        )


def _is_wrong_state(error: BaseException) -> bool:
    """Return whether an error may come from deciding on an aggregate that was taken for new."""
    return isinstance(error, Exception) and not isinstance(error, StorageError)
