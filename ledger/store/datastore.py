"""What every database offers beside its recorder: transactions for the log and for read models."""

from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol


class Cursor(Protocol):
    """A cursor that takes parameters by name (``:name``) and gives rows by name or number."""

    @property
    def rowcount(self) -> int:
        """How many rows the last statement touched."""

    def execute(self, statement: str, parameters: Any = ..., /) -> Any:
        """Run one statement."""

    def executemany(self, statement: str, parameters: Any, /) -> Any:
        """Run one statement for many rows."""

    def fetchone(self) -> Any:
        """Return the next row, or ``None``."""

    def fetchall(self) -> Any:
        """Return the rows that are left."""

    def __iter__(self) -> Iterator[Any]:
        """Return the rows that are left, one by one."""


class Datastore(Protocol):
    """The database of one ledger."""

    def write_transaction(self) -> AbstractContextManager[Any]:
        """Hold the lock that keeps other writers of the log away."""

    def reading_models(self) -> AbstractContextManager[Any]:
        """Read from one consistent state of the database."""

    def reading_log(self) -> AbstractContextManager[Any]:
        """Read from one consistent state of the database, rows as plain tuples."""

    def writing_models(self, *, synced: bool = ...) -> AbstractContextManager[Any]:
        """Write read models under the lock that keeps others from it; all commits or nothing.

        What follows from the log need not be ``synced`` to the disk at once: after a power failure
        it is worked out again.
        """

    def prepare_tracking(self) -> None:
        """Create the library's table of positions unless it is there."""


def payload_in(categories: Collection[str]) -> str:
    """Write the expression for a payload that is NULL in streams of other categories."""
    wanted = " OR ".join(
        f"substr(originator_id, 1, {len(each) + 1}) = '{each}/'" for each in sorted(categories)
    )
    return f"CASE WHEN {wanted} THEN state END AS state"
