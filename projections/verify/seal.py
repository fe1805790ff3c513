"""Verification of the log's rows: they are what was hashed, and extend what was signed."""

from collections.abc import Iterable, Sequence

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.merkle.checkpoints import Checkpoint
from stocktrail.ledger.store.merkle.consistency import divergence_from
from stocktrail.ledger.store.merkle.integrity import Flaw, IntegrityCheck
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
        self.checkpoints = sorted([*local, *trusted], key=lambda each: each[0].size)
        self._check = IntegrityCheck(
            self._log, [(each.size, each.command_count) for each, _ in self.checkpoints]
        )
        self.position = 0

    def reach_end(self, progress: ReportProgress | None = None) -> int:
        """Check up to the present end of the log, and return its position."""
        head = self._log.head()
        self._check.check_up_to(head, progress)
        self.position = head.position
        return head.position

    @property
    def checked(self) -> int:
        """How many events were checked."""
        return self._check.position

    @property
    def root(self) -> bytes:
        """The Merkle root of the events that were checked."""
        return self._check.root

    @property
    def is_whole(self) -> bool:
        """Whether no row is missing, so that the log can be folded at all."""
        return self._check.is_contiguous

    @property
    def integrity(self) -> list[Finding]:
        """The rows that differ from what was hashed."""
        return list(_findings(self._check.flaws))

    @property
    def anchored(self) -> list[Finding]:
        """The first checkpoint that the log does not extend, after unreadable ones."""
        matched = 0
        for checkpoint, verifier in self.checkpoints:
            flaw = divergence_from(
                checkpoint, self._root_at, self._check.position, verifier, matched
            )
            if flaw is not None:
                return [*self._unreadable, *_findings([flaw])]
            matched = checkpoint.size
        return self._unreadable

    def _root_at(self, tree: int, size: int) -> bytes | None:
        return self._check.roots[tree].get(size)


def _findings(flaws: Iterable[Flaw]) -> Iterable[Finding]:
    return (finding(flaw.code, flaw.message, position=flaw.position) for flaw in flaws)
