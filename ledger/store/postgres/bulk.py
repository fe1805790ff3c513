"""Appending a whole log to PostgreSQL in one transaction, in as many calls as it takes."""

from collections.abc import Sequence

from stocktrail.ledger.store.bulk import head_and_index
from stocktrail.ledger.store.command_row import CommandRow
from stocktrail.ledger.store.datastore import DatabaseCursor
from stocktrail.ledger.store.merkle.heads import tree_of_head
from stocktrail.ledger.store.merkle.tree import CompactRange
from stocktrail.ledger.store.outcome import Head
from stocktrail.ledger.store.postgres.append import APPEND, append_parameters
from stocktrail.ledger.store.postgres.cursor import ModelCursor
from stocktrail.ledger.store.recorder import HeadMoved


class PostgresBulkAppend:
    """Appends a whole log in one transaction, which has locked the head."""

    def __init__(self, cursor: ModelCursor) -> None:
        self._bulk = cursor
        self.cursor: DatabaseCursor = cursor

    def head(self) -> Head:
        """Return the end of the log, as it is in this transaction."""
        return self._head()[0]

    def root(self) -> bytes:
        """Return the root of the hash tree over it."""
        return self._head()[1].root

    def append(self, rows: Sequence[CommandRow]) -> None:
        """Append the rows that follow the end of the log. Raises :class:`HeadMoved`."""
        expected, tree, fence = self._head()
        head, index = head_and_index(expected, rows)
        self._bulk.execute_native(APPEND, append_parameters(
            expected, fence, tree, head, rows, index, []
        ))
        if not self._bulk.fetchone()[0]:
            raise HeadMoved

    def _head(self) -> tuple[Head, CompactRange, int]:
        self._bulk.execute(
            "SELECT position, recorded_at, sequence, fence, edge FROM ledger_head"
        )
        position, recorded_at, sequence, fence, edge = self._bulk.fetchone()
        return Head(position, recorded_at, sequence), tree_of_head(sequence, edge), fence
