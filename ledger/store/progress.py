"""How far each read model has come, kept by the library's tracking recorder beside the log.

A position is recorded in the transaction that writes a read model's rows, so both are there or
neither is. Read models reach the database only through this class, in plain SQL.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from eventsourcing.persistence import PersistenceError, Tracking
from eventsourcing.sqlite import SQLiteCursor, SQLiteTrackingRecorder

from ledger.store.application import Ledger
from ledger.store.errors import storage_error

_FORGET = "DELETE FROM tracking WHERE application_name = :name"


class Progress:
    """The database of a ledger as read models use it: transactions, and a position per name.

    Whatever goes wrong is raised as :class:`~ledger.store.errors.StorageError`.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._datastore = ledger.datastore
        self._where = ledger.where
        self._recorder = SQLiteTrackingRecorder(ledger.datastore)

    def prepare(self) -> None:
        """Create the library's table of positions unless it is there.

        Under the write lock, because the library does not expect that several processes start.
        """
        migrated = [self._recorder.table_migration_identifier]
        with self.reading() as cursor:
            if self.positions(cursor, migrated) != [None]:
                return
        with self.writing() as cursor:
            if self.positions(cursor, migrated) == [None]:
                self._recorder._create_table(cursor)

    @contextmanager
    def reading(self) -> Iterator[SQLiteCursor]:
        """Read from one consistent state of the database."""
        with self._in_sentences(), self._datastore.transaction(commit=False) as cursor:
            yield cursor

    @contextmanager
    def writing(self) -> Iterator[SQLiteCursor]:
        """Write under the lock that keeps other writers away; everything commits or nothing."""
        with self._in_sentences(), self._datastore.write_transaction() as cursor:
            yield cursor

    def positions(self, cursor: SQLiteCursor, names: Sequence[str]) -> list[int | None]:
        """Give the position of each name, ``None`` for one that was never recorded."""
        try:
            return [self._recorder._max_tracking_id(name, cursor) for name in names]
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            return [None] * len(names)     # nobody has built a read model yet

    def record(self, cursor: SQLiteCursor, name: str, position: int) -> None:
        """Record a position, later than the one before."""
        self._recorder._insert_tracking(cursor, Tracking(name, position))

    def forget(self, cursor: SQLiteCursor, name: str) -> None:
        """Forget a position, because what it stood for is replaced."""
        cursor.execute(_FORGET, {"name": name})

    @contextmanager
    def _in_sentences(self) -> Iterator[None]:
        try:
            yield
        except (PersistenceError, sqlite3.Error) as error:
            raise storage_error(error, self._where) from error
