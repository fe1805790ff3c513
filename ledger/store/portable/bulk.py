"""Appending a whole log in one transaction: batch after batch, all of them or none."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, cast

from stocktrail.ledger.store.application import Ledger
from stocktrail.ledger.store.datastore import DatabaseCursor
from stocktrail.ledger.store.mapper import EventRow
from stocktrail.ledger.store.merkle.heads import TreeHeads
from stocktrail.ledger.store.outcome import Head, OutcomeRow
from stocktrail.ledger.store.sqlite.recorder import SQLiteAppend, SQLiteLedgerRecorder


class BulkAppend(Protocol):
    """One transaction on the log; appended rows are hashed as usual."""

    cursor: DatabaseCursor
    """Writes tables beside the log, in the same transaction."""

    def head(self) -> tuple[Head, TreeHeads]:
        """Return the end of the log and the tree heads, as they are in this transaction."""

    def append(
        self, head: Head, events: Sequence[EventRow], outcomes: Sequence[OutcomeRow]
    ) -> None:
        """Append rows, after which the log ends at ``head``."""


def bulk_append(ledger: Ledger) -> AbstractContextManager[BulkAppend]:
    """Open the transaction, which commits at the end of the block unless the block raises."""
    recorder = ledger.log_recorder
    if isinstance(recorder, SQLiteLedgerRecorder):
        return _sqlite_bulk_append(recorder)
    from stocktrail.ledger.store.portable.postgres_bulk import postgres_bulk_append
    from stocktrail.ledger.store.postgres.recorder import PostgresLedgerRecorder

    return postgres_bulk_append(cast(PostgresLedgerRecorder, recorder).datastore)


class _SQLiteBulkAppend:
    def __init__(self, append: SQLiteAppend) -> None:
        self._append = append
        self.cursor = cast(DatabaseCursor, append.cursor)

    def head(self) -> tuple[Head, TreeHeads]:
        head, _ = self._append.begin([])
        return head, self._append.trees

    def append(
        self, head: Head, events: Sequence[EventRow], outcomes: Sequence[OutcomeRow]
    ) -> None:
        expected, _ = self._append.begin([])
        self._append.append(expected, head, events, outcomes, [])


@contextmanager
def _sqlite_bulk_append(recorder: SQLiteLedgerRecorder) -> Iterator[BulkAppend]:
    with recorder.appending() as append:
        yield _SQLiteBulkAppend(append)
