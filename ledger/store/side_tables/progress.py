"""How far each read model has come, kept by the library's tracking recorder beside the log.

A position is recorded in the transaction that writes a read model's rows, so both are there or
neither is. Read models reach the database only through this class, in plain SQL.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from eventsourcing.persistence import IntegrityError

from stocktrail.ledger.store.application import Ledger
from stocktrail.ledger.store.datastore import Cursor
from stocktrail.ledger.store.errors import DATABASE_ERRORS, translate_errors

_POSITIONS = "SELECT application_name, notification_id FROM tracking WHERE application_name IN "
_RECORD = (
    "INSERT INTO tracking (application_name, notification_id) VALUES (:name, :position) "
    "ON CONFLICT (application_name) DO UPDATE SET notification_id = excluded.notification_id "
    "WHERE tracking.notification_id < excluded.notification_id RETURNING notification_id"
)
_FORGET = "DELETE FROM tracking WHERE application_name = :name"


class Progress:
    """The database of a ledger as read models use it: transactions, and a position per name.

    Whatever goes wrong is raised as :class:`~stocktrail.ledger.store.errors.StorageError`.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._datastore = ledger.datastore
        self._where = ledger.where

    def prepare(self) -> None:
        """Create the library's table of positions unless it is there."""
        with translate_errors(self._where):
            self._datastore.prepare_tracking()

    @contextmanager
    def reading(self) -> Iterator[Cursor]:
        """Read from one consistent state of the database."""
        with translate_errors(self._where), self._datastore.reading_models() as cursor:
            yield cursor

    @contextmanager
    def writing(self, *, synced: bool = True) -> Iterator[Cursor]:
        """Write under the lock that keeps other writers away; everything commits or nothing.

        Only what follows from the log may do without being ``synced`` to the disk.
        """
        with translate_errors(self._where), self._datastore.writing_models(synced=synced) as cursor:
            yield cursor

    def positions(self, cursor: Cursor, names: Sequence[str]) -> list[int | None]:
        """Return the position of each name, ``None`` for one that was never recorded."""
        asked = {f"name{number}": name for number, name in enumerate(names)}
        try:
            cursor.execute(f"{_POSITIONS}({', '.join(f':{key}' for key in asked)})", asked)
        except DATABASE_ERRORS as error:
            if "no such table" not in str(error):
                raise
            return [None] * len(names)     # nobody has built a read model yet
        found = dict(map(tuple, cursor.fetchall()))
        return [found.get(name) for name in names]

    def record(self, cursor: Cursor, name: str, position: int) -> None:
        """Record a position, later than the one before."""
        cursor.execute(_RECORD, {"name": name, "position": position})
        if cursor.fetchone() is None:
            raise IntegrityError(f"{name} was at position {position} or later before")

    def forget(self, cursor: Cursor, name: str) -> None:
        """Forget a position, because what it stood for is replaced."""
        cursor.execute(_FORGET, {"name": name})
