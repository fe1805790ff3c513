"""Verification of the log's rows: they are what was hashed, and extend what was signed."""

from collections.abc import Sequence

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.merkle.checkpoints import Checkpoint
from stocktrail.ledger.store.merkle.consistency import divergence_from
from stocktrail.ledger.store.merkle.flaws import Flaw
from stocktrail.ledger.store.merkle.former_trees import FormerTrees
from stocktrail.ledger.store.merkle.integrity import MALFORMED_ROW, IntegrityCheck
from stocktrail.ledger.store.merkle.notes import Verifier
from stocktrail.projections.folding.shadow_tables import ReportProgress
from stocktrail.projections.verify.findings import Finding, finding

TrustedCheckpoint = tuple[Checkpoint, Verifier | None]
"""A checkpoint that was kept somewhere, and the public key that must have signed it."""


class SealCheck:
    """Hashes the rows of a log, and compares it with local and given checkpoints.

    ``integrity`` and ``anchored`` hold the findings.
    """

    def __init__(self, ledger: Ledger, given: Sequence[TrustedCheckpoint]) -> None:
        self._log = ledger.sealed_log
        self._unreadable: list[Finding] = []
        try:
            verifier = ledger.checkpoints.verifier()
            local = [(each, verifier) for each in ledger.checkpoints.all()]
        except Refusal as refusal:
            self._unreadable.append(finding(refusal.code, refusal.message, position=0))
            local = []
        trusted = [(each, verifier or ledger.checkpoints.verifier()) for each, verifier in given]
        self.checkpoints: list[tuple[Checkpoint, Verifier | None]] = sorted(
            [*local, *trusted], key=lambda each: each[0].position
        )
        known = [each for each, _ in self.checkpoints]
        self._check = IntegrityCheck(self._log, [each.size for each in known if not each.former])
        self._former = FormerTrees(self._log, [each for each in known if each.former])
        self._former_flaws: list[Flaw] | None = None
        self.position: int = 0

    def reach_end(self, progress: ReportProgress | None = None) -> int:
        """Check up to the present end of the log, and return its position."""
        head = self._log.head()
        self._check.check_up_to(head, progress)
        if self._former_flaws is None and self._check.is_contiguous:
            self._former_flaws = self._check_former()
        self.position = head.position
        return head.position

    def _check_former(self) -> list[Flaw]:
        """Compute the trees of the former format if the log had any; return what is wrong."""
        row = self._check.former_seal
        if row is None and not self._former.is_asked:
            return []
        try:
            self._former.compute(self._check.sequence + 1 if row is None else row.sequence)
        except MALFORMED_ROW:
            return []                            # a flaw of its row
        flaw = None if row is None or self._check.flaws else self._former.flaw_of(row)
        return [] if flaw is None else [flaw]

    @property
    def checked(self) -> int:
        """How many events were checked."""
        return self._check.position

    @property
    def root(self) -> bytes:
        """The Merkle root of the rows that were checked."""
        return self._check.root

    @property
    def is_whole(self) -> bool:
        """Whether no row is missing, so that the log can be folded at all."""
        return self._check.is_contiguous

    @property
    def integrity(self) -> list[Finding]:
        """The rows that differ from what was hashed."""
        return _findings([*self._check.flaws, *(self._former_flaws or ())])

    @property
    def anchored(self) -> list[Finding]:
        """The first checkpoint that the log does not extend, after unreadable ones."""
        matched, end = 0, (self._check.position, self._check.sequence)
        for checkpoint, verifier in self.checkpoints:
            flaw = divergence_from(checkpoint, self._matches, end, verifier, matched)
            if flaw is not None:
                return [*self._unreadable, *_findings([flaw])]
            matched = checkpoint.position
        return self._unreadable

    def _matches(self, checkpoint: Checkpoint) -> bool:
        if checkpoint.former is not None:
            return self._former.matches(checkpoint)
        return self._check.roots.get(checkpoint.size) == checkpoint.root


def _findings(flaws: Sequence[Flaw]) -> list[Finding]:
    return [finding(flaw.code, flaw.message, position=flaw.position) for flaw in flaws]
