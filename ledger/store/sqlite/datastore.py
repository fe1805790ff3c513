"""Connections to a ledger's SQLite file, made durable by explicit settings."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eventsourcing.persistence import (
    OperationalError,
    PersistenceError,
)
from eventsourcing.sqlite import (
    SQLiteConnection,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteTrackingRecorder,
    SQLiteTransaction,
)

from stocktrail.ledger.store.cache_size import CacheSize
from stocktrail.ledger.store.sqlite import unsynced
from stocktrail.ledger.store.sqlite.connection_pools import (
    IDLE_CONNECTIONS,
    LOCK_TIMEOUT_SECONDS,
    PAGE_CACHE_KIB,
    READING_CACHE_KIB,
    FilePool,
    LedgerConnectionPool,
    ReadOnlyConnectionPool,
)
from stocktrail.ledger.store.sqlite.write_ahead_log import WriteAheadLog
from stocktrail.ledger.store.time_limit import is_over, seconds_left

STEPS_BETWEEN_CHECKS = 10_000
"""After how many virtual-machine steps SQLite checks the time limit of a question."""

PAGES_AT_ONCE = 500
"""How many free pages are given back in one transaction, while nobody else can write."""

_INCREMENTAL = 2

class _WriteTransaction(SQLiteTransaction):
    """A transaction that takes the write lock at once, so that its reads stay valid."""

    def __enter__(self) -> SQLiteCursor:
        cursor = self.connection.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        return cursor


class SQLiteLedgerDatastore(SQLiteDatastore):
    """The library's datastore with write transactions that lock first.

    Inside :meth:`write_transaction` the same thread's :meth:`reading` uses that transaction, so
    what a decision is based on cannot change before it is recorded.
    """

    connections_made = 0                         # to no server: a file stays the same

    def __init__(
        self, db_name: str, *, read_only: bool = False, in_read_only_folder: bool = False,
        synced: bool = True,
    ) -> None:
        super().__init__(db_name, originator_id_type="text")
        self.pool.close()
        self.pool: ReadOnlyConnectionPool | LedgerConnectionPool = (
            ReadOnlyConnectionPool(db_name, in_read_only_folder=in_read_only_folder) if read_only
            else LedgerConnectionPool(db_name, synced=synced)
        )
        self._writing = threading.local()
        self._unsynced_changes = 0
        is_file = not read_only and synced and not self.pool.is_sqlite_memory_mode
        self.write_ahead_log: WriteAheadLog = WriteAheadLog(
            Path(f"{self.pool.path}-wal") if is_file else None, self.readable_name
        )

    def close(self) -> None:
        """Close every connection; the log stays as it is where it may not be durable."""
        self.write_ahead_log.keep()
        super().close()
        self.write_ahead_log.release()

    def cache_sizes(self) -> list[CacheSize]:
        """Return how much the page caches of open connections take, and those of all kept ones.

        More connections are only open while more threads read at once than are kept.
        """
        assert isinstance(self.pool, FilePool)
        readers = self.pool.connections_open - 1
        return [CacheSize(
            "sqlite_pages", (PAGE_CACHE_KIB + max(readers, 0) * READING_CACHE_KIB) << 10,
            (PAGE_CACHE_KIB + IDLE_CONNECTIONS * READING_CACHE_KIB) << 10,
        )]

    @property
    def readable_name(self) -> str:
        """The URI under which another connection opens the file for reading only."""
        assert isinstance(self.pool, FilePool)
        return self.pool.readable_name

    def settle_log(self) -> None:
        """Make durable what another process has left in the log, unless somebody writes just now.

        Who writes has done so before.
        """
        if self.write_ahead_log.is_durable:
            return
        with self.get_connection(commit=False) as connection:
            cursor = connection.cursor()
            cursor.execute("PRAGMA busy_timeout=0")
            try:
                with self._locked(connection):
                    pass
            except OperationalError as error:
                if "locked" not in str(error):
                    raise
            else:
                cursor.execute(f"PRAGMA busy_timeout={LOCK_TIMEOUT_SECONDS * 1000}")

    @contextmanager
    def write_transaction(self) -> Iterator[SQLiteCursor]:
        """Hold the write lock, and commit at the end unless there was an error.

        After an error of the database the connection is closed: its changes are rolled back, and
        nothing unrecorded can be read through it.
        """
        with self.get_connection(commit=True) as connection, self._locked(connection) as cursor:
            yield cursor

    @contextmanager
    def _locked(self, connection: SQLiteConnection) -> Iterator[SQLiteCursor]:
        try:
            with _WriteTransaction(connection, commit=True) as cursor, cursor:
                self.write_ahead_log.make_durable()
                self._writing.cursor = cursor
                try:
                    yield cursor
                finally:
                    self._writing.cursor = None
        except (PersistenceError, sqlite3.Error) as error:
            if "locked" not in str(error):
                # Whatever it was: closing the last connection copies the log, and does not tell
                # of a sync that failed on the way. A full disk may hide one, too.
                self.write_ahead_log.distrust()
            connection.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[SQLiteCursor]:
        """Return a cursor to read with: that of this thread's write transaction, if any."""
        cursor: SQLiteCursor | None = getattr(self._writing, "cursor", None)
        if cursor is not None:
            yield cursor
        else:
            with self._reading() as fresh:
                yield fresh

    @contextmanager
    def _reading(self) -> Iterator[SQLiteCursor]:
        """Read in a transaction, within the time limit of the thread."""
        with self.transaction(commit=False) as cursor, within_limit(
            cursor.sqlite_cursor.connection
        ):
            yield cursor

    @contextmanager
    def reading_models(self) -> Iterator[SQLiteCursor]:
        """Read from one consistent snapshot of the database."""
        with self._reading() as cursor:
            yield cursor

    @contextmanager
    def reading_log(self) -> Iterator[SQLiteCursor]:
        """Read from one consistent snapshot of the database, rows as plain tuples."""
        with self._reading() as cursor:
            cursor.sqlite_cursor.row_factory = None
            yield cursor

    @contextmanager
    def writing_models(self, *, synced: bool = True) -> Iterator[SQLiteCursor]:
        """Write under SQLite's one write lock; everything commits or nothing.

        Changes that are not ``synced`` reach the disk with the next synced commit, in order.
        """
        with self.get_connection(commit=True) as connection:
            if synced:
                with self._locked(connection) as cursor:
                    yield cursor
                return
            with unsynced.not_synced(connection):
                with self._locked(connection) as cursor:
                    before = cursor.sqlite_cursor.connection.total_changes
                    yield cursor
                    changes = cursor.sqlite_cursor.connection.total_changes - before
                self._copy_log(connection, changes)

    def _copy_log(self, connection: SQLiteConnection, changes: int) -> None:
        """Copy the log into the file once commits without a sync have changed enough rows."""
        self._unsynced_changes += changes
        if self._unsynced_changes < unsynced.CHANGES_BETWEEN_COPIES:
            return
        self._unsynced_changes = 0
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
        except PersistenceError:
            self.write_ahead_log.distrust()
            connection.close()
            raise

    def give_back_pages(self) -> bool:
        """Return some free pages of the file to the operating system; say whether there are more.

        Pages from its end are moved into the free ones, and the file is cut with the next copy of
        the log. Files of versions before 2026-12 keep their free pages until a ``VACUUM``.
        """
        with self.writing_models(synced=False) as cursor:
            cursor.execute("PRAGMA auto_vacuum")
            if cursor.fetchone()[0] != _INCREMENTAL:
                return False
            cursor.execute("PRAGMA freelist_count")
            free = cursor.fetchone()[0]
            for _ in range(min(free, PAGES_AT_ONCE)):
                cursor.execute("PRAGMA incremental_vacuum(1)")     # Python takes one step of it
        return bool(free > PAGES_AT_ONCE)

    def exclude_readers(self, cursor: SQLiteCursor) -> bool:
        """Do nothing: who reads has a snapshot of the tables too."""
        return True

    def prepare_tracking(self) -> None:
        """Create the library's table of positions if it is missing.

        It takes the write lock, because the library does not expect several processes to start at
        once.
        """
        recorder = SQLiteTrackingRecorder(self)
        with self.transaction(commit=False) as cursor:
            if _has_tracking(cursor):
                return
        with self.write_transaction() as cursor:
            if not _has_tracking(cursor):
                recorder._create_table(cursor)


@contextmanager
def within_limit(connection: sqlite3.Connection) -> Iterator[None]:
    """Let SQLite interrupt its statements when the time limit of this thread has passed."""
    if seconds_left() is None:
        yield
        return
    connection.set_progress_handler(is_over, STEPS_BETWEEN_CHECKS)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)


def _has_tracking(cursor: SQLiteCursor) -> bool:
    cursor.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'tracking'")
    return cursor.fetchone() is not None
