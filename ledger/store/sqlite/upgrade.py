"""Upgrade of files of version 1, which had no hash trees: their rows are hashed once."""

from typing import Any

from eventsourcing.sqlite import SQLiteCursor

from stocktrail.ledger.store.errors import StorageError
from stocktrail.ledger.store.merkle.heads import TREE_HEAD_COLUMNS, NodeRow, TreeHeads
from stocktrail.ledger.store.sqlite.schema import ADDED_IN_2, TABLES

_AT_ONCE = 5_000
_EVENTS = (
    "SELECT position, originator_id, originator_version, topic, state, occurred_at, recorded_at, "
    "command_id, correlation_id, causation_id, actor FROM stored_events WHERE position > ? "
    "ORDER BY position LIMIT ?"
)
_OUTCOMES = (
    "SELECT command_id, fingerprint, status, first_position, last_position, body, result "
    "FROM stored_commands WHERE sequence > ? ORDER BY sequence LIMIT ?"
)


def upgrade_old_file(cursor: SQLiteCursor) -> None:
    """Hash the rows of a file of version 1, in the transaction that adds the columns.

    Files of other versions are left unchanged. Raises :class:`StorageError` (``ledger_damaged``)
    for a log that has a gap, because hashing it would hide the damage.
    """
    cursor.execute("PRAGMA user_version")
    if cursor.fetchone()[0] != 1:
        return
    cursor.execute("DROP TRIGGER IF EXISTS stored_events_no_update")
    cursor.execute("DROP TRIGGER IF EXISTS stored_commands_no_update")
    for statement in (*ADDED_IN_2, *TABLES):
        cursor.execute(statement)
    trees = TreeHeads()
    kept: list[NodeRow] = []
    while rows := _page(cursor, _EVENTS, trees.events.size):
        trees, leaves, _, nodes = trees.extend(rows, [])
        kept += nodes
        cursor.executemany(
            "UPDATE stored_events SET leaf=? WHERE position=?",
            [(leaf, row[0]) for leaf, row in zip(leaves, rows, strict=True)],
        )
        _require_whole(rows[-1][0] == trees.events.size, trees.events.size)
    while rows := _page(cursor, _OUTCOMES, trees.commands.size):
        before = trees.commands.size
        trees, _, leaves, nodes = trees.extend([], rows)
        kept += nodes
        cursor.executemany(
            "UPDATE stored_commands SET leaf=? WHERE sequence=?",
            [(leaf, place) for place, leaf in enumerate(leaves, before + 1)],
        )
    cursor.executemany("INSERT INTO seal_nodes VALUES (?,?,?,?)", kept)
    cursor.execute("SELECT position FROM ledger_head")
    _require_whole(cursor.fetchone()[0] == trees.events.size, trees.events.size)
    cursor.execute(
        f"UPDATE ledger_head SET ({TREE_HEAD_COLUMNS})=(?,?,?,?,?)",
        trees.as_row(),
    )
    cursor.execute("DROP TRIGGER ledger_head_no_update")     # made again, with the new columns


def _page(cursor: SQLiteCursor, query: str, after: int) -> list[Any]:
    cursor.execute(query, [after, _AT_ONCE])
    return [tuple(row) for row in cursor.fetchall()]


def _require_whole(is_contiguous: bool, position: int) -> None:
    if not is_contiguous:
        raise StorageError(
            "ledger_damaged",
            "The log was written before logs were sealed, and it is not whole after position "
            f"{position}: nothing is sealed as if all were well. Restore a backup.",
        )
