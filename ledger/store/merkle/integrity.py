"""Integrity: whether the stored log still matches its hash trees, row by row.

Every row is hashed again and compared with its stored leaf; all leaves must lead to the stored
inner hashes and to the root in the head row. A wrong leaf identifies the changed row. If an
intruder changed both, the smallest stored hash that disagrees narrows it down; if an intruder
changed everything, a checkpoint that was kept elsewhere shows it.
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import Any, NamedTuple

from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.store.errors import StorageError
from stocktrail.ledger.store.merkle.heads import COMMANDS, EVENTS
from stocktrail.ledger.store.merkle.leaves import event_leaves, outcome_leaves
from stocktrail.ledger.store.merkle.reading import SealedHead, SealedLog
from stocktrail.ledger.store.merkle.tree import EMPTY_ROOT, CompactRange, Node, perfect_subtrees

ROWS_AT_ONCE = 2_000
MAX_FLAWS = 100
MALFORMED_ROW = (TypeError, ValueError, AttributeError, struct.error, StorageError)
"""What hashing a row raises when a column holds something that no writer stores."""


class Flaw(NamedTuple):
    """One violation: a stable code, a sentence, and the position."""

    code: str
    message: str
    position: int


class IntegrityCheck:
    """Checks a log from its beginning, as far as asked, and collects flaws.

    ``roots`` holds the roots of both trees at the requested sizes, computed from the rows, so that
    checkpoints can be compared with them whatever the head row says.
    """

    def __init__(self, log: SealedLog, sizes: Iterable[tuple[int, int]] = ()) -> None:
        self._log = log
        self._ranges = [CompactRange(), CompactRange()]
        self._recorded_at = 0
        asked = [*sizes, (0, 0)]
        self._sizes = [sorted({each[tree] for each in asked}) for tree in (EVENTS, COMMANDS)]
        self.roots: list[dict[int, bytes]] = [{0: EMPTY_ROOT}, {0: EMPTY_ROOT}]
        self.flaws: list[Flaw] = []
        self.is_contiguous = True
        self._is_truncated = False
        self._blamed: tuple[set[int], set[int]] = (set(), set())

    @property
    def position(self) -> int:
        """How far the log was checked."""
        return self._ranges[EVENTS].size

    @property
    def root(self) -> bytes:
        """The root of the events that were checked."""
        return self._ranges[EVENTS].root

    def check_up_to(
        self, head: SealedHead, progress: Callable[[int, int], None] | None = None
    ) -> None:
        """Check the log up to a head, from where the check stopped before."""
        self._check_events(head.position, progress)
        if self.is_contiguous:
            self._is_truncated = self._is_truncated or self._has_events_beyond()
            self._check_commands(head.command_count or 0)
        if self.is_contiguous:
            if not self.flaws:                   # the leaf of every event covers its version
                self._check_versions(head.position)
            if not self._is_truncated and not self._has_outcomes_beyond():
                self._check_head(head)
        self.flaws.sort(key=lambda flaw: flaw.position)

    # ------------------------------------------------------------------ rows

    def _check_events(self, stop: int, progress: Callable[[int, int], None] | None) -> None:
        while self.is_contiguous and self.position < stop:
            after = self.position
            end = min(stop, after + ROWS_AT_ONCE)
            try:
                page = self._log.events(after, end, ROWS_AT_ONCE)
                hashed = event_leaves([row for row, _ in page])
            except MALFORMED_ROW:
                page, hashed = self._one_by_one(after, end)
            self._check_order([row for row, _ in page], after, end)
            leaves = []
            for (row, leaf), found in zip(page, hashed, strict=True):
                if found != leaf:
                    self._blamed[EVENTS].add(row[0])
                    self._report(
                        "event_altered",
                        f"The event at position {row[0]} is not what was recorded: a column of it, "
                        "or the hash beside it, was changed.", row[0],
                    )
                leaves.append(found)
            if self.is_contiguous:
                self._append_leaves(EVENTS, leaves)
            if progress:
                progress(self.position, stop)

    def _check_order(self, rows: Sequence[Any], after: int, end: int) -> None:
        for number, row in enumerate(rows, after + 1):
            if row[0] != number:
                self._report_gap(number, row[0])
                return
            if isinstance(row[6], int):
                if row[6] <= self._recorded_at:
                    self._report(
                        "recorded_time_not_increasing",
                        f"The event at position {number} was recorded at {_moment(row[6])}, not "
                        "after the one before it.", number,
                    )
                self._recorded_at = row[6]
        if after + len(rows) < end:
            self._report_gap(after + len(rows) + 1, None)

    def _report_gap(self, position: int, following: int | None) -> None:
        self.is_contiguous = False
        self._report(
            "position_gap",
            f"The log has no event at position {position}"
            + (f"; the next one is at {following}." if following else "."), position,
        )

    def _one_by_one(self, after: int, end: int) -> tuple[list[Any], list[bytes]]:
        """Read rows one at a time, because one of them is malformed, and report which."""
        page: list[Any] = []
        hashed: list[bytes] = []
        for position in range(after + 1, end + 1):
            try:
                rows = self._log.events(position - 1, position, 1)
                hashed += event_leaves([row for row, _ in rows])
                page += rows
            except MALFORMED_ROW:
                [leaf] = self._log.leaves(EVENTS, position - 1, position) or [b""]
                self._blamed[EVENTS].add(position)
                self._report(
                    "event_altered",
                    f"The event at position {position} is not what was recorded: a column holds "
                    "what no writer puts there.", position,
                )
                page.append(((position, *[None] * 10), leaf))
                hashed.append(leaf)
        return page, hashed

    def _check_commands(self, stop: int) -> None:
        while self.is_contiguous and (done := self._ranges[COMMANDS].size) < stop:
            end = min(stop, done + ROWS_AT_ONCE)
            try:
                page = self._log.outcomes(done, end, ROWS_AT_ONCE)
                hashed = outcome_leaves([row for row, _, _ in page], done)
            except MALFORMED_ROW:
                page, hashed = self._outcomes_one_by_one(done, end)
            rows = zip(count(done + 1), page, hashed, strict=False)
            for number, (row, leaf, sequence), found in rows:
                if sequence != number:
                    self._report_missing_outcome(number)
                    return
                if found != leaf:
                    self._report_outcome(row, number)
                elif isinstance(row[4], int) and row[4] > self.position and not self._is_truncated:
                    self._is_truncated = True
                    self._report(
                        "log_cut_short",
                        f"The log ends at position {self.position}, but command {number} "
                        f"({row[0]!r}) recorded events up to position {row[4]}.",
                        self.position + 1,
                    )
            if len(page) < end - done:
                self._report_missing_outcome(done + len(page) + 1)
                return
            self._append_leaves(COMMANDS, hashed)

    def _outcomes_one_by_one(self, after: int, end: int) -> tuple[list[Any], list[bytes]]:
        page: list[Any] = []
        hashed: list[bytes] = []
        for number in range(after + 1, end + 1):
            try:
                rows = self._log.outcomes(number - 1, number, 1)
                hashed += outcome_leaves([row for row, _, _ in rows], number - 1)
                page += rows
            except MALFORMED_ROW:
                [leaf] = self._log.leaves(COMMANDS, number - 1, number) or [b""]
                self._report_outcome((None,) * 7, number)
                page.append(((None,) * 7, leaf, number))
                hashed.append(leaf)
        return page, hashed

    def _report_outcome(self, row: Sequence[Any], number: int) -> None:
        position = self._position_of_command(number)
        self._blamed[COMMANDS].add(number)
        self._report(
            "outcome_altered",
            f"What became of command {number} ({row[0]!r}), judged at position {position}, is not "
            "what was recorded: a column of it, or the hash beside it, was changed.", position,
        )

    def _report_missing_outcome(self, number: int) -> None:
        self.is_contiguous = False
        position = self._position_of_command(number)
        self._report(
            "outcome_missing",
            f"Nothing says what became of command {number}, judged after position {position}.",
            position,
        )

    def _position_of_command(self, number: int) -> int:
        """Return the position that a command was judged after, from the outcome before it."""
        try:
            before = [row for row, _, _ in self._log.outcomes(number - 2, number - 1, 1)]
            last = int(before[0][4]) if before and number > 1 else 0
        except MALFORMED_ROW:
            last = 0
        return last + 1 if last < self.position else last

    # ------------------------------------------------------------------ trees

    def _append_leaves(self, tree: int, leaves: Sequence[bytes]) -> None:
        """Append leaves, note the roots at the sizes of checkpoints, and compare stored hashes."""
        before = self._ranges[tree].size
        end, done = before + len(leaves), before
        for size in [each for each in self._sizes[tree] if before < each < end] + [end]:
            extended_range, kept = self._ranges[tree].extend(leaves[done - before : size - before])
            self._ranges[tree], done = extended_range, size
            if size in self._sizes[tree]:
                self.roots[tree][size] = extended_range.root
            self._compare_kept(tree, kept)

    def _compare_kept(self, tree: int, kept: Sequence[Node]) -> None:
        for level in {node.level for node in kept}:
            found = [node for node in kept if node.level == level]
            stored = self._log.nodes(tree, level, found[0].number, found[-1].number + 1)
            for node in found:
                if stored.get(node.number) != node.hash:
                    self._report_tree(tree, node.level, node.number)

    def _report_tree(self, tree: int, level: int, number: int) -> None:
        first, last = (number << level) + 1, (number + 1) << level
        if any(first <= number <= last for number in self._blamed[tree]):
            return                               # a smaller range was reported already
        self._blamed[tree].add(first)
        what = "events" if tree == EVENTS else "outcomes of commands"
        self._report(
            "seal_broken",
            f"Of the {what} from {first} to {last} one or more are not what was sealed: their "
            "hashes do not lead to the one that was kept of them.",
            first if tree == EVENTS else self._position_of_command(first),
        )

    # ------------------------------------------------------------------ the whole

    def _check_versions(self, stop: int) -> None:
        bad = self._log.first_bad_version(stop)
        if bad is not None:
            stream, position = bad
            self._report(
                "version_gap",
                f"The versions of {stream} are not 1, 2, 3 ... without a gap.", position,
            )

    def _has_events_beyond(self) -> bool:
        for row, _ in self._log.events(self.position, 2**63 - 1, 1):
            if row[0] > (head := self._log.head().position):
                self._report(
                    "event_beyond_end",
                    f"The log ends at position {head}, but holds an event at position {row[0]}.",
                    row[0],
                )
                return True
        return False

    def _has_outcomes_beyond(self) -> bool:
        done = self._ranges[COMMANDS].size
        for row, _, number in self._log.outcomes(done, 2**63 - 1, 1):
            if number > (self._log.head().command_count or 0):
                self._report_outcome(row, number)
                return True
        return False

    def _check_head(self, head: SealedHead) -> None:
        try:
            trees = head.trees
        except StorageError as error:
            self._report("seal_broken", error.message, head.position + 1)
            return
        for tree, stored, root in (
            (EVENTS, trees.events, head.event_root), (COMMANDS, trees.commands, head.command_root),
        ):
            computed = self._ranges[tree]
            for (level, number), one, other in zip(
                perfect_subtrees(0, computed.size), computed.nodes, stored.nodes, strict=False
            ):
                if one != other:
                    self._report_tree(tree, level, number)
                    break
            if root != computed.root and not self.flaws:
                self._report(
                    "seal_broken", "The root in the head row is not the one of the log.",
                    head.position,
                )
        if head.recorded_at != self._recorded_at and not self.flaws:
            self._report(
                "head_altered",
                f"The head says that the log ends at {_moment(head.recorded_at)}, but its last "
                f"event was recorded at {_moment(self._recorded_at)}.", head.position,
            )

    def _report(self, code: str, message: str, position: int) -> None:
        if len(self.flaws) < MAX_FLAWS:
            self.flaws.append(Flaw(code, message, position))


def _moment(instant: int) -> str:
    """Return a time as text, even if no calendar has it."""
    try:
        return to_iso(instant)
    except (OverflowError, ValueError):
        return f"{instant} microseconds after 1970"
