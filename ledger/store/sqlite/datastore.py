"""Connections to a ledger's SQLite file, durable by explicit settings, not by defaults."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from urllib.parse import unquote, urlsplit

from eventsourcing.persistence import (
    ConnectionPoolClosedError,
    InterfaceError,
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

from stocktrail.ledger.store.time_limit import is_over, seconds_left

LOCK_TIMEOUT_SECONDS = 60
"""How long a writer waits for the others before it gives up."""

PREPARED_STATEMENTS = 256
"""How many statements a connection keeps ready; the library's own keep one."""

STEPS_BETWEEN_LOOKS = 10_000
"""After how many steps of its machine SQLite looks whether the time of a question is over."""

PAGE_CACHE_KIB = 65_536
"""Memory in which a writing connection keeps pages of the file; the most that it grows to."""


class _Pool(SQLiteConnectionPool):
    """The library's pool, but closing it takes no connection from a thread that is using it.

    SQLite crashes the process when a connection is closed under a running statement.
    """

    @property
    def readable_name(self) -> str:
        """The URI under which a connection reads the file, and never writes to it."""
        return str(self.db_name).replace("?mode=rwc", "?mode=ro")

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
    """The library's pool, whose connections write through to the disk at every commit.

    Whoever writes gets the connection that wrote last: what another one keeps of the file in memory
    is no longer right, and it would read most of it again.
    """

    def __init__(self, db_name: str) -> None:
        super().__init__(
            db_name=db_name, lock_timeout=LOCK_TIMEOUT_SECONDS, max_overflow=64,
            pool_timeout=LOCK_TIMEOUT_SECONDS,
        )
        self._failed = threading.local()
        self._wrote: SQLiteConnection | None = None

    def _create_connection(self) -> SQLiteConnection:
        connection = self._connect(self.db_name)
        if not self.is_sqlite_memory_mode:
            connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA cache_size=-{PAGE_CACHE_KIB}")
        return SQLiteConnection(sqlite_conn=connection, max_age=self.max_age)

    def get_connection(
        self, timeout: float | None = None, *, is_writer: bool | None = None
    ) -> SQLiteConnection:
        """Return a connection; when there is none to give, the next in line may still write.

        The library keeps its writer lock for ever when a connection cannot be made.
        """
        self._failed.now = False
        self._line_up(for_writing=bool(is_writer))
        try:
            connection = super().get_connection(timeout, is_writer=is_writer)
            if is_writer:
                self._wrote = connection
            return connection
        except BaseException:
            if self._failed.now and is_writer:
                self._num_writers -= 1
                self._writer_lock.release()
            raise

    def _line_up(self, *, for_writing: bool) -> None:
        """Put the connection that wrote last first in line for a writer, last for a reader."""
        with self._put_condition:
            if self._wrote is None or self._wrote not in self._pool:
                return
            self._pool.remove(self._wrote)
            if for_writing:
                self._pool.appendleft(self._wrote)
            else:
                self._pool.append(self._wrote)

    def _get_connection(self, timeout: float = 0.0) -> SQLiteConnection:
        try:
            return super()._get_connection(timeout)
        except BaseException:
            self._failed.now = True
            raise


class ReadOnlyConnectionPool(_Pool):
    """Connections that can only read, for a file that cannot be written.

    SQLite reads beside its write-ahead log, which it cannot make in a folder that cannot be written
    either. While there is none, nobody writes: such a file is read as it stands, by a connection
    that lives for one transaction and so never misses a writer that comes later.
    """

    def __init__(self, db_name: str, *, in_fixed_folder: bool) -> None:
        super().__init__(
            db_name=db_name, pool_size=0 if in_fixed_folder else 5, max_overflow=64,
            pool_timeout=LOCK_TIMEOUT_SECONDS,
        )
        self._log = Path(f"{unquote(urlsplit(db_name).path)}-wal") if in_fixed_folder else None

    @property
    def readable_name(self) -> str:
        """The URI under which a connection reads the file as it is now."""
        as_it_stands = self._log is not None and not (
            self._log.exists() and self._log.stat().st_size
        )
        return f"{self.db_name}&immutable=1" if as_it_stands else self.db_name

    def _create_connection(self) -> SQLiteConnection:
        connection = self._connect(self.readable_name)
        return SQLiteConnection(sqlite_conn=connection, max_age=self.max_age)


class _WriteTransaction(SQLiteTransaction):
    """A transaction that takes the write lock at once, so that what it reads stays true."""

    def __enter__(self) -> SQLiteCursor:
        cursor = self.connection.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        return cursor


class LedgerDatastore(SQLiteDatastore):
    """The library's datastore with write transactions that lock first.

    Inside :meth:`write_transaction` the same thread reads through :meth:`reading` within the
    transaction, so what a decision is based on cannot change before it is recorded.
    """

    def __init__(
        self, db_name: str, *, read_only: bool = False, in_fixed_folder: bool = False
    ) -> None:
        super().__init__(db_name, originator_id_type="text")
        self.pool.close()
        self.pool = (
            ReadOnlyConnectionPool(db_name, in_fixed_folder=in_fixed_folder) if read_only
            else LedgerConnectionPool(db_name)
        )
        self._writing = threading.local()

    @property
    def readable_name(self) -> str:
        """The URI under which another connection reads the file, and never writes to it."""
        assert isinstance(self.pool, _Pool)
        return self.pool.readable_name

    @contextmanager
    def write_transaction(self) -> Iterator[SQLiteCursor]:
        """Hold the write lock, and commit at the end unless there was an error.

        After an error of the database the connection is dropped: what it left undone is rolled
        back, and nothing is read through it that was not recorded.
        """
        with self.get_connection(commit=True) as connection, self._locked(connection) as cursor:
            yield cursor

    @contextmanager
    def _locked(self, connection: SQLiteConnection) -> Iterator[SQLiteCursor]:
        try:
            with _WriteTransaction(connection, commit=True) as cursor, cursor:
                self._writing.cursor = cursor
                try:
                    yield cursor
                finally:
                    self._writing.cursor = None
        except (PersistenceError, sqlite3.Error):
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
        """Read in a transaction, for as long as the thread may."""
        with self.transaction(commit=False) as cursor, within_limit(
            cursor.sqlite_cursor.connection
        ):
            yield cursor

    @contextmanager
    def reading_models(self) -> Iterator[SQLiteCursor]:
        """Read from one consistent state of the database."""
        with self._reading() as cursor:
            yield cursor

    @contextmanager
    def reading_log(self) -> Iterator[SQLiteCursor]:
        """Read from one consistent state of the database, rows as plain tuples."""
        with self._reading() as cursor:
            cursor.sqlite_cursor.row_factory = None
            yield cursor

    @contextmanager
    def writing_models(self, *, synced: bool = True) -> Iterator[SQLiteCursor]:
        """Write under the one write lock there is; everything commits or nothing.

        What is not ``synced`` is on the disk with the next commit that is, and in its order.
        """
        with (
            self.get_connection(commit=True) as connection,
            nullcontext() if synced else _not_synced(connection),
            self._locked(connection) as cursor,
        ):
            yield cursor

    def prepare_tracking(self) -> None:
        """Create the library's table of positions unless it is there.

        Under the write lock, because the library does not expect that several processes start.
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
    """Let SQLite break off its statements when the time of this thread is over."""
    if seconds_left() is None:
        yield
        return
    connection.set_progress_handler(is_over, STEPS_BETWEEN_LOOKS)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)


@contextmanager
def _not_synced(connection: SQLiteConnection) -> Iterator[None]:
    """Let the commits of a connection not wait for the disk."""
    _sync_commits(connection, "NORMAL")
    try:
        yield
    finally:
        if not connection.closed:
            _sync_commits(connection, "FULL")


def _sync_commits(connection: SQLiteConnection, level: str) -> None:
    """Set whether commits wait for the disk; a connection on which that fails is used no more."""
    try:
        # As a script, because SQLite changes it when it prepares the words, not when it runs them.
        connection.cursor().sqlite_cursor.executescript(f"PRAGMA synchronous={level}")
    except sqlite3.Error:
        connection.close()
        raise


def _has_tracking(cursor: SQLiteCursor) -> bool:
    cursor.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'tracking'")
    return cursor.fetchone() is not None
