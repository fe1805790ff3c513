"""A private temporary database, in memory as far as it fits, deleted with its object."""

import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

from stocktrail.ledger.store.errors import storage_error
from stocktrail.ledger.store.sqlite.datastore import within_limit
from stocktrail.ledger.store.time_limit import OutOfTime, is_over


class ScratchDatabase:
    """A database for temporary tables, so that the ledger's own database is not written to."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._connection.close)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=OFF")
        self._connection.execute("PRAGMA synchronous=OFF")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Cursor]:
        """Return a cursor to read with."""
        with _translate_errors(), within_limit(self._connection):
            yield self._connection.cursor()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Cursor]:
        """Return a cursor to write with; its changes are committed when the block ends."""
        with _translate_errors():
            cursor = self._connection.cursor()
            cursor.execute("BEGIN")
            yield cursor
            cursor.execute("COMMIT")


@contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if is_over():
            raise OutOfTime from None
        raise storage_error(error, "the temporary folder") from error
