"""Connections to a ledger's SQLite file, made durable by explicit settings."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from eventsourcing.persistence import (
    ConnectionPoolClosedError,
    InterfaceError,
    OperationalError,
    PersistenceError,
)
from eventsourcing.sqlite import (
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteTrackingRecorder,
    SQLiteTransaction,
)

from stocktrail.ledger.store.sqlite import unsynced
from stocktrail.ledger.store.sqlite.write_ahead_log import WriteAheadLog, use_write_ahead_log
from stocktrail.ledger.store.time_limit import is_over, seconds_left

LOCK_TIMEOUT_SECONDS = 60
"""How long a writer waits for the write lock before it fails."""

PREPARED_STATEMENTS = 256
"""How many prepared statements a connection keeps; those of the library keep one.

Running a short statement takes 1.3 instead of 6.0 us (``python -m benchmarks.fast_paths kept``,
2026-11-29).
"""

STEPS_BETWEEN_CHECKS = 10_000
"""After how many virtual-machine steps SQLite checks the time limit of a question."""

PAGE_CACHE_KIB = 65_536
"""The page cache of a writing connection, at most."""


class _Pool(SQLiteConnectionPool):
    """The library's pool, except that closing it leaves connections in use to their threads.

    SQLite crashes the process when a connection is closed during a statement.
    """

    @property
    def readable_name(self) -> str:
        """The URI under which a connection opens the file for reading only."""
        return str(self.db_name).replace("?mode=rwc", "?mode=ro")

    @property
    def path(self) -> str:
        """The path in the URI."""
        return unquote(urlsplit(str(self.db_name)).path)

    def _connect(self, name: str) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                name, uri=True, check_same_thread=False, isolation_level=None,
                timeout=LOCK_TIMEOUT_SECONDS, cached_statements=PREPARED_STATEMENTS,
            )
        except sqlite3.Error as error:
            raise InterfaceError(error) from error
        connection.row_factory = sqlite3.Row
        return connection

    def close(self) -> None:
        with self._put_condition:
            self._closed = True
            while self._pool:
                self._pool.popleft().close()

    def put_connection(self, conn: SQLiteConnection) -> None:
        try:
            super().put_connection(conn)
        except ConnectionPoolClosedError:
            conn.close()


class LedgerConnectionPool(_Pool):
    """The library's pool, with connections that sync to disk at every commit.

    A writer gets the connection that wrote last, so that only one connection fills its page cache,
    and none reads again what another has written: a commit of 200 pages takes 440 instead of 475 us
    (``python -m benchmarks.fast_paths last``, 2026-11-29).
    """

    def __init__(self, db_name: str) -> None:
        super().__init__(
            db_name=db_name, lock_timeout=LOCK_TIMEOUT_SECONDS, max_overflow=64,
            pool_timeout=LOCK_TIMEOUT_SECONDS,
        )
        self._failed = threading.local()
        self._last_writer: SQLiteConnection | None = None

    def _create_connection(self) -> SQLiteConnection:
        connection = self._connect(self.db_name)
        # More than FULL only while the file has no write-ahead log yet: the journal of its creation
        # is then removed for good. Back after a power cut, it would undo the file, log and all.
        connection.execute("PRAGMA synchronous=EXTRA")
        if not self.is_sqlite_memory_mode:
            use_write_ahead_log(connection)
            connection.execute(f"PRAGMA wal_autocheckpoint={unsynced.PAGES_BETWEEN_COPIES}")
        connection.execute(f"PRAGMA cache_size=-{PAGE_CACHE_KIB}")
        return SQLiteConnection(sqlite_conn=connection, max_age=self.max_age)

    def get_connection(
        self, timeout: float | None = None, *, is_writer: bool | None = None
    ) -> SQLiteConnection:
        """Return a connection, and release the writer lock if none can be made.

        The library would hold its writer lock forever in that case.
        """
        self._failed.now = False
        self._requeue_last_writer(for_writing=bool(is_writer))
        try:
            connection = super().get_connection(timeout, is_writer=is_writer)
            if is_writer:
                self._last_writer = connection
            return connection
        except BaseException:
            if self._failed.now and is_writer:
                self._num_writers -= 1
                self._writer_lock.release()
            raise

    def _requeue_last_writer(self, *, for_writing: bool) -> None:
        """Put the connection that wrote last first in line for a writer, last for a reader."""
        with self._put_condition:
            if self._last_writer is None or self._last_writer not in self._pool:
                return
            self._pool.remove(self._last_writer)
            if for_writing:
                self._pool.appendleft(self._last_writer)
            else:
                self._pool.append(self._last_writer)

    def _get_connection(self, timeout: float = 0.0) -> SQLiteConnection:
        try:
            return super()._get_connection(timeout)
        except BaseException:
            self._failed.now = True
            raise


class ReadOnlyConnectionPool(_Pool):
    """Read-only connections, for a file that cannot be written.

    SQLite reads through its write-ahead log, which it cannot create in a read-only folder. While
    there is none, nobody writes: the file is then opened as immutable, by a connection that lives
    for one transaction, so that a later writer is not missed.
    """

    def __init__(self, db_name: str, *, in_read_only_folder: bool) -> None:
        super().__init__(
            db_name=db_name, pool_size=0 if in_read_only_folder else 5, max_overflow=64,
            pool_timeout=LOCK_TIMEOUT_SECONDS,
        )
        self._log = Path(f"{self.path}-wal") if in_read_only_folder else None

    @property
    def readable_name(self) -> str:
        """The URI under which a connection reads the current file."""
        as_it_stands = self._log is not None and not (
            self._log.exists() and self._log.stat().st_size
        )
        return f"{self.db_name}&immutable=1" if as_it_stands else self.db_name

    def _create_connection(self) -> SQLiteConnection:
        connection = self._connect(self.readable_name)
        return SQLiteConnection(sqlite_conn=connection, max_age=self.max_age)


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
        self, db_name: str, *, read_only: bool = False, in_read_only_folder: bool = False
    ) -> None:
        super().__init__(db_name, originator_id_type="text")
        self.pool.close()
        self.pool = (
            ReadOnlyConnectionPool(db_name, in_read_only_folder=in_read_only_folder) if read_only
            else LedgerConnectionPool(db_name)
        )
        self._writing = threading.local()
        self._unsynced_changes = 0
        is_file = not read_only and not self.pool.is_sqlite_memory_mode
        self.write_ahead_log = WriteAheadLog(
            Path(f"{self.pool.path}-wal") if is_file else None, self.readable_name
        )

    def close(self) -> None:
        """Close every connection; the log stays as it is where it may not be durable."""
        self.write_ahead_log.keep()
        super().close()
        self.write_ahead_log.release()

    @property
    def readable_name(self) -> str:
        """The URI under which another connection opens the file for reading only."""
        assert isinstance(self.pool, _Pool)
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
