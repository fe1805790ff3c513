"""Scheduled checkpoints: one whenever a number of events was recorded since the last."""

from stocktrail.ledger.store.application import Ledger
from stocktrail.ledger.store.merkle.checkpoints import Checkpoint, signed_checkpoint
from stocktrail.ledger.store.merkle.notes import Signer
from stocktrail.ledger.store.outcome import Head


def make_checkpoint(ledger: Ledger, signer: Signer) -> Checkpoint:
    """Sign the present end of a ledger's log, and save the checkpoint in its folder."""
    checkpoint = signed_checkpoint(signer, ledger.sealed_log.head())
    ledger.checkpoints.keep(checkpoint, signer.verifier)
    return checkpoint


class CheckpointSchedule:
    """Makes a checkpoint after the commit that completes a number of events since the last one.

    A failure to write a checkpoint does not affect what was recorded: ``failure`` holds the error,
    and the next commit tries again.
    """

    def __init__(self, ledger: Ledger, signer: Signer, every: int) -> None:
        self._ledger = ledger
        self._signer = signer
        self._every = every
        newest = ledger.checkpoints.newest()
        self._last = newest.position if newest else 0
        self.failure: OSError | None = None

    def __call__(self, head: Head) -> None:
        """Handle a commit."""
        if head.position - self._last < self._every:
            return
        try:
            self._last = make_checkpoint(self._ledger, self._signer).position
            self.failure = None
        except OSError as error:
            self.failure = error
