"""The ledger in PostgreSQL: a persistence module of the ``eventsourcing`` library.

Point the library's ``PERSISTENCE_MODULE`` here and its own ``Application`` works on a stocktrail
schema. Positions are gapless and in commit order: the head row moves by compare-and-set in the
transaction that writes the events.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import eventsourcing.postgres
import orjson
from eventsourcing.persistence import Notification, StoredEvent
from eventsourcing.postgres import (
    PostgresAggregateRecorder,
    PostgresApplicationRecorder,
    PostgresTrackingRecorder,
)
from eventsourcing.utils import Environment, EnvType, strtobool
from psycopg.rows import tuple_row

from ledger.store.mapper import StoredRow
from ledger.store.outcome import Head, Outcome
from ledger.store.postgres_address import DEFAULT_SCHEMA
from ledger.store.postgres_append import Group, Turns
from ledger.store.postgres_arrays import bigints, byteas, texts
from ledger.store.postgres_datastore import ConnectionLost, LedgerDatastore
from ledger.store.postgres_opening import create_schema
from ledger.store.recorder import HeadMoved, LedgerRecorder

_OUTCOME_COLUMNS = "command_id, fingerprint, status, first_position, last_position, body, result"
_ROW_COLUMNS = (
    "originator_id, originator_version, topic, state, position, occurred_at, recorded_at, "
    "command_id, correlation_id, causation_id, actor"
)
_STREAMS_AT_ONCE = 1000
_STREAMS = """
WITH RECURSIVE found(name) AS (
    (SELECT originator_id FROM stored_events WHERE originator_id > %(after)s
        AND originator_id < %(end)s ORDER BY originator_id LIMIT 1)
    UNION ALL
    SELECT (SELECT originator_id FROM stored_events WHERE originator_id > found.name
        AND originator_id < %(end)s ORDER BY originator_id LIMIT 1)
    FROM found WHERE found.name IS NOT NULL
)
SELECT name FROM found WHERE name IS NOT NULL LIMIT %(limit)s
"""
_SEEN = """
SELECT originator_version FROM stored_events WHERE originator_id = %s AND position <= %s
ORDER BY originator_version DESC LIMIT 1
"""


class PostgresLedgerRecorder(LedgerRecorder, PostgresApplicationRecorder):
    """Records the log of a ledger in PostgreSQL."""

    datastore: LedgerDatastore

    def __init__(
        self, datastore: LedgerDatastore, *, events_table_name: str = "stored_events"
    ) -> None:
        super().__init__(datastore, events_table_name="stored_events")
        self.channel_name = datastore.schema
        self._turns = Turns(datastore.schema)
        self._deciding = threading.local()

    def create_table(self) -> None:
        """Create the schema unless it is there, one process at a time."""
        create_schema(self.datastore)

    # ------------------------------------------------------------------ the library's interface

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **_: Any
    ) -> Sequence[int] | None:
        """Append events that come from the library's own ``save``, without a command."""
        if not stored_events:
            return []
        while True:
            try:
                with self.appending() as append:
                    head = append.head()
                    start = max(head.recorded_at + 1, time.time_ns() // 1000)
                    rows = [
                        _with_place(event, head.position + 1 + number, start + number)
                        for number, event in enumerate(stored_events)
                    ]
                    after = Head(head.position + len(rows), start + len(rows) - 1)
                    append.append(head, after, rows, [], [])
                return [row.id for row in rows]
            except HeadMoved:
                continue

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Read the log by position, as the library's notification log does."""
        after = 0 if start is None else start - 1 if inclusive_of_start else start
        return self.rows(after, limit, stop, topics)

    def max_notification_id(self) -> int | None:
        """Give the last position, or ``None`` while the log is empty."""
        return self.head().position or None

    # ------------------------------------------------------------------ appending

    @contextmanager
    def appending(self) -> Iterator["_PostgresAppend"]:
        """Let one group be decided; it is appended at the end of the block, in one round trip.

        Until then nothing is locked and no transaction is open. What is read meanwhile is as of the
        head that the group began with. Raises :class:`HeadMoved` at the end of the block.
        """
        with self.datastore.get_connection() as connection:
            group = Group(connection, self.datastore.schema, self._turns)
            append = _PostgresAppend(group, self._deciding)
            try:
                yield append
                if append.rows is not None and not group.append(*append.rows):
                    raise HeadMoved
            except BaseException:
                if group.was_sent:
                    self.datastore.drop_idle()
                raise
            finally:
                self._deciding.position = None
                group.end()

    def settled_outcomes(self, command_ids: Sequence[str]) -> dict[str, Outcome]:
        """Look up outcomes after an append whose reply never came, so that the answer stays true.

        The head is locked first, so an append that was running has ended; its fence is raised, so
        one that is still on its way can never be recorded. The server may be started anew
        meanwhile: it is waited for.
        """
        self.datastore.drop_idle()

        def look() -> list[Any]:
            with self.datastore.get_connection() as connection, connection.transaction():
                connection.execute("SELECT raise_fence()")
                cursor = connection.cursor(row_factory=tuple_row, binary=True)
                cursor.execute(_OUTCOMES, [texts(command_ids)])
                return cursor.fetchall()

        return {row[0]: _outcome(row) for row in _again(look)}

    # ------------------------------------------------------------------ the ledger's interface

    def head(self) -> Head:
        """Give the end of the log."""
        return Head(*self._fetch("SELECT position, recorded_at FROM ledger_head")[0])

    def rows(
        self, after: int, limit: int, stop: int | None = None, topics: Sequence[str] = ()
    ) -> list[StoredRow]:
        """Read rows by position."""
        condition = "position > %s"
        parameters: list[Any] = [after]
        if stop is not None:
            condition += " AND position <= %s"
            parameters.append(stop)
        if topics:
            condition += " AND topic = ANY(%s)"
            parameters.append(texts(topics))
        return self._select(f"{condition} ORDER BY position LIMIT %s", [*parameters, limit])

    def stream(
        self, stream: str, after_version: int = 0, up_to_version: int | None = None
    ) -> list[StoredRow]:
        """Read the rows of one stream in order of version."""
        condition = "originator_id = %s AND originator_version > %s"
        parameters: list[Any] = [stream, after_version]
        if up_to_version is not None:
            condition += " AND originator_version <= %s"
            parameters.append(up_to_version)
        if (as_of := self._as_of()) is not None:
            condition += " AND position <= %s"
            parameters.append(as_of)
        return self._select(f"{condition} ORDER BY originator_version", parameters)

    def snapshot(self, stream: str, up_to_version: int | None = None) -> StoredEvent | None:
        """Read the newest snapshot of a stream."""
        condition = "originator_id = %s"
        parameters: list[Any] = [stream]
        if up_to_version is not None:
            condition += " AND originator_version <= %s"
            parameters.append(up_to_version)
        if (as_of := self._as_of()) is not None:
            condition += f" AND originator_version <= ({_SEEN})"
            parameters += [stream, as_of]
        rows = self._fetch(
            "SELECT originator_id, originator_version, topic, state FROM stored_snapshots "
            f"WHERE {condition} ORDER BY originator_version DESC LIMIT 1", parameters,
        )
        return StoredEvent(*rows[0]) if rows else None

    def version_at(self, stream: str, position: int) -> int:
        """Give the last version of a stream at or before a position."""
        rows = self._fetch(_VERSION_AT, {"stream": stream, "position": position})
        return int(rows[0][0])

    def position_at(self, recorded_at: int) -> int:
        """Find the last position recorded by an instant, by halving: both grow together."""
        return int(self._fetch(_POSITION_AT, {"recorded_at": recorded_at})[0][0])

    def streams(self, category: str) -> Iterator[str]:
        """Step through the streams of a category in order, one index look-up each."""
        last, end = f"{category}/", f"{category}0"
        while True:
            found = self._fetch(_STREAMS, {"after": last, "end": end, "limit": _STREAMS_AT_ONCE})
            for [name] in found:
                if self._as_of() is None or self._fetch(_SEEN, [name, self._as_of()]):
                    yield name
            if len(found) < _STREAMS_AT_ONCE:
                return
            last = found[-1][0]

    def outcomes(self, command_ids: Sequence[str]) -> dict[str, Outcome]:
        """Look up outcomes by command id."""
        if not command_ids:
            return {}
        return {row[0]: _outcome(row) for row in self._fetch(_OUTCOMES, [texts(command_ids)])}

    def outcomes_after(self, sequence: int, limit: int) -> list[tuple[int, Outcome]]:
        """Read outcomes in the order in which the commands were decided."""
        rows = self._fetch(
            f"SELECT {_OUTCOME_COLUMNS}, sequence FROM stored_commands WHERE sequence > %s "
            "ORDER BY sequence LIMIT %s", [sequence, limit],
        )
        return [(row[7], _outcome(row)) for row in rows]

    def _as_of(self) -> int | None:
        return getattr(self._deciding, "position", None)

    def _select(self, condition: str, parameters: Sequence[Any]) -> list[StoredRow]:
        rows = self._fetch(f"SELECT {_ROW_COLUMNS} FROM stored_events WHERE {condition}", parameters)
        return [StoredRow(*row) for row in rows]

    def _fetch(self, query: str, parameters: Any = ()) -> list[Any]:
        def fetch() -> list[Any]:
            with (
                self.datastore.get_connection() as connection,
                connection.cursor(row_factory=tuple_row, binary=True) as cursor,
            ):
                cursor.execute(query.encode(), parameters, prepare=True)
                return cursor.fetchall()

        return _again(fetch)


_OUTCOMES = f"SELECT {_OUTCOME_COLUMNS} FROM stored_commands WHERE command_id = ANY(%s)"

# Versions of a stream grow with its positions, as recorded times do: both are found by halving.
_VERSION_AT = """
WITH RECURSIVE half(low, high) AS (
    SELECT 0::bigint, coalesce(max(originator_version), 0) FROM stored_events
        WHERE originator_id = %(stream)s
    UNION ALL
    SELECT CASE WHEN seen THEN middle ELSE low END, CASE WHEN seen THEN high ELSE middle - 1 END
    FROM half, LATERAL (SELECT (low + high + 1) / 2 AS middle) m, LATERAL (
        SELECT position <= %(position)s AS seen FROM stored_events
        WHERE originator_id = %(stream)s AND originator_version = middle
    ) s WHERE low < high
)
SELECT low FROM half WHERE low >= high
"""
_POSITION_AT = """
WITH RECURSIVE half(low, high) AS (
    SELECT 0::bigint, position FROM ledger_head
    UNION ALL
    SELECT CASE WHEN seen THEN middle ELSE low END, CASE WHEN seen THEN high ELSE middle - 1 END
    FROM half, LATERAL (SELECT (low + high + 1) / 2 AS middle) m, LATERAL (
        SELECT e.recorded_at <= %(recorded_at)s AS seen FROM stored_events e
        WHERE e.position = middle
    ) s WHERE low < high
)
SELECT low FROM half WHERE low >= high
"""


class _PostgresAppend:
    """One group, as the writer sees it."""

    def __init__(self, group: Group, deciding: threading.local) -> None:
        self._group = group
        self._deciding = deciding
        self.rows: tuple[Any, ...] | None = None

    def begin(self, command_ids: Sequence[str]) -> tuple[Head, dict[str, Outcome]]:
        """Give the end of the log that the group is judged against, and outcomes already there."""
        head, outcomes = self._group.begin(command_ids)
        self._deciding.position = head.position
        return head, {row[0]: _outcome(row) for row in outcomes}

    def head(self) -> Head:
        """Give the end of the log that the group is judged against."""
        return self.begin([])[0]

    def append(
        self,
        expected: Head,
        head: Head,
        events: Sequence[StoredRow],
        outcomes: Sequence[Outcome],
        snapshots: Sequence[StoredEvent],
    ) -> None:
        """Keep what is to be appended until the group ends without an error."""
        self.rows = (
            expected, head, [_event_columns(row) for row in events],
            [_outcome_columns(each) for each in outcomes],
            [
                (shot.originator_id, shot.originator_version, shot.topic, shot.state)
                for shot in snapshots
            ],
        )


def _again(attempt: Any) -> Any:
    """Try what changes nothing once more on a new connection, when the one it had broke."""
    try:
        return attempt()
    except ConnectionLost:
        return attempt()


def _event_columns(row: StoredRow) -> tuple[Any, ...]:
    stream = row.originator_id
    return (
        row.id, stream.hex if isinstance(stream, UUID) else stream, row.originator_version,
        row.topic, row.state, row.occurred_at, row.recorded_at, row.command_id, row.correlation_id,
        row.causation_id, row.actor,
    )


def _outcome_columns(outcome: Outcome) -> tuple[Any, ...]:
    return (
        outcome.command_id, outcome.fingerprint, outcome.status, outcome.first_position,
        outcome.last_position, outcome.body, orjson.dumps(outcome.result),
    )


def _outcome(row: Sequence[Any]) -> Outcome:
    command_id, fingerprint, status, first, last, body, result = row[:7]
    return Outcome(command_id, fingerprint, status, first, last, body, orjson.loads(result))


def _with_place(event: StoredEvent, position: int, recorded_at: int) -> StoredRow:
    return StoredRow(
        event.originator_id, event.originator_version, event.topic, event.state, position,
        recorded_at, recorded_at,
    )


class SnapshotRecorder(PostgresAggregateRecorder):
    """The library's recorder of aggregates, on the snapshots of a ledger."""

    datastore: LedgerDatastore

    def __init__(
        self, datastore: LedgerDatastore, *, events_table_name: str = "stored_snapshots"
    ) -> None:
        purpose = events_table_name.rpartition("_")[2]
        super().__init__(datastore, events_table_name=f"stored_{purpose}")

    def create_table(self) -> None:
        """Create the schema unless it is there, one process at a time."""
        create_schema(self.datastore)

    def _insert_stored_events(
        self, curs: Any, stored_events: Sequence[StoredEvent], **_: Any
    ) -> None:
        columns = zip(*(
            (each.originator_id, each.originator_version, each.topic, each.state)
            for each in stored_events
        ), strict=True)
        kinds = (texts, bigints, texts, byteas)
        curs.execute(
            f"INSERT INTO {self.events_table_name} SELECT * FROM unnest(%s, %s, %s, %s)".encode(),
            [write(column) for write, column in zip(kinds, columns, strict=True)],  # type: ignore[operator]
        )


class LedgerTrackingRecorder(PostgresTrackingRecorder):
    """The library's tracking recorder, on the positions of a ledger's read models."""

    datastore: LedgerDatastore

    def __init__(
        self, datastore: LedgerDatastore, *, tracking_table_name: str = "tracking", **kwargs: Any
    ) -> None:
        super().__init__(datastore, tracking_table_name="tracking", **kwargs)

    def create_table(self) -> None:
        """Create the schema unless it is there, one process at a time."""
        create_schema(self.datastore)


class Factory(eventsourcing.postgres.PostgresFactory):
    """Plugs the ledger's recorders into the library, by its persistence-module convention.

    Tables have the names that they have in SQLite, whatever the application is called.
    """

    CONNECTION = "STOCKTRAIL_CONNECTION"
    ROLE = "STOCKTRAIL_ROLE"
    READ_ONLY = "STOCKTRAIL_READ_ONLY"

    aggregate_recorder_class = SnapshotRecorder
    application_recorder_class = PostgresLedgerRecorder
    tracking_recorder_class = LedgerTrackingRecorder

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        self.datastore.close()
        named = ("dbname", "host", "port", "user", "password")
        given = {name: self.env.get(f"POSTGRES_{name.upper()}") or "" for name in named}
        connection = {name: value for name, value in given.items() if value}
        self.datastore: LedgerDatastore = LedgerDatastore(
            {**connection, **orjson.loads(self.env.get(self.CONNECTION) or "{}")},
            self.env.get(self.POSTGRES_SCHEMA) or DEFAULT_SCHEMA,
            role=self.env.get(self.ROLE) or None,
            read_only=strtobool(self.env.get(self.READ_ONLY, "n") or "n"),
        )
