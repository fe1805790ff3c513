"""What every database provides besides its recorder: transactions for the log and read models."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

from stocktrail.ledger.store.cache_size import CacheSize
from stocktrail.ledger.store.tables import Cursor


class DatabaseCursor(Cursor, Protocol):
    """A cursor that takes named parameters (``:name``) and returns rows by name or index."""

    @property
    def rowcount(self) -> int:
        """How many rows the last statement changed."""

    def fetchone(self) -> Any:
        """Return the next row, or ``None``."""

    def __iter__(self) -> Iterator[Any]:
        """Yield the remaining rows."""


class LogSource(Protocol):
    """Whatever the log can be read from."""

    def reading_log(self) -> AbstractContextManager[Any]:
        """Read from one consistent snapshot of the database, rows as plain tuples."""


class Datastore(LogSource, Protocol):
    """The database of one ledger.

    ``connections_made`` counts connections to a server: behind a new one another database may have
    taken the place of the former, so that what was read before need not follow from its log.
    """

    connections_made: int

    def write_transaction(self) -> AbstractContextManager[Any]:
        """Hold the lock that excludes other writers of the log."""

    def reading_models(self) -> AbstractContextManager[Any]:
        """Read from one consistent snapshot of the database."""

    def writing_models(self, *, synced: bool = ...) -> AbstractContextManager[Any]:
        """Write read models under a lock that excludes other writers of them; all or nothing.

        Read models that follow from the log need not be ``synced`` to disk at once: after a power
        failure they are folded again.
        """

    def exclude_readers(self, cursor: Any) -> bool:
        """Let nobody read the models until the transaction ends; return whether it was possible.

        To be called while writing them, before tables are replaced.
        """

    def give_back_pages(self) -> bool:
        """Return some of what is free in the files to the system; say whether there is more.

        A short transaction that writes.
        """

    def cache_sizes(self) -> list[CacheSize]:
        """Return how much memory its caches in this process take, and how much at most."""

    def prepare_tracking(self) -> None:
        """Create the library's table of positions if it is missing."""
