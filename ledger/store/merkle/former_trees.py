"""The two trees of the former format, computed again from the rows that it was upgraded to.

Its last row is followed by one of status ``sealed``, whose body holds the roots that both trees had
then. So a ledger that was upgraded still shows that it extends the checkpoints made before.
"""

from collections.abc import Iterable

import msgspec
from msgspec import MsgspecError

from stocktrail.ledger.store.command_row import CommandRow
from stocktrail.ledger.store.merkle.checkpoints import Checkpoint
from stocktrail.ledger.store.merkle.flaws import Flaw
from stocktrail.ledger.store.merkle.former_leaves import former_event_leaves, former_outcome_leaf
from stocktrail.ledger.store.merkle.reading import SealedLog
from stocktrail.ledger.store.merkle.tree import TreeWithRoots

ROWS_AT_ONCE = 2_000


class FormerSeal(msgspec.Struct, frozen=True):
    """The body of the row that ends a log of the former format: the sizes and roots of its trees.

    Roots are hexadecimal. ``format`` is the version of the schema that the log was upgraded from.
    """

    format: int
    events: int
    event_root: str
    commands: int
    command_root: str

    def has_roots_of(self, checkpoint: Checkpoint) -> bool:
        """Return whether a former checkpoint of just this size has the same roots."""
        assert checkpoint.former is not None
        return (
            bytes.fromhex(self.event_root) == checkpoint.root
            and bytes.fromhex(self.command_root) == checkpoint.former.root
        )


def read_former_seal(row: CommandRow) -> FormerSeal:
    """Return what a row of status ``sealed`` says. Raises ``MsgspecError`` if that is nothing."""
    return msgspec.json.decode(row.body, type=FormerSeal)


class FormerTrees:
    """The trees over the events and over the outcomes, at the sizes of former checkpoints."""

    def __init__(self, log: SealedLog, checkpoints: Iterable[Checkpoint]) -> None:
        self._log = log
        former = [(each.size, each.former.size) for each in checkpoints if each.former]
        self.is_asked: bool = bool(former)
        self._events = TreeWithRoots(size for size, _ in former)
        self._outcomes = TreeWithRoots(count for _, count in former)

    def compute(self, stop: int) -> None:
        """Compute both trees from the rows before a sequence."""
        for after in range(0, stop - 1, ROWS_AT_ONCE):
            rows = [row for row, _ in self._log.rows(after, stop - 1, ROWS_AT_ONCE)]
            self._events.extend([leaf for row in rows for leaf in former_event_leaves(row)])
            number = self._outcomes.tree.size
            outcomes = [row for row in rows if row.command_id is not None]
            self._outcomes.extend([
                former_outcome_leaf(row, number + at) for at, row in enumerate(outcomes, start=1)
            ])

    def flaw_of(self, row: CommandRow) -> Flaw | None:
        """Return the flaw if the trees do not lead to the roots that a row of ``sealed`` holds."""
        events, outcomes = self._events.tree, self._outcomes.tree
        try:
            seal = read_former_seal(row)
        except MsgspecError:
            seal = None
        if seal is not None and (
            (seal.events, seal.event_root) == (events.size, events.root.hex())
            and (seal.commands, seal.command_root) == (outcomes.size, outcomes.root.hex())
        ):
            return None
        return Flaw(
            "seal_broken",
            f"The log up to position {row.last_position} does not lead to the roots that it had "
            "before it was upgraded.", 1,
        )

    def matches(self, checkpoint: Checkpoint) -> bool:
        """Return whether the trees had the roots of a former checkpoint at its sizes."""
        assert checkpoint.former is not None
        return (
            self._events.roots.get(checkpoint.size) == checkpoint.root
            and self._outcomes.roots.get(checkpoint.former.size) == checkpoint.former.root
        )
