"""The connections to a file: how many are kept, how they sync, and what each caches."""

import sqlite3
import threading
from pathlib import Path
from urllib.parse import unquote, urlsplit

from eventsourcing.persistence import ConnectionPoolClosedError, InterfaceError
from eventsourcing.sqlite import SQLiteConnection, SQLiteConnectionPool

from stocktrail.ledger.store.sqlite import unsynced
from stocktrail.ledger.store.sqlite.write_ahead_log import use_write_ahead_log

LOCK_TIMEOUT_SECONDS = 60
"""How long a writer waits for the write lock before it fails."""

PREPARED_STATEMENTS = 256
"""How many prepared statements a connection keeps; those of the library keep one.

Running a short statement takes 1.3 instead of 6.0 us (``python -m benchmarks.fast_paths kept``,
2026-11-29).
"""

PAGE_CACHE_KIB = 65_536
"""The page cache of the connection that writes, at most."""

READING_CACHE_KIB = 8_192
"""That of each other connection: as many as threads read, and the system caches the file anyway.

With as much as who writes has, a service grew to 441 MiB by 120 questions about the past of a
ledger of 750 MB; they took no less processor (2026-11-30).
"""

IDLE_CONNECTIONS = 5
"""How many connections are kept open while nobody uses them."""


class FilePool(SQLiteConnectionPool):
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
        """Close idle connections; those in use are closed when they are put back."""
        with self._put_condition:
            self._closed = True
            while self._pool:
                self._pool.popleft().close()

    def put_connection(self, conn: SQLiteConnection) -> None:
        """Put a connection back, or close it where the pool was closed meanwhile."""
        try:
            super().put_connection(conn)
        except ConnectionPoolClosedError:
            conn.close()


    @property
    def connections_open(self) -> int:
        """How many connections there are, idle ones and those in use."""
        return len(self._pool) + len(self._in_use)


class LedgerConnectionPool(FilePool):
    """The library's pool, with connections that sync to disk at every commit, if ``synced``.

    A writer gets the connection that wrote last, so that only one connection fills its page cache,
    and none reads again what another has written: a commit of 200 pages takes 440 instead of 475 us
    (``python -m benchmarks.fast_paths last``, 2026-11-29).
    """

    def __init__(self, db_name: str, *, synced: bool = True) -> None:
        super().__init__(
            db_name=db_name, lock_timeout=LOCK_TIMEOUT_SECONDS, pool_size=IDLE_CONNECTIONS,
            max_overflow=64, pool_timeout=LOCK_TIMEOUT_SECONDS,
        )
        self._is_synced = synced
        self._failed = threading.local()
        self._last_writer: SQLiteConnection | None = None

    def _create_connection(self) -> SQLiteConnection:
        connection = self._connect(self.db_name)
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()               # nobody else has it yet, nor would close it
            raise
        return SQLiteConnection(sqlite_conn=connection, max_age=self.max_age)

    def _prepare(self, connection: sqlite3.Connection) -> None:
        # More than FULL only while the file has no write-ahead log yet: the journal of its creation
        # is then removed for good. Back after a power cut, it would undo the file, log and all.
        connection.execute(f"PRAGMA synchronous={'EXTRA' if self._is_synced else 'OFF'}")
        # Of a file that is created now: pages that become free can be given back. In one that is
        # there it would write, and wait for whoever writes.
        if not connection.execute("PRAGMA page_count").fetchone()[0]:
            connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        if not self.is_sqlite_memory_mode:
            use_write_ahead_log(connection)
            connection.execute(f"PRAGMA wal_autocheckpoint={unsynced.PAGES_BETWEEN_COPIES}")
        connection.execute(f"PRAGMA cache_size=-{READING_CACHE_KIB}")

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
            if is_writer and connection is not self._last_writer:
                try:
                    self._change_writer(connection)
                except BaseException:
                    connection.close()
                    self.put_connection(connection)
                    raise
            return connection
        except BaseException:
            if self._failed.now and is_writer:
                self._num_writers -= 1
                self._writer_lock.release()
            raise

    def _change_writer(self, connection: SQLiteConnection) -> None:
        """Enlarge the page cache of who writes now, and shrink that of who did, if it is idle."""
        with self._put_condition:
            before, self._last_writer = self._last_writer, connection
            if before is not None and before in self._pool:
                _resize_page_cache(before, READING_CACHE_KIB)
        _resize_page_cache(connection, PAGE_CACHE_KIB)

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


def _resize_page_cache(connection: SQLiteConnection, kibibytes: int) -> None:
    connection.cursor().execute(f"PRAGMA cache_size=-{kibibytes}")


class ReadOnlyConnectionPool(FilePool):
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
