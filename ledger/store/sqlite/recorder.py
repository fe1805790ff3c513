"""The recorder of a ledger in SQLite.

Positions are gapless and in commit order: the head row is moved by compare-and-set in the
transaction that writes the events.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from typing import Any, ClassVar

import eventsourcing.sqlite
from eventsourcing.persistence import (
    ApplicationRecorder,
    StoredEvent,
)
from eventsourcing.sqlite import (
    SQLiteAggregateRecorder,
    SQLiteApplicationRecorder,
    SQLiteCursor,
)
from eventsourcing.utils import Environment, EnvType, strtobool

from stocktrail.ledger.store.command_row import COLUMNS, CommandRow, IndexRow, stored_rows
from stocktrail.ledger.store.log_reading import LogReading
from stocktrail.ledger.store.mapper import SnapshotRow, StoredRow
from stocktrail.ledger.store.merkle.tree import CompactRange
from stocktrail.ledger.store.outcome import Head, Outcome
from stocktrail.ledger.store.sqlite.append import append_rows, head_and_tree
from stocktrail.ledger.store.sqlite.datastore import SQLiteLedgerDatastore
from stocktrail.ledger.store.sqlite.schema import (
    APPLICATION_ID,
    SCHEMA_VERSION,
    TABLES,
    TRIGGERS,
    VIEWS,
)
from stocktrail.ledger.store.sqlite.upgrade import upgrade_old_file
from stocktrail.ledger.store.upgrade.upgrading import ReportProgress

_NEWEST_SNAPSHOTS = (
    "SELECT originator_id, MAX(originator_version), topic, state FROM stored_snapshots "
    "WHERE originator_id IN :values {} GROUP BY originator_id"
)
_TAKEN_BY = (
    "AND (SELECT sequence FROM stream_index WHERE stream = originator_id "
    "AND version = originator_version) <= {}"
)
_IDS_PER_QUERY = 500
_AFTER_SNAPSHOTS = (
    f"WITH wanted (stream, after_version) AS (VALUES {{}}) SELECT {COLUMNS} FROM commands WHERE "
    "sequence IN (SELECT sequence FROM wanted CROSS JOIN stream_index i "
    "ON i.stream = wanted.stream AND i.version > after_version {}) ORDER BY sequence"
)


class SQLiteLedgerRecorder(LogReading, SQLiteApplicationRecorder):
    """Records the log of a ledger in SQLite."""

    datastore: SQLiteLedgerDatastore
    hashes_rows = True
    """Whether what is appended is sealed; only a scratch log, which nobody keeps, goes without."""

    def construct_create_table_statements(self) -> list[str]:
        """Return the statements for tables and triggers, and for the file's application id."""
        return [
            *TABLES, *TRIGGERS, *VIEWS,
            f"PRAGMA application_id={APPLICATION_ID}", f"PRAGMA user_version={SCHEMA_VERSION}",
        ]

    def create_table(self, progress: ReportProgress | None = None) -> None:
        """Create what is missing, and upgrade a file of a former version.

        Under the write lock, because several processes may start at once.
        """
        with self.datastore.write_transaction() as cursor:
            upgrade_old_file(cursor, progress)
            self._create_table(cursor)

    def max_notification_id(self) -> int | None:  # type: ignore[override]
        """Return the last position, or ``None`` while the log is empty."""
        return self.head().position or None

    @contextmanager
    def appending(self) -> Iterator["SQLiteAppend"]:
        """Take the write lock, so that no other writer can append until the group is recorded."""
        with self.datastore.write_transaction() as cursor:
            yield SQLiteAppend(self, cursor)

    def settled_outcomes(self, command_ids: Sequence[str]) -> dict[str, Outcome]:
        """Return outcomes after a commit that failed, once they are on the disk.

        A commit that could not be synced is readable from memory until the power fails. Raises the
        database's error while it cannot be synced.
        """
        self._write_through()
        return self.outcomes(command_ids)

    def _write_through(self) -> None:
        if not self.datastore.write_ahead_log.is_durable:
            with self.datastore.write_transaction():
                pass                             # which makes it durable before anything else

    def histories(
        self, streams: Sequence[str], until: int | None = None
    ) -> tuple[list[StoredEvent], list[StoredRow]]:
        """Load many streams at once, each from its newest snapshot on."""
        taken, recorded = ("", "") if until is None else (
            _TAKEN_BY.format(until), f"AND i.sequence <= {until}"
        )
        newest = _NEWEST_SNAPSHOTS.format(taken)
        snapshots = [StoredEvent(*row) for row in self._fetch_among(newest, streams)]
        after = dict.fromkeys(streams, 0)
        after |= {str(each.originator_id): each.originator_version for each in snapshots}
        found: list[StoredRow] = []
        wanted = list(after.items())
        for start in range(0, len(wanted), _IDS_PER_QUERY):
            part = wanted[start : start + _IDS_PER_QUERY]
            query = _AFTER_SNAPSHOTS.format(",".join(["(?,?)"] * len(part)), recorded)
            asked = dict(part)
            for row in self._fetch(query, list(chain.from_iterable(part))):
                found += (
                    each for each in stored_rows(CommandRow._make(row), asked)
                    if each.originator_version > asked[str(each.originator_id)]
                )
        return snapshots, found

    def _fetch(self, query: str, parameters: Any) -> list[Any]:
        with self.datastore.reading() as cursor:
            # A cursor of its own, whose rows are tuples: the limit of `benchmarks.rebuild` takes
            # 2.3 instead of 2.6 us of processor an event (2026-11-30).
            rows = cursor.sqlite_cursor.connection.cursor()
            rows.row_factory = None
            return rows.execute(query, parameters).fetchall()

    def _fetch_among(self, query: str, values: Sequence[str]) -> list[Any]:
        found: list[Any] = []
        for start in range(0, len(values), _IDS_PER_QUERY):
            part = values[start : start + _IDS_PER_QUERY]
            marks = f"({','.join('?' * len(part))})"
            found += self._fetch(query.replace(":values", marks), list(part))
        return found

    def _converted(self, row: StoredRow) -> StoredRow:
        stream = self.convert_originator_id(str(row.originator_id))
        return row if stream == row.originator_id else replace(row, originator_id=stream)


class SQLiteAppend:
    """The transaction of one group, with the tree that it began with."""

    def __init__(self, recorder: SQLiteLedgerRecorder, cursor: SQLiteCursor) -> None:
        self._recorder = recorder
        self.cursor = cursor
        self._tree = CompactRange()

    def begin(self, command_ids: Sequence[str]) -> tuple[Head, dict[str, Outcome]]:
        """Return the head that the group is judged against, and the known outcomes of its ids."""
        head, self._tree = head_and_tree(self.cursor, is_sealed=self._recorder.hashes_rows)
        return head, self._recorder.outcomes(command_ids)

    def append(
        self,
        expected: Head,
        head: Head,
        rows: Sequence[CommandRow],
        index: Sequence[IndexRow],
        snapshots: Sequence[SnapshotRow],
    ) -> None:
        """Move the head and its tree, and write all rows with them."""
        append_rows(
            self.cursor, expected, head, self._tree, rows, index, snapshots,
            is_sealed=self._recorder.hashes_rows,
        )


class SQLiteFactory(eventsourcing.sqlite.SQLiteFactory):
    """Plugs the ledger's recorders into the library, by its persistence-module convention."""

    READ_ONLY = "STOCKTRAIL_READ_ONLY"
    READ_ONLY_FOLDER = "STOCKTRAIL_FIXED_FOLDER"

    is_synced: ClassVar[bool] = True
    """Whether commits wait for the disk: not from the environment, which is no place to lose a log.
    """

    datastore: SQLiteLedgerDatastore
    aggregate_recorder_class = SQLiteAggregateRecorder
    application_recorder_class = SQLiteLedgerRecorder

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        self.datastore.close()
        self.datastore = SQLiteLedgerDatastore(
            str(self.env.get(self.SQLITE_DBNAME)),
            read_only=strtobool(self.env.get(self.READ_ONLY, "n") or "n"),
            in_read_only_folder=strtobool(self.env.get(self.READ_ONLY_FOLDER, "n") or "n"),
            synced=self.is_synced,
        )

    def application_recorder(self) -> ApplicationRecorder:
        """Return the recorder of the log, once what it finds there is on the disk.

        A process that died may have written a commit and not synced it. Whoever comes first then
        reads it from memory, and would tell others of it before it can survive a power cut.
        """
        try:
            recorder = super().application_recorder()
            self.datastore.settle_log()
        except BaseException:
            self.datastore.close()               # in its order, not in that of the collector
            raise
        return recorder


class ScratchFactory(SQLiteFactory):
    """Makes the recorders of a log that is discarded: no commit waits for the disk.

    Beside other work on the disk a dry run of one order takes 14 instead of 50 ms, of which 3.8
    instead of 6.5 ms of processor (40 of them, one after the other, 2026-11-30).
    """

    is_synced = False
