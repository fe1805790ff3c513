"""The recorder of a ledger in SQLite.

Positions are gapless and in commit order: the head row is moved by compare-and-set in the
transaction that writes the events.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any

import eventsourcing.sqlite
from eventsourcing.persistence import (
    OperationalError,
    PersistenceError,
    StoredEvent,
)
from eventsourcing.sqlite import (
    SQLiteAggregateRecorder,
    SQLiteApplicationRecorder,
    SQLiteCursor,
)
from eventsourcing.utils import Environment, EnvType, strtobool

from stocktrail.ledger.store.mapper import EventRow, SnapshotRow, StoredRow
from stocktrail.ledger.store.merkle.heads import TREE_HEAD_COLUMNS, TreeHeads
from stocktrail.ledger.store.outcome import Head, Outcome, OutcomeRow
from stocktrail.ledger.store.recorder import HeadMoved, LedgerRecorder
from stocktrail.ledger.store.sqlite.datastore import SQLiteLedgerDatastore
from stocktrail.ledger.store.sqlite.rows import insert_rows
from stocktrail.ledger.store.sqlite.schema import APPLICATION_ID, SCHEMA_VERSION, TABLES, TRIGGERS
from stocktrail.ledger.store.sqlite.upgrade import upgrade_old_file

_COLUMNS = (
    "position, originator_id, originator_version, topic, state, occurred_at, recorded_at, "
    "command_id, correlation_id, causation_id, actor"
)
_INSERT_EVENT = f"INSERT INTO stored_events ({_COLUMNS})"
_INSERT_SEALED_EVENT = f"INSERT INTO stored_events ({_COLUMNS}, leaf)"
_OUTCOME_COLUMNS = "command_id, fingerprint, status, first_position, last_position, body, result"
_INSERT_OUTCOME = f"INSERT INTO stored_commands ({_OUTCOME_COLUMNS})"
_INSERT_SEALED_OUTCOME = f"INSERT INTO stored_commands ({_OUTCOME_COLUMNS}, leaf, sequence)"
_INSERT_NODE = "INSERT INTO seal_nodes (tree, level, number, hash)"
_MOVE_HEAD = "UPDATE ledger_head SET position=?, recorded_at=? WHERE id=1 AND position=?"
_MOVE_SEALED_HEAD = (
    f"UPDATE ledger_head SET position=?, recorded_at=?, ({TREE_HEAD_COLUMNS})=(?,?,?,?,?) "
    "WHERE id=1 AND position=?"
)
_BEGIN = (
    "SELECT position, recorded_at, event_range, command_count, command_range FROM ledger_head"
)
_INSERT_SNAPSHOT = "INSERT OR REPLACE INTO stored_snapshots"
_IDS_PER_QUERY = 500
_NEWEST_SNAPSHOTS = (
    "SELECT originator_id, MAX(originator_version), topic, state FROM stored_snapshots "
    "WHERE originator_id IN ({}) GROUP BY originator_id"
)
_AFTER_SNAPSHOTS = (
    "WITH wanted (stream, after_version) AS (VALUES {}) "
    "SELECT originator_id, originator_version, topic, state, position, occurred_at, recorded_at, "
    "command_id, correlation_id, causation_id, actor "
    "FROM wanted CROSS JOIN stored_events "
    "ON originator_id = stream AND originator_version > after_version "
    "ORDER BY originator_id, originator_version"
)


class SQLiteLedgerRecorder(LedgerRecorder, SQLiteApplicationRecorder):
    """Records the log of a ledger in SQLite."""

    datastore: SQLiteLedgerDatastore
    hashes_rows = True
    """Whether what is appended is sealed; only a scratch log, which nobody keeps, goes without."""
    _sync_failed = False

    def construct_create_table_statements(self) -> list[str]:
        """Return the statements for tables and triggers, and for the file's application id."""
        return [
            *TABLES, *TRIGGERS,
            f"PRAGMA application_id={APPLICATION_ID}", f"PRAGMA user_version={SCHEMA_VERSION}",
        ]

    def create_table(self) -> None:
        """Create what is missing, under the write lock: several processes may start at once."""
        with self.datastore.write_transaction() as cursor:
            upgrade_old_file(cursor)
            self._create_table(cursor)

    def max_notification_id(self) -> int | None:  # type: ignore[override]
        """Return the last position, or ``None`` while the log is empty."""
        return self.head().position or None

    @contextmanager
    def appending(self) -> Iterator["SQLiteAppend"]:
        """Take the write lock, so that no other writer can append until the group is recorded."""
        self._write_through()
        try:
            with self.datastore.write_transaction() as cursor:
                yield SQLiteAppend(self, cursor)
        except PersistenceError as error:
            self._sync_failed = self._sync_failed or "I/O error" in str(error)
            raise

    def settled_outcomes(self, command_ids: Sequence[str]) -> dict[str, Outcome]:
        """Return outcomes after a commit that failed, once they are on the disk.

        A commit that could not be synced is readable from memory until the power fails. Raises the
        database's error while it cannot be synced.
        """
        self._write_through()
        return self.outcomes(command_ids)

    def _write_through(self) -> None:
        """After an I/O error, copy the write-ahead log into the file and sync both.

        After a failed fsync the kernel marks the pages clean and reports the error once: a later
        fsync of the same pages succeeds without writing them. A checkpoint writes them again,
        elsewhere.
        """
        if not self._sync_failed:
            return
        with self.datastore.get_connection(commit=False) as connection:
            cursor = connection.cursor()
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
            _, pages, copied = cursor.fetchone()
        if copied < pages:
            raise OperationalError("the database is locked: others read what is to be synced")
        self._sync_failed = False

    def head(self) -> Head:
        """Return the end of the log."""
        with self.datastore.reading() as cursor:
            cursor.execute("SELECT position, recorded_at FROM ledger_head")
            return Head(*cursor.fetchone())

    def rows(
        self, after: int, limit: int, stop: int | None = None, topics: Sequence[str] = ()
    ) -> list[StoredRow]:
        """Return rows by position."""
        condition = "position>?" if stop is None else "position>? AND position<=?"
        parameters: list[Any] = [after] if stop is None else [after, stop]
        if topics:
            condition += f" AND topic IN ({','.join('?' * len(topics))})"
            parameters += topics
        return self._select(f"{condition} ORDER BY position LIMIT ?", [*parameters, limit])

    def stream(
        self, stream: str, after_version: int = 0, up_to_version: int | None = None
    ) -> list[StoredRow]:
        """Return the rows of one stream in order of version."""
        condition = "originator_id=? AND originator_version>?"
        parameters: list[Any] = [stream, after_version]
        if up_to_version is not None:
            condition += " AND originator_version<=?"
            parameters.append(up_to_version)
        return self._select(f"{condition} ORDER BY originator_version", parameters)

    def snapshot(self, stream: str, up_to_version: int | None = None) -> StoredEvent | None:
        """Return the newest snapshot of a stream."""
        condition = "originator_id=?"
        parameters: list[Any] = [stream]
        if up_to_version is not None:
            condition += " AND originator_version<=?"
            parameters.append(up_to_version)
        with self.datastore.reading() as cursor:
            cursor.execute(
                "SELECT originator_id, originator_version, topic, state FROM stored_snapshots "
                f"WHERE {condition} ORDER BY originator_version DESC LIMIT 1",
                parameters,
            )
            row = cursor.fetchone()
            return None if row is None else StoredEvent(*row)

    def histories(self, streams: Sequence[str]) -> tuple[list[StoredEvent], list[StoredRow]]:
        """Load many streams at once, each from its newest snapshot on."""
        snapshots: list[StoredEvent] = []
        rows: list[StoredRow] = []
        for start in range(0, len(streams), _IDS_PER_QUERY):
            part = list(streams[start : start + _IDS_PER_QUERY])
            with self.datastore.reading() as cursor:
                cursor.execute(_NEWEST_SNAPSHOTS.format(",".join("?" * len(part))), part)
                newest = [StoredEvent(*row) for row in cursor.fetchall()]
                after = {stored.originator_id: stored.originator_version for stored in newest}
                wanted = [value for stream in part for value in (stream, after.get(stream, 0))]
                cursor.execute(_AFTER_SNAPSHOTS.format(",".join(["(?,?)"] * len(part))), wanted)
                rows += [StoredRow(*row) for row in cursor.fetchall()]
            snapshots += newest
        return snapshots, rows

    def version_at(self, stream: str, position: int) -> int:
        """Return the last version at or before a position, by binary search."""
        with self.datastore.reading() as cursor:
            cursor.execute(
                "SELECT MAX(originator_version) FROM stored_events WHERE originator_id=?", [stream]
            )
            low, high = 0, cursor.fetchone()[0] or 0
            while low < high:
                middle = (low + high + 1) // 2
                cursor.execute(
                    "SELECT position FROM stored_events WHERE originator_id=? "
                    "AND originator_version=?",
                    [stream, middle],
                )
                if cursor.fetchone()[0] <= position:
                    low = middle
                else:
                    high = middle - 1
            return low

    def position_at(self, recorded_at: int) -> int:
        """Return the last position recorded by an instant, by binary search."""
        low, high = 0, self.head().position
        with self.datastore.reading() as cursor:
            while low < high:
                middle = (low + high + 1) // 2
                cursor.execute("SELECT recorded_at FROM stored_events WHERE position=?", [middle])
                if cursor.fetchone()[0] <= recorded_at:
                    low = middle
                else:
                    high = middle - 1
        return low

    def streams(self, category: str) -> Iterator[str]:
        """Yield the streams of a category, with one index lookup each."""
        last, end = f"{category}/", f"{category}0"
        while True:
            with self.datastore.reading() as cursor:
                cursor.execute(
                    "SELECT MIN(originator_id) FROM stored_events "
                    "WHERE originator_id>? AND originator_id<?",
                    [last, end],
                )
                found = cursor.fetchone()[0]
            if found is None:
                return
            last = found
            yield last

    def outcomes(self, command_ids: Sequence[str]) -> dict[str, Outcome]:
        """Return outcomes by command id."""
        found = {}
        with self.datastore.reading() as cursor:
            for start in range(0, len(command_ids), _IDS_PER_QUERY):
                part = command_ids[start : start + _IDS_PER_QUERY]
                cursor.execute(
                    f"SELECT {_OUTCOME_COLUMNS} FROM stored_commands "
                    f"WHERE command_id IN ({','.join('?' * len(part))})",
                    list(part),
                )
                for row in cursor.fetchall():
                    found[row[0]] = Outcome.of_row(tuple(row))
        return found

    def outcomes_after(self, sequence: int, limit: int) -> list[tuple[int, Outcome]]:
        """Return outcomes in the order in which the commands were decided."""
        with self.datastore.reading() as cursor:
            cursor.execute(
                f"SELECT {_OUTCOME_COLUMNS}, sequence FROM stored_commands WHERE sequence>? "
                "ORDER BY sequence LIMIT ?",
                [sequence, limit],
            )
            return [(row[-1], Outcome.of_row(tuple(row)[:-1])) for row in cursor.fetchall()]

    def _select(self, condition: str, parameters: Sequence[Any]) -> list[StoredRow]:
        with self.datastore.reading() as cursor:
            cursor.execute(
                "SELECT originator_id, originator_version, topic, state, position, occurred_at, "
                "recorded_at, command_id, correlation_id, causation_id, actor "
                f"FROM stored_events WHERE {condition}",
                parameters,
            )
            convert = self.convert_originator_id
            return [StoredRow(convert(row[0]), *row[1:]) for row in map(tuple, cursor.fetchall())]


class SQLiteAppend:
    """The transaction of one group, with the tree heads that it began with."""

    def __init__(self, recorder: SQLiteLedgerRecorder, cursor: SQLiteCursor) -> None:
        self._recorder = recorder
        self.cursor = cursor
        self.trees = TreeHeads()

    def begin(self, command_ids: Sequence[str]) -> tuple[Head, dict[str, Outcome]]:
        """Return the head that the group is judged against, and the known outcomes of its ids."""
        if not self._recorder.hashes_rows:
            return self._recorder.head(), self._recorder.outcomes(command_ids)
        self.cursor.execute(_BEGIN)
        position, recorded_at, *trees = self.cursor.fetchone()
        self.trees = TreeHeads.of_row(position, *trees)
        return Head(position, recorded_at), self._recorder.outcomes(command_ids)

    def append(
        self,
        expected: Head,
        head: Head,
        events: Sequence[EventRow],
        outcomes: Sequence[OutcomeRow],
        snapshots: Sequence[SnapshotRow],
    ) -> None:
        """Move the head and its tree heads, and write all rows with them."""
        parts: Iterable[tuple[str, Sequence[Any]]]
        if self._recorder.hashes_rows:
            trees, event_leaves, leaves, nodes = self.trees.extend(events, outcomes)
            self._move(_MOVE_SEALED_HEAD, [*head, *trees.as_row(), expected.position])
            numbered = zip(outcomes, leaves, count(self.trees.commands.size + 1), strict=False)
            parts = (
                (_INSERT_SEALED_EVENT, [
                    (*row, leaf) for row, leaf in zip(events, event_leaves, strict=True)
                ]),
                (_INSERT_SEALED_OUTCOME, [(*row, leaf, place) for row, leaf, place in numbered]),
                (_INSERT_NODE, nodes), (_INSERT_SNAPSHOT, snapshots),
            )
        else:
            self._move(_MOVE_HEAD, [*head, expected.position])
            parts = (
                (_INSERT_EVENT, events), (_INSERT_OUTCOME, outcomes), (_INSERT_SNAPSHOT, snapshots),
            )
        for statement, rows in parts:
            insert_rows(self.cursor, statement, rows)

    def _move(self, statement: str, parameters: list[Any]) -> None:
        self.cursor.execute(statement, parameters)
        if self.cursor.sqlite_cursor.rowcount != 1:
            raise HeadMoved


class SQLiteFactory(eventsourcing.sqlite.SQLiteFactory):
    """Plugs the ledger's recorders into the library, by its persistence-module convention."""

    READ_ONLY = "STOCKTRAIL_READ_ONLY"
    READ_ONLY_FOLDER = "STOCKTRAIL_FIXED_FOLDER"

    aggregate_recorder_class = SQLiteAggregateRecorder
    application_recorder_class = SQLiteLedgerRecorder

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        self.datastore.close()
        self.datastore = SQLiteLedgerDatastore(
            str(self.env.get(self.SQLITE_DBNAME)),
            read_only=strtobool(self.env.get(self.READ_ONLY, "n") or "n"),
            in_read_only_folder=strtobool(self.env.get(self.READ_ONLY_FOLDER, "n") or "n"),
        )
