"""The upgrade of a log, checked on the way: not a byte of the former one is lost.

The leaves of the former trees are computed from the new rows. They must be those that were stored,
and lead to the roots in the former head.
"""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

import msgspec

from stocktrail.ledger.store.command_row import CommandRow
from stocktrail.ledger.store.merkle.former_leaves import former_event_leaves, former_outcome_leaf
from stocktrail.ledger.store.merkle.former_trees import FormerSeal
from stocktrail.ledger.store.merkle.tree import CompactRange
from stocktrail.ledger.store.upgrade.command_rows import CommandRows
from stocktrail.ledger.store.upgrade.former_rows import (
    PAGE_ROWS,
    EventRow,
    FormerHead,
    FormerLog,
    OutcomeRow,
    damaged,
    damaged_outcome,
)

ReportProgress = Callable[[int, int | None], None]
"""Is told how many events are done, and of how many."""


def upgraded_rows(log: FormerLog, progress: ReportProgress | None = None) -> Iterator[CommandRow]:
    """Yield the rows of commands that a former log becomes; the last one anchors its roots.

    An empty log becomes an empty one. Raises :class:`~stocktrail.ledger.store.errors.StorageError`
    (``ledger_damaged``), naming the place, where the log is not what was sealed.
    """
    events: _FormerTree[EventRow] = _FormerTree()
    outcomes: _FormerTree[OutcomeRow] = _FormerTree()
    rows = CommandRows(events.noting(log.events), outcomes.noting(log.outcomes))
    for row in rows:
        for leaf in former_event_leaves(row):
            if not events.has_next(leaf):
                raise damaged(events.size, "the event there is not what was sealed")
        if row.command_id is not None and not outcomes.has_next(
            former_outcome_leaf(row, outcomes.size + 1)
        ):
            raise damaged_outcome(outcomes.size, "what became of it is not what was sealed")
        if progress is not None and not row.sequence % PAGE_ROWS:
            progress(rows.head.position, log.head.position)
        yield row
    _require_end(log.head, events.size, outcomes.size)
    event_root, command_root = events.root(), outcomes.root()
    for size, root, sealed, error in (
        (events.size, event_root, log.head.event_root, damaged),
        (outcomes.size, command_root, log.head.command_root, damaged_outcome),
    ):
        if sealed is not None and root != sealed:
            raise error(size, "there or before it is not what was sealed: the root is another one")
    if rows.head.sequence:
        yield rows.anchor(msgspec.json.encode(FormerSeal(
            log.head.format, events.size, event_root.hex(), outcomes.size, command_root.hex()
        )))


_Row = TypeVar("_Row", EventRow, OutcomeRow)


class _FormerTree(Generic[_Row]):
    """A tree over former rows, computed from the new ones, beside the leaves that were stored."""

    def __init__(self) -> None:
        self._stored: deque[bytes | None] = deque()
        self._pending: list[bytes] = []
        self._range = CompactRange()
        self.size = 0

    def noting(self, rows: Iterator[_Row]) -> Iterator[_Row]:
        """Yield the former rows, and keep their leaves."""
        for row in rows:
            self._stored.append(row.leaf)
            yield row

    def has_next(self, leaf: bytes) -> bool:
        """Append a leaf, and return whether it is the one that was stored, if any was."""
        self.size += 1
        self._pending.append(leaf)
        if len(self._pending) == PAGE_ROWS:
            self._hash()
        stored = self._stored.popleft()
        return stored is None or stored == leaf

    def root(self) -> bytes:
        """Return the root over the leaves so far."""
        self._hash()
        return self._range.root

    def _hash(self) -> None:
        self._range, _ = self._range.extend(self._pending)
        self._pending.clear()


def _require_end(head: FormerHead, position: int, commands: int) -> None:
    """See that the log ends where its head says."""
    if position != head.position:
        raise damaged(
            min(position, head.position) + 1,
            f"its head says that it ends at position {head.position:,}, and it ends at "
            f"{position:,}",
        )
    if head.commands is not None and commands != head.commands:
        raise damaged_outcome(
            min(commands, head.commands) + 1,
            f"its head knows of {head.commands:,} commands, and {commands:,} are stored",
        )
