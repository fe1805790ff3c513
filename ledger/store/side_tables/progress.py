"""Side tables: read models and other tables beside the log, and the position of each.

A position is recorded by the library's tracking recorder in the transaction that writes the rows it
stands for. Everything outside the log reaches the database through this class, in plain SQL.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from eventsourcing.persistence import IntegrityError

from stocktrail.ledger.store.application import Ledger
from stocktrail.ledger.store.datastore import DatabaseCursor
from stocktrail.ledger.store.errors import DATABASE_ERRORS, translate_errors

_POSITIONS = "SELECT application_name, notification_id FROM tracking WHERE application_name IN "
_RECORD = (
    "INSERT INTO tracking (application_name, notification_id) VALUES (:name, :position) "
    "ON CONFLICT (application_name) DO UPDATE SET notification_id = excluded.notification_id "
    "WHERE tracking.notification_id < excluded.notification_id RETURNING notification_id"
)
_FORGET = "DELETE FROM tracking WHERE application_name = :name"


class SideTables:
    """The database of a ledger without its log: transactions, and a position per name.

    Errors of the database are raised as :class:`~stocktrail.ledger.store.errors.StorageError`.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._datastore = ledger.datastore
        self._where = ledger.where

    def prepare(self) -> None:
        """Create the library's table of positions if it is missing."""
        with translate_errors(self._where):
            self._datastore.prepare_tracking()

    @contextmanager
    def reading(self) -> Iterator[DatabaseCursor]:
        """Read from one consistent snapshot of the database."""
        with translate_errors(self._where), self._datastore.reading_models() as cursor:
            yield cursor

    @contextmanager
    def writing(self, *, synced: bool = True) -> Iterator[DatabaseCursor]:
        """Write under the lock that excludes other writers; everything commits or nothing.

        Only rows that can be folded from the log again may be written without being ``synced``.
        """
        with translate_errors(self._where), self._datastore.writing_models(synced=synced) as cursor:
            yield cursor

    def exclude_readers(self, cursor: DatabaseCursor) -> bool:
        """Let nobody read until the transaction ends; return ``False`` where somebody still does.

        Call it before tables are replaced, in a transaction that writes.
        """
        return self._datastore.exclude_readers(cursor)

    def give_back_pages(self, between: Callable[[], None]) -> None:
        """Return to the operating system what dropped tables have left free in the files.

        In short transactions, so that writers get between; what ``between`` raises ends it.
        """
        with translate_errors(self._where):
            while self._datastore.give_back_pages():
                between()

    def positions(self, cursor: DatabaseCursor, names: Sequence[str]) -> list[int | None]:
        """Return the position of each name, ``None`` for one that was never recorded."""
        asked = {f"name{number}": name for number, name in enumerate(names)}
        try:
            cursor.execute(f"{_POSITIONS}({', '.join(f':{key}' for key in asked)})", asked)
        except DATABASE_ERRORS as error:
            if "no such table" not in str(error):
                raise
            return [None] * len(names)     # no read model was built yet
        found = dict(map(tuple, cursor.fetchall()))
        return [found.get(name) for name in names]

    def record(self, cursor: DatabaseCursor, name: str, position: int) -> None:
        """Record a position, which must be later than the one before."""
        cursor.execute(_RECORD, {"name": name, "position": position})
        if cursor.fetchone() is None:
            raise IntegrityError(f"{name} was at position {position} or later before")

    def forget(self, cursor: DatabaseCursor, name: str) -> None:
        """Delete a position, because the tables that it stands for are replaced."""
        cursor.execute(_FORGET, {"name": name})
