"""Appending a whole log in one transaction: group after group, all of them or none."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, cast

from stocktrail.ledger.store.application import Ledger
from stocktrail.ledger.store.datastore import Cursor
from stocktrail.ledger.store.mapper import EventRow
from stocktrail.ledger.store.merkle.heads import Seal
from stocktrail.ledger.store.outcome import Head, OutcomeRow
from stocktrail.ledger.store.sqlite.recorder import SQLiteAppend, SQLiteLedgerRecorder


class BulkAppend(Protocol):
    """One transaction on the log; what is appended in it is sealed like anything else."""

    cursor: Cursor
    """The cursor for side tables."""

    def head(self) -> tuple[Head, Seal]:
        """Return the end of the log and the seal over it, as they are in this transaction."""

    def append(
        self, head: Head, events: Sequence[EventRow], outcomes: Sequence[OutcomeRow]
    ) -> None:
        """Append rows, after which the log ends at ``head``."""


def appending_much(ledger: Ledger) -> AbstractContextManager[BulkAppend]:
    """Open the transaction; it commits at the end of the block unless there was an error."""
    recorder = ledger.log_recorder
    if isinstance(recorder, SQLiteLedgerRecorder):
        return _appending_to_sqlite(recorder)
    from stocktrail.ledger.store.portable.postgres_bulk import appending_to_postgres
    from stocktrail.ledger.store.postgres.recorder import PostgresLedgerRecorder

    return appending_to_postgres(cast(PostgresLedgerRecorder, recorder).datastore)


class _SQLiteBulkAppend:
    def __init__(self, append: SQLiteAppend) -> None:
        self._append = append
        self.cursor = cast(Cursor, append.cursor)

    def head(self) -> tuple[Head, Seal]:
        head, _ = self._append.begin([])
        return head, self._append.seal

    def append(
        self, head: Head, events: Sequence[EventRow], outcomes: Sequence[OutcomeRow]
    ) -> None:
        expected, _ = self._append.begin([])
        self._append.append(expected, head, events, outcomes, [])


@contextmanager
def _appending_to_sqlite(recorder: SQLiteLedgerRecorder) -> Iterator[BulkAppend]:
    with recorder.appending() as append:
        yield _SQLiteBulkAppend(append)
