"""Checkpoints on a schedule: one whenever so many events have come since the last."""

from stocktrail.ledger.store.application import Ledger
from stocktrail.ledger.store.merkle.checkpoints import Checkpoint, signed_checkpoint
from stocktrail.ledger.store.merkle.notes import Signer
from stocktrail.ledger.store.outcome import Head


def make_checkpoint(ledger: Ledger, signer: Signer) -> Checkpoint:
    """Sign what a ledger is now, and keep it among its checkpoints."""
    checkpoint = signed_checkpoint(signer, ledger.sealed_log.head().trees)
    ledger.checkpoints.keep(checkpoint, signer.verifier)
    return checkpoint


class CheckpointSchedule:
    """Makes a checkpoint after the commit with which so many events have come since the last.

    What is recorded stays recorded when a checkpoint cannot be written: ``failure`` says why, and
    the next commit tries again.
    """

    def __init__(self, ledger: Ledger, signer: Signer, every: int) -> None:
        self._ledger = ledger
        self._signer = signer
        self._every = every
        newest = ledger.checkpoints.newest()
        self._last = newest.size if newest else 0
        self.failure: OSError | None = None

    def __call__(self, head: Head) -> None:
        """Take note of a commit."""
        if head.position - self._last < self._every:
            return
        try:
            self._last = make_checkpoint(self._ledger, self._signer).size
            self.failure = None
        except OSError as error:
            self.failure = error
