"""Appending rows to the log in SQLite, in a transaction that holds the write lock."""

from collections.abc import Sequence
from typing import cast

from eventsourcing.sqlite import SQLiteCursor

from stocktrail.ledger.store.bulk import head_and_index
from stocktrail.ledger.store.command_row import COLUMNS, CommandRow, IndexRow
from stocktrail.ledger.store.datastore import DatabaseCursor
from stocktrail.ledger.store.mapper import SnapshotRow
from stocktrail.ledger.store.merkle.heads import tree_of_head
from stocktrail.ledger.store.merkle.leaves import command_leaves
from stocktrail.ledger.store.merkle.tree import CompactRange, Node
from stocktrail.ledger.store.outcome import Head
from stocktrail.ledger.store.recorder import HeadMoved
from stocktrail.ledger.store.sqlite.rows import insert_rows

_INSERT_COMMAND = f"INSERT INTO commands ({COLUMNS}, leaf)"
_INSERT_PLACE = "INSERT INTO stream_index (stream, version, sequence, place)"
_INSERT_NODE = "INSERT INTO seal_nodes (level, number, hash)"
_INSERT_SNAPSHOT = "INSERT OR REPLACE INTO stored_snapshots"
_MOVE_HEAD = (
    "UPDATE ledger_head SET position=?, recorded_at=?, sequence=?, root=?, edge=? "
    "WHERE id=1 AND sequence=?"
)
_HEAD = "SELECT position, recorded_at, sequence, edge FROM ledger_head"


def head_and_tree(cursor: SQLiteCursor, *, is_sealed: bool = True) -> tuple[Head, CompactRange]:
    """Return the end of the log and the tree over it, which is empty if the log is not sealed."""
    cursor.execute(_HEAD)
    position, recorded_at, sequence, edge = cursor.fetchone()
    tree = tree_of_head(sequence, edge) if is_sealed else CompactRange()
    return Head(position, recorded_at, sequence), tree


def append_rows(
    cursor: SQLiteCursor, expected: Head, head: Head, tree: CompactRange,
    rows: Sequence[CommandRow], index: Sequence[IndexRow], snapshots: Sequence[SnapshotRow] = (),
    *, is_sealed: bool = True,
) -> None:
    """Move the head and its tree, and write all rows with them. Raises :class:`HeadMoved`."""
    leaves = [b""] * len(rows)
    nodes: list[Node] = []
    if is_sealed:
        leaves = command_leaves(rows)
        tree, nodes = tree.extend(leaves)
    cursor.execute(_MOVE_HEAD, [*head, tree.root, tree.as_bytes(), expected.sequence])
    if cursor.sqlite_cursor.rowcount != 1:
        raise HeadMoved
    sealed = [(*row, leaf) for row, leaf in zip(rows, leaves, strict=True)]
    for statement, values in (
        (_INSERT_COMMAND, sealed), (_INSERT_PLACE, index), (_INSERT_NODE, nodes),
        (_INSERT_SNAPSHOT, snapshots),
    ):
        insert_rows(cursor, statement, values)


class SQLiteBulkAppend:
    """Appends a whole log in one transaction."""

    def __init__(self, cursor: SQLiteCursor) -> None:
        self._cursor = cursor
        self.cursor: DatabaseCursor = cast(DatabaseCursor, cursor)

    def head(self) -> Head:
        """Return the end of the log, as it is in this transaction."""
        return head_and_tree(self._cursor)[0]

    def root(self) -> bytes:
        """Return the root of the hash tree over it."""
        return head_and_tree(self._cursor)[1].root

    def append(self, rows: Sequence[CommandRow]) -> None:
        """Append the rows that follow the end of the log."""
        expected, tree = head_and_tree(self._cursor)
        head, index = head_and_index(expected, rows)
        append_rows(self._cursor, expected, head, tree, rows, index)
