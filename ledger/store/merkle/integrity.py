"""Integrity: whether the stored log still matches its hash tree, row by row.

Every row is hashed again and compared with its stored leaf; all leaves must lead to the stored
inner hashes and to the root in the head row. A wrong leaf identifies the changed row. If an
intruder changed both, the smallest stored hash that disagrees narrows it down; if an intruder
changed everything, a checkpoint that was kept elsewhere shows it.
"""

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence

from stocktrail.ledger.store.command_row import CommandRow
from stocktrail.ledger.store.errors import StorageError
from stocktrail.ledger.store.log_reading import MAX_POSITION
from stocktrail.ledger.store.merkle.flaws import Flaws, moment
from stocktrail.ledger.store.merkle.leaves import command_leaves
from stocktrail.ledger.store.merkle.reading import SealedHead, SealedLog
from stocktrail.ledger.store.merkle.row_order import RowOrder
from stocktrail.ledger.store.merkle.stream_places import index_flaw
from stocktrail.ledger.store.merkle.tree import Node, TreeWithRoots, perfect_subtrees

ROWS_AT_ONCE = 1_000
MALFORMED_ROW = (TypeError, ValueError, AttributeError, struct.error, StorageError)
"""What hashing a row raises when a column holds something that no writer stores."""

Page = Sequence[tuple[CommandRow | None, bytes, bytes]]
"""Rows, each with its stored leaf and with the one that its columns have; a row that cannot be read
is ``None``."""


class IntegrityCheck:
    """Checks a log from its beginning, as far as asked, and collects flaws.

    ``roots`` holds the roots of the tree at the requested sizes, computed from the rows, so that
    checkpoints can be compared with them whatever the head row says. ``former_seal`` is the row
    that holds the roots of the trees of the former format, if the log was upgraded from it.
    """

    def __init__(self, log: SealedLog, sizes: Iterable[int] = ()) -> None:
        self._log = log
        self._tree = TreeWithRoots(sizes)
        self.flaws: Flaws = Flaws()
        self._order = RowOrder(self.flaws)
        self.former_seal: CommandRow | None = None
        self._blamed: set[int] = set()

    @property
    def is_contiguous(self) -> bool:
        """Whether no row is missing."""
        return self._order.is_contiguous

    @property
    def position(self) -> int:
        """The position up to which the log was checked."""
        return self._order.position

    @property
    def sequence(self) -> int:
        """The sequence of the last row that was checked."""
        return self._order.sequence

    @property
    def root(self) -> bytes:
        """The root of the rows that were checked."""
        return self._tree.tree.root

    @property
    def roots(self) -> Mapping[int, bytes]:
        """The roots of the tree at the requested sizes, and at some others."""
        return self._tree.roots

    def check_up_to(
        self, head: SealedHead, progress: Callable[[int, int], None] | None = None
    ) -> None:
        """Check the log up to a head, from where the check stopped before."""
        order = self._order
        while order.is_contiguous and order.sequence < head.sequence:
            self._check_page(head)
            if progress:
                progress(order.position, head.position)
        if order.is_contiguous and not self._has_rows_beyond():
            order.check_end(head.position)
            self._check_head(head)
        if not self.flaws:                       # the leaf of a row covers streams and versions
            flaw = order.version_gap or index_flaw(self._log, order.places, order.sequence)
            self.flaws += [] if flaw is None else [flaw]
        self.flaws.sort(key=lambda flaw: flaw.position)

    # ------------------------------------------------------------------ rows

    def _check_page(self, head: SealedHead) -> None:
        order, leaves = self._order, []
        end = min(head.sequence, order.sequence + ROWS_AT_ONCE)
        for row, stored, leaf in self._page(order.sequence, end):
            is_altered = row is None or stored != leaf
            if row is None:
                order.skip()
            elif row.sequence == order.sequence + 1:
                order.follow(row, is_altered=is_altered)
            else:
                order.miss(row.first_position)
            if not order.is_contiguous:
                return
            if is_altered:
                self._report_altered(head)
            elif row is not None and row.status == "sealed":
                self.former_seal = row
            leaves.append(leaf)
        if order.sequence < end:
            order.miss(head.position + 1)
            return
        self._compare_kept(self._tree.extend(leaves))

    def _page(self, after: int, end: int) -> Page:
        """Return rows; one at a time where one of them is malformed."""
        try:
            page = self._log.rows(after, end, ROWS_AT_ONCE)
            leaves = command_leaves(row for row, _ in page)
        except MALFORMED_ROW:
            if end - after > 1:
                return [each for at in range(after, end) for each in self._page(at, at + 1)]
            [leaf] = self._log.leaves(after, end) or [b""]
            return [(None, leaf, leaf if isinstance(leaf, bytes) else b"")]
        return [(row, stored, leaf) for (row, stored), leaf in zip(page, leaves, strict=True)]

    def _report_altered(self, head: SealedHead) -> None:
        order = self._order
        self._blamed.add(order.sequence)
        if order.has_events:
            last = f" to {order.position}" if order.position > order.first else ""
            self.flaws.report(
                "event_altered",
                f"The command in row {order.sequence}, with what happened at position "
                f"{order.first}{last}, is not what was recorded: a column of it, or the hash "
                "beside it, was changed.", order.first,
            )
        else:
            self.flaws.report(
                "outcome_altered",
                f"What became of the command in row {order.sequence}, judged after position "
                f"{order.position}, is not what was recorded: a column of it, or the hash beside "
                "it, was changed.", min(order.first, head.position),
            )

    # ------------------------------------------------------------------ the tree

    def _compare_kept(self, kept: Sequence[Node]) -> None:
        for level in {node.level for node in kept}:
            found = [node for node in kept if node.level == level]
            stored = self._log.nodes(level, found[0].number, found[-1].number + 1)
            for node in found:
                if stored.get(node.number) != node.hash:
                    self._report_tree(node.level, node.number)

    def _report_tree(self, level: int, number: int) -> None:
        first, last = (number << level) + 1, (number + 1) << level
        if any(first <= sequence <= last for sequence in self._blamed):
            return                               # a smaller range was reported already
        self._blamed.add(first)
        self.flaws.report(
            "seal_broken",
            f"Of the rows from {first} to {last} one or more are not what was sealed: their hashes "
            "do not lead to the one that was kept of them.",
            min(self._log.position_of(first), self.position),
        )

    # ------------------------------------------------------------------ the end

    def _has_rows_beyond(self) -> bool:
        for row, _ in self._log.rows(self.sequence, MAX_POSITION, 1):
            head = self._log.head()
            if row.sequence > head.sequence:
                self.flaws.report(
                    "event_beyond_end",
                    f"The log ends with row {head.sequence}, but there is a row {row.sequence}.",
                    min(row.first_position, self.position + 1),
                )
                return True
        return False

    def _check_head(self, head: SealedHead) -> None:
        computed = self._tree.tree
        try:
            stored = head.tree
        except StorageError as error:
            self.flaws.report("seal_broken", error.message, head.position + 1)
            return
        for (level, number), one, other in zip(
            perfect_subtrees(0, computed.size), computed.nodes, stored.nodes, strict=False
        ):
            if one != other:
                self._report_tree(level, number)
                break
        if head.root != computed.root and not self.flaws:
            self.flaws.report(
                "seal_broken", "The root in the head row is not the one of the log.", head.position
            )
        if head.recorded_at != self._order.recorded_at and not self.flaws:
            self.flaws.report(
                "head_altered",
                f"The head says that the log ends at {moment(head.recorded_at)}, but what stands "
                f"last was recorded at {moment(self._order.recorded_at)}.", head.position,
            )
