"""Verification of the seal: the log is what was sealed, and extends what was signed."""

from collections.abc import Iterable, Sequence

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.merkle.checkpoints import Checkpoint
from stocktrail.ledger.store.merkle.consistency import divergence_from
from stocktrail.ledger.store.merkle.integrity import Flaw, IntegrityCheck
from stocktrail.ledger.store.merkle.notes import Verifier
from stocktrail.projections.read_models import ReportProgress
from stocktrail.projections.verify.findings import Finding, finding

Anchor = tuple[Checkpoint, Verifier | None]
"""A checkpoint that was kept somewhere, and the public key under which it must be signed."""


class SealCheck:
    """Goes through the rows of a log, and compares it with checkpoints: local ones and given ones.

    ``integrity`` and ``anchored`` are what was found.
    """

    def __init__(self, ledger: Ledger, given: Sequence[Anchor]) -> None:
        self._log = ledger.sealed_log
        self._bad: list[Finding] = []
        try:
            verifier = ledger.checkpoints.verifier()
            local = [(each, verifier) for each in ledger.checkpoints.all()]
        except Refusal as refusal:
            self._bad.append(finding(refusal.code, refusal.message, position=0))
            local = []
        anchors = [(each, verifier or ledger.checkpoints.verifier()) for each, verifier in given]
        self.anchors = sorted([*local, *anchors], key=lambda anchor: anchor[0].size)
        self._check = IntegrityCheck(
            self._log, [(each.size, each.command_count) for each, _ in self.anchors]
        )
        self.position = 0

    def reach_end(self, progress: ReportProgress | None = None) -> int:
        """Check up to the end of the log as it is now, and give its position."""
        head = self._log.head()
        self._check.check_up_to(head, progress)
        self.position = head.position
        return head.position

    @property
    def checked(self) -> int:
        """How many events were gone through."""
        return self._check.position

    @property
    def root(self) -> bytes:
        """The root of the events that were gone through."""
        return self._check.root

    @property
    def is_whole(self) -> bool:
        """Whether every row is there, so that the log can be folded at all."""
        return self._check.is_contiguous

    @property
    def integrity(self) -> list[Finding]:
        """What is not as it was sealed."""
        return list(_found(self._check.flaws))

    @property
    def anchored(self) -> list[Finding]:
        """Which checkpoints the log does not extend: the first, and why."""
        matched = 0
        for checkpoint, verifier in self.anchors:
            flaw = divergence_from(
                checkpoint, self._root_at, self._check.position, verifier, matched
            )
            if flaw is not None:
                return [*self._bad, *_found([flaw])]
            matched = checkpoint.size
        return self._bad

    def _root_at(self, tree: int, size: int) -> bytes | None:
        return self._check.roots[tree].get(size)


def _found(flaws: Iterable[Flaw]) -> Iterable[Finding]:
    return (finding(flaw.code, flaw.message, position=flaw.position) for flaw in flaws)
