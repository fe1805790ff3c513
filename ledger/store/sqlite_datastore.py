"""Connections to a ledger's SQLite file, durable by explicit settings, not by defaults."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from eventsourcing.persistence import InterfaceError
from eventsourcing.sqlite import (
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteTransaction,
)

LOCK_TIMEOUT_SECONDS = 60
"""How long a writer waits for the others before it gives up."""


class LedgerConnectionPool(SQLiteConnectionPool):
    """The library's pool, whose connections write through to the disk at every commit."""

    def _create_connection(self) -> SQLiteConnection:
        connection = super()._create_connection()
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA cache_size=-65536")
        return connection


class ReadOnlyConnectionPool(SQLiteConnectionPool):
    """Connections that can only read, for a file that cannot be written."""

    def _create_connection(self) -> SQLiteConnection:
        try:
            connection = sqlite3.connect(
                self.db_name, uri=True, check_same_thread=False, isolation_level=None
            )
        except sqlite3.Error as error:
            raise InterfaceError(error) from error
        connection.row_factory = sqlite3.Row
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

    def __init__(self, db_name: str, *, read_only: bool = False) -> None:
        super().__init__(
            db_name, lock_timeout=LOCK_TIMEOUT_SECONDS, originator_id_type="text", max_overflow=64
        )
        pool_class = ReadOnlyConnectionPool if read_only else LedgerConnectionPool
        self.pool.close()
        self.pool = pool_class(
            db_name=db_name, lock_timeout=LOCK_TIMEOUT_SECONDS, max_overflow=64,
            pool_timeout=LOCK_TIMEOUT_SECONDS,
        )
        self._writing = threading.local()

    @contextmanager
    def write_transaction(self) -> Iterator[SQLiteCursor]:
        """Hold the write lock, and commit at the end unless there was an error."""
        with self.get_connection(commit=True) as connection:
            with _WriteTransaction(connection, commit=True) as cursor, cursor:
                self._writing.cursor = cursor
                try:
                    yield cursor
                finally:
                    self._writing.cursor = None

    @contextmanager
    def reading(self) -> Iterator[SQLiteCursor]:
        """Give a cursor to read with: the one of this thread's write transaction, if it has one."""
        cursor: SQLiteCursor | None = getattr(self._writing, "cursor", None)
        if cursor is not None:
            yield cursor
        else:
            with self.transaction(commit=False) as fresh:
                yield fresh
