"""Appending a whole log to PostgreSQL in one transaction, in as many calls as it takes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from stocktrail.ledger.store.datastore import DatabaseCursor
from stocktrail.ledger.store.mapper import EventRow
from stocktrail.ledger.store.merkle.heads import TreeHeads
from stocktrail.ledger.store.outcome import Head, OutcomeRow
from stocktrail.ledger.store.postgres.append import APPEND, append_parameters
from stocktrail.ledger.store.postgres.cursor import ModelCursor
from stocktrail.ledger.store.postgres.datastore import PostgresLedgerDatastore
from stocktrail.ledger.store.recorder import HeadMoved


class PostgresBulkAppend:
    """One transaction that locks the head of the log until everything is appended."""

    def __init__(self, cursor: ModelCursor) -> None:
        self._bulk = cursor
        self.cursor: DatabaseCursor = cursor
        self._fence = 0

    def head(self) -> tuple[Head, TreeHeads]:
        """Return the end of the log and the tree heads, as they are in this transaction."""
        self._bulk.execute(
            "SELECT position, recorded_at, fence, event_range, command_count, command_range "
            "FROM ledger_head"
        )
        position, recorded_at, self._fence, *seal = self._bulk.fetchone()
        return Head(position, recorded_at), TreeHeads.of_row(position, *seal)

    def append(
        self, head: Head, events: Sequence[EventRow], outcomes: Sequence[OutcomeRow]
    ) -> None:
        """Append rows, after which the log ends at ``head``. Raises :class:`HeadMoved`."""
        expected, seal = self.head()
        self._bulk.execute_native(
            APPEND, append_parameters(expected, self._fence, seal, head, events, outcomes, [])
        )
        if not self._bulk.fetchone()[0]:
            raise HeadMoved


@contextmanager
def postgres_bulk_append(datastore: PostgresLedgerDatastore) -> Iterator[PostgresBulkAppend]:
    """Open a long transaction that excludes other writers of the log and of read models.

    It commits at the end of the block unless the block raises.
    """
    with datastore.writing_models() as cursor:
        cursor.execute("SELECT lock_head()")
        yield PostgresBulkAppend(cursor)
