"""Tree heads: the state of both hash trees, as stored in the head row of a ledger."""

from collections.abc import Sequence
from typing import NamedTuple

from stocktrail.ledger.store.errors import StorageError
from stocktrail.ledger.store.mapper import EventRow
from stocktrail.ledger.store.merkle.leaves import event_leaves, outcome_leaves
from stocktrail.ledger.store.merkle.tree import CompactRange, Node
from stocktrail.ledger.store.outcome import OutcomeRow

EVENTS, COMMANDS = 0, 1
"""The numbers of the two trees in the table of stored hashes."""

TREE_HEAD_COLUMNS = "event_root, event_range, command_count, command_root, command_range"
"""The columns of the head row that hold the tree heads."""

NodeRow = tuple[int, int, int, bytes]
"""A stored hash as a row: tree, level, number, hash."""


class Extension(NamedTuple):
    """What one commit adds: tree heads after it, leaves of its rows, and hashes to store."""

    trees: "TreeHeads"
    event_leaves: list[bytes]
    command_leaves: list[bytes]
    nodes: list[NodeRow]


class TreeHeads(NamedTuple):
    """The heads of both trees of a ledger: over its events, and over the outcomes of commands."""

    events: CompactRange = CompactRange()
    commands: CompactRange = CompactRange()

    def extend(self, events: Sequence[EventRow], outcomes: Sequence[OutcomeRow]) -> Extension:
        """Return the tree heads after appending the rows of a commit, with the hashes to store."""
        of_events = event_leaves(events)
        of_commands = outcome_leaves(outcomes, self.commands.size)
        new_events, kept = self.events.extend(of_events)
        new_commands, kept_of_commands = self.commands.extend(of_commands)
        return Extension(
            TreeHeads(new_events, new_commands), of_events, of_commands,
            [*_rows(EVENTS, kept), *_rows(COMMANDS, kept_of_commands)],
        )

    def as_row(self) -> tuple[bytes, bytes, int, bytes, bytes]:
        """Return the columns of the head row, without the position."""
        events, commands = self
        return (
            events.root, events.as_bytes(), commands.size, commands.root, commands.as_bytes()
        )

    @classmethod
    def of_row(
        cls, position: int, event_range: bytes, command_count: int, command_range: bytes
    ) -> "TreeHeads":
        """Return the tree heads in a head row.

        Raises :class:`~stocktrail.ledger.store.errors.StorageError` (``ledger_damaged``) when they
        do not fit the position.
        """
        try:
            return cls(
                CompactRange.of_bytes(position, event_range),
                CompactRange.of_bytes(command_count, command_range),
            )
        except (TypeError, ValueError) as error:
            raise StorageError(
                "ledger_damaged",
                f"The seal in the head of the log does not fit its end at position {position}: "
                f"{error}. Run `stocktrail verify`.",
            ) from error


def _rows(tree: int, nodes: list[Node]) -> list[NodeRow]:
    return [(tree, *node) for node in nodes]
