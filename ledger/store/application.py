"""The ledger as an application of the ``eventsourcing`` library, opened by a URL."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, cast

import orjson
from eventsourcing.application import Application
from eventsourcing.persistence import TrackingRecorder
from eventsourcing.utils import Environment, EnvType

from stocktrail.ledger.base.aggregate import Aggregate, RecordedEvent, Snapshot, new_aggregate
from stocktrail.ledger.catalogue import CATALOGUE
from stocktrail.ledger.store.address import DEFAULT_URL, disk_full_error, sqlite_address
from stocktrail.ledger.store.command_row import CommandRow
from stocktrail.ledger.store.datastore import Datastore
from stocktrail.ledger.store.engine.aggregate_cache import DEFAULT_CAPACITY
from stocktrail.ledger.store.engine.binding_outcomes import as_sent, binding_outcomes
from stocktrail.ledger.store.engine.decided import Clock, system_clock
from stocktrail.ledger.store.engine.overlay import overlay
from stocktrail.ledger.store.engine.writer import Writer
from stocktrail.ledger.store.errors import DATABASE_ERRORS, storage_error, translate_errors
from stocktrail.ledger.store.log_reading import MAX_POSITION, LogReading
from stocktrail.ledger.store.mapper import LedgerMapper
from stocktrail.ledger.store.merkle.checkpoint_folder import CheckpointFolder, default_folder
from stocktrail.ledger.store.merkle.consistency import check_extends
from stocktrail.ledger.store.merkle.reading import SealedLog
from stocktrail.ledger.store.outcome import Head, Outcome
from stocktrail.ledger.store.postgres_address import is_postgres_url, postgres_address
from stocktrail.ledger.store.recorded_events import recorded_events
from stocktrail.ledger.store.recorder import LedgerRecorder
from stocktrail.ledger.store.sqlite.recorder import SQLiteFactory
from stocktrail.ledger.store.time_limit import within_time

OPEN_ATTEMPTS = 50
"""Several processes may create the same file at once; each of them retries this often."""

STREAMS_AT_ONCE = 500
EVENTS_PER_PAGE = 2000
"""How many events one query reads when all of them are iterated over."""


class Ledger(Application[str]):
    """One ledger: its log to read, and its single writer.

    One that ``is_fed`` is a logical replica: its log comes from another server, so commands are
    refused and nobody is told of events, but it has read models of its own.

    Use :func:`open_ledger`. A context manager; closing it closes its connections.
    """

    env: ClassVar[dict[str, str]] = {
        "PERSISTENCE_MODULE": "stocktrail.ledger.store.sqlite",
        "MAPPER_TOPIC": "stocktrail.ledger.store.mapper:LedgerMapper",
        "ORIGINATOR_ID_TYPE": "text",
        "IS_SNAPSHOTTING_ENABLED": "y",
    }

    def __init__(
        self, url: str, env: dict[str, str], *, where: str, read_only: bool, clock: Clock,
        capacity: int, warnings: tuple[str, ...] = (),
    ) -> None:
        super().__init__(env)
        self.url = url
        self.where = where
        self.read_only = read_only
        self.is_fed = False
        self.clock = clock
        self.capacity = capacity
        self.warnings = warnings
        self.checkpoint_path: Path | None = None
        self._writer: Writer | None = None

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Return the library's environment from the given values alone.

        Variables of the process could otherwise name another database or another mapper.
        """
        return Environment(name, {**self.env, **(env or {})})

    @property
    def log_recorder(self) -> LogReading:
        """The recorder of the log."""
        return cast(LogReading, self.recorder)

    @property
    def datastore(self) -> Datastore:
        """The datastore that holds the log and the read models."""
        return cast(Datastore, self.factory.datastore)  # type: ignore[attr-defined]

    @property
    def shown_url(self) -> str:
        """The URL without its password, for display."""
        return self.where if is_postgres_url(self.url) else self.url

    @property
    def tracking_recorder(self) -> TrackingRecorder:
        """The library's tracking recorder: the position of each read model."""
        return self.factory.tracking_recorder()

    @property
    def writer(self) -> Writer:
        """The single writer of this process."""
        if self._writer is None:
            self._writer = self._new_writer(self.log_recorder)
        return self._writer

    @contextmanager
    def dry_run(self) -> Iterator[Writer]:
        """Open a writer on a scratch log on top of this one; what it writes is discarded."""
        with translate_errors(self.where), overlay(self.log_recorder) as scratch:
            writer = self._new_writer(scratch)
            writer.looks_up = True               # no key is unique across both logs
            yield writer

    @property
    def sealed_log(self) -> SealedLog:
        """The hash tree over the log, for verification and proofs."""
        return SealedLog(self.datastore, self.where)

    @property
    def checkpoints(self) -> CheckpointFolder:
        """The folder that holds the checkpoints of this ledger."""
        return CheckpointFolder(self.checkpoint_path or default_folder(
            self.where, is_file=not is_postgres_url(self.url)
        ))

    def root(self) -> tuple[int, bytes]:
        """Return the last position of the log, and the root of the hash tree over its rows."""
        head = self.sealed_log.head()
        return head.position, head.tree.root

    def head(self) -> Head:
        """Return the end of the log."""
        with translate_errors(self.where):
            return self.log_recorder.head()

    def read(self, after: int, limit: int, stop: int | None = None) -> list[RecordedEvent]:
        """Return events by position: above ``after``, up to ``stop``, at most ``limit`` of them."""
        last = min(after + limit, MAX_POSITION if stop is None else stop)
        return [
            event for row in self._rows(after, last) for event in recorded_events(row)
            if after < event.position <= last
        ]

    def read_commands(
        self, after: int, limit: int, stop: int | None = None
    ) -> list[list[RecordedEvent]]:
        """Return about ``limit`` events, grouped by command.

        A command is never split, however many events it has, nor is a group that was recorded
        together; only a ``stop`` inside one splits it.
        """
        end = MAX_POSITION if stop is None else stop
        rows = self._rows(after, min(after + limit, end))
        if rows and rows[-1].may_go_on:
            rows += self._recorded_with(rows[-1], end)
        commands: list[list[RecordedEvent]] = []
        for row in rows:
            events = list(recorded_events(row))
            if events and (row.first_position <= after or events[-1].position > end):
                events = [event for event in events if after < event.position <= end]
            if row.status == "part" and commands:
                commands[-1] += events
            elif events:
                commands.append(events)
        return commands

    def _rows(self, after: int, last: int) -> list[CommandRow]:
        with translate_errors(self.where):
            return list(within_time(self.log_recorder.command_rows(after + 1, last)))

    def _recorded_with(self, row: CommandRow, end: int) -> list[CommandRow]:
        """Return what follows a row and was recorded together with it, up to a position."""
        found: list[CommandRow] = []
        while True:
            with translate_errors(self.where):
                following = self.log_recorder.following_rows(row.sequence)
            for each in following:
                together = each.status == "part" or (
                    each.group_sequence is not None
                    and each.group_sequence == row.group_sequence
                )
                if not together or each.first_position > end:
                    return found
                found.append(each)
                row = each
            if not following:
                return found

    def read_stream(
        self, stream: str, *, after_version: int = 0, up_to_version: int | None = None,
        until: int | None = None,
    ) -> list[RecordedEvent]:
        """Return the events of one stream in order of version, up to a version or a position."""
        with translate_errors(self.where):
            last = up_to_version if until is None else self.log_recorder.version_at(stream, until)
            rows = self.log_recorder.stream(stream, after_version, last)
        return list(map(self._event, within_time(rows)))

    def read_streams(
        self, streams: Sequence[str], *, until: int | None = None
    ) -> Iterator[RecordedEvent]:
        """Yield the events of many streams, one stream after the other, up to a position."""
        end = MAX_POSITION if until is None else until
        for start in range(0, len(streams), STREAMS_AT_ONCE):
            found: dict[str, list[RecordedEvent]] = {
                each: [] for each in sorted(streams[start:][:STREAMS_AT_ONCE])
            }
            with translate_errors(self.where):
                rows = self.log_recorder.rows_of_streams(list(found))
            for row in within_time(rows):
                for event in recorded_events(row, streams=found):
                    if event.position <= end:
                        found[event.originator_id].append(event)
            for events in found.values():
                yield from events

    def outcomes(self) -> Iterator[Outcome]:
        """Yield the outcome of every command, in the order in which they were decided."""
        return (outcome for _, outcome in self.outcomes_with_groups())

    def outcomes_with_groups(self) -> Iterator[tuple[int | None, Outcome]]:
        """Yield outcomes in their order, each after the group that it was recorded with, if any."""
        sequence = 0
        while True:
            with translate_errors(self.where):
                page = self.log_recorder.outcomes_after(sequence, EVENTS_PER_PAGE)
            if not page:
                return
            for group, outcome in page:
                yield group, as_sent(outcome)
            sequence = page[-1][1].sequence

    def snapshot_versions(self) -> set[tuple[str, int]]:
        """Return the stream and version of every snapshot."""
        with translate_errors(self.where), self.datastore.reading_models() as cursor:
            cursor.execute("SELECT originator_id, originator_version FROM stored_snapshots")
            return {(row[0], row[1]) for row in cursor.fetchall()}

    def snapshot(self, stream: str, version: int) -> Snapshot:
        """Return the newest snapshot of a stream up to a version, or raise ``LookupError``."""
        with translate_errors(self.where):
            stored = self.log_recorder.snapshot(stream, version)
        if stored is None:
            raise LookupError(stream)
        return cast(Snapshot, self.mapper.to_domain_event(stored))

    def version_at(self, stream: str, position: int) -> int:
        """Return the last version of a stream at or before a position, 0 when there is none."""
        with translate_errors(self.where):
            return self.log_recorder.version_at(stream, position)

    def streams(self, category: str) -> Iterator[str]:
        """Yield the names of the streams of a category, such as ``stock``."""
        with translate_errors(self.where):
            yield from self.log_recorder.streams(category)

    def position_at(self, recorded_at: int) -> int:
        """Return the last position recorded at or before an instant, 0 when there is none."""
        with translate_errors(self.where):
            return self.log_recorder.position_at(recorded_at)

    def positions_of_group(self, group: int) -> tuple[int, int]:
        """Return the first and the last position of what was recorded together as a group."""
        with translate_errors(self.where):
            return self.log_recorder.positions_of_group(group)

    def aggregate(self, stream: str, until: int | None = None) -> Aggregate:
        """Return the aggregate of a stream, up to a position if one is given.

        Loading starts from the newest snapshot before that position.
        """
        with translate_errors(self.where):
            version = None if until is None else self.log_recorder.version_at(stream, until)
            if version == 0:
                return new_aggregate(stream)
            stored = self.log_recorder.snapshot(stream, version)
            after = 0 if stored is None else stored.originator_version
            rows = self.log_recorder.stream(stream, after, version)
        aggregate = new_aggregate(stream)
        if stored is not None:
            aggregate = cast(Snapshot, self.mapper.to_domain_event(stored)).mutate(None)
        for row in within_time(rows):
            aggregate.apply(CATALOGUE.read(row.topic, row.state), row.occurred_at)
        return aggregate

    def outcome(self, command_id: str) -> Outcome | None:
        """Return the binding outcome of a command id, or ``None`` if it was never used."""
        return self.outcomes_of([command_id]).get(command_id)

    def outcomes_of(self, command_ids: Sequence[str]) -> dict[str, Outcome]:
        """Return the binding outcomes of command ids, by id; ids without one are left out."""
        with translate_errors(self.where):
            look_up = self.log_recorder.outcomes
            return binding_outcomes(command_ids, look_up(command_ids), look_up)[0]

    def _new_writer(self, recorder: LedgerRecorder) -> Writer:
        mapper = cast(LedgerMapper, self.mapper)
        return Writer(recorder, mapper, self.where, clock=self.clock, capacity=self.capacity)

    def _event(self, row: Any) -> RecordedEvent:
        return cast(RecordedEvent, self.mapper.to_domain_event(row))


def open_ledger(
    url: str = DEFAULT_URL,
    *,
    read_only: bool = False,
    create: bool = True,
    clock: Clock = system_clock,
    capacity: int = DEFAULT_CAPACITY,
    checkpoints: Path | None = None,
    begins_epoch: bool = False,
) -> Ledger:
    """Open the ledger that a URL names, or create it.

    Its writer caches ``capacity`` aggregates. The ledger is opened for reading, and ``warnings``
    say why, if the disk is full, or if the log does not extend the newest of its ``checkpoints``
    (by default in :func:`default_folder`) and ``begins_epoch`` is not given. Raises
    :class:`~stocktrail.ledger.store.errors.StorageError` when it cannot be opened at all.
    """
    why = None if read_only else disk_full_error(url)
    if why is None:
        ledger = _open(url, read_only, create, clock, capacity)
        ledger.checkpoint_path = checkpoints
        if ledger.read_only or begins_epoch:
            return ledger
        try:
            why = check_extends(ledger.sealed_log, ledger.checkpoints)
        except BaseException:
            ledger.close()
            raise
        if why is None:
            return ledger
        ledger.close()
    ledger = _open(url, True, False, clock, capacity)
    ledger.checkpoint_path = checkpoints
    ledger.warnings += (why.message,)
    ledger.writer.refusal = why
    return ledger


def _open(
    url: str, read_only: bool, create: bool, clock: Clock, capacity: int
) -> Ledger:
    if is_postgres_url(url):
        return _open_postgres(url, read_only, create, clock, capacity)
    address = sqlite_address(url, read_only=read_only, create=create)
    env = {
        SQLiteFactory.SQLITE_DBNAME: address.name,
        SQLiteFactory.READ_ONLY: "y" if address.read_only else "n",
        SQLiteFactory.READ_ONLY_FOLDER: "y" if address.in_read_only_folder else "n",
        SQLiteFactory.CREATE_TABLE: "n" if address.read_only or address.is_complete else "y",
    }
    for attempt in range(OPEN_ATTEMPTS):
        try:
            return Ledger(
                url, env, where=url.removeprefix("sqlite:///"), read_only=address.read_only,
                clock=clock, capacity=capacity,
            )
        except DATABASE_ERRORS as error:
            if "locked" not in str(error) or attempt == OPEN_ATTEMPTS - 1:
                raise storage_error(error, str(address.path)) from error
            time.sleep(0.05)
    raise AssertionError("the loop returns or raises")


def _open_postgres(
    url: str, read_only: bool, create: bool, clock: Clock, capacity: int
) -> Ledger:
    """Open a ledger in PostgreSQL; the driver is imported only here, to keep start-up short."""
    from stocktrail.ledger.store.postgres.opening import postgres_opening

    address = postgres_address(url)
    opening = postgres_opening(address, read_only=read_only, create=create)
    env = {
        "PERSISTENCE_MODULE": "stocktrail.ledger.store.postgres",
        "POSTGRES_DBNAME": address.database, "POSTGRES_HOST": "", "POSTGRES_USER": "",
        "POSTGRES_PASSWORD": "", "POSTGRES_SCHEMA": address.schema,
        "STOCKTRAIL_CONNECTION": orjson.dumps(address.connection).decode(),
        "STOCKTRAIL_ROLE": address.role or "",
        "STOCKTRAIL_READ_ONLY": "y" if opening.read_only else "n",
        "STOCKTRAIL_PARTITIONED": "y" if opening.is_partitioned else "n",
        "CREATE_TABLE": "n" if opening.read_only or opening.is_complete else "y",
    }
    with translate_errors(address.where):
        ledger = Ledger(
            url, env, where=address.where, read_only=opening.read_only, clock=clock,
            capacity=capacity, warnings=opening.warnings,
        )
    if opening.refusal is not None:
        ledger.is_fed, ledger.writer.refusal = True, opening.refusal
    return ledger
