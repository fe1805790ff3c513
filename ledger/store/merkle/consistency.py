"""Consistency: whether a log still begins with what a checkpoint covers.

Opening a ledger checks the newest checkpoint from a few stored hashes; ``verify`` checks every
checkpoint from the rows themselves.
"""

from collections.abc import Callable

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store.errors import StorageError
from stocktrail.ledger.store.merkle.checkpoint_folder import CheckpointFolder
from stocktrail.ledger.store.merkle.checkpoints import Checkpoint
from stocktrail.ledger.store.merkle.heads import COMMANDS, EVENTS
from stocktrail.ledger.store.merkle.integrity import Flaw
from stocktrail.ledger.store.merkle.notes import Verifier
from stocktrail.ledger.store.merkle.reading import SealedHead, SealedLog
from stocktrail.ledger.store.merkle.tree import root_of

RootAt = Callable[[int, int], bytes | None]
"""Returns the root that a tree had at a size, or ``None`` if it was never that large."""


def roots_from_nodes(log: SealedLog, head: SealedHead) -> RootAt:
    """Return a function that computes earlier roots from stored hashes, in logarithmic time."""
    sizes = {EVENTS: head.position, COMMANDS: head.command_count or 0}

    def root_at(tree: int, size: int) -> bytes | None:
        return None if size > sizes[tree] else root_of(log.node_at(tree), 0, size)

    return root_at


def divergence_from(
    checkpoint: Checkpoint, root_at: RootAt, end: int, verifier: Verifier | None,
    matched: int = 0,
) -> Flaw | None:
    """Return how a log that ends at ``end`` fails to extend a checkpoint, or ``None``.

    Up to ``matched`` the log is known to match another checkpoint.
    """
    size, count = checkpoint.size, checkpoint.command_count
    named = f"the checkpoint of {size:,} events signed by {checkpoint.origin}"
    if verifier is None or not checkpoint.is_signed_by(verifier):
        whom = "a key that is known" if verifier is None else verifier.name
        return Flaw("bad_signature", f"T{named[1:]} is not signed by {whom}.", size)
    if size > end:
        return Flaw(
            "log_cut_short",
            f"The log ends at position {end:,}, but {named} covers more: what stood at position "
            f"{end + 1:,} and after it is gone.", end + 1,
        )
    try:
        root, command_root = root_at(EVENTS, size), root_at(COMMANDS, count)
    except StorageError as error:
        return Flaw(error.code, error.message, matched + 1)
    if root != checkpoint.root:
        return Flaw(
            "history_changed",
            f"The log is not what {named} says: an event at one of the positions {matched + 1:,} "
            f"to {size:,} was changed since.", matched + 1,
        )
    if command_root != checkpoint.command_root:
        return Flaw(
            "history_changed",
            f"What became of the first {count:,} commands is not what {named} says: it was changed "
            "since.", matched + 1,
        )
    return None


def check_extends(log: SealedLog, folder: CheckpointFolder) -> StorageError | None:
    """Return the error if the log does not extend the newest checkpoint: it is then read-only."""
    flaw = _flaw_of_newest(log, folder)[1]
    if flaw is None:
        return None
    return StorageError(
        flaw.code,
        f"{flaw.message} So the ledger is opened for reading only: put the right database back, or "
        "begin a new epoch with `stocktrail new-epoch --reason ...` if this is how it shall go on.",
    )


def describe_divergence(
    log: SealedLog, folder: CheckpointFolder
) -> tuple[Checkpoint | None, str | None]:
    """Return the newest checkpoint, and how the log diverges from it, if it does."""
    newest, flaw = _flaw_of_newest(log, folder)
    return newest, None if flaw is None else flaw.message


def _flaw_of_newest(
    log: SealedLog, folder: CheckpointFolder
) -> tuple[Checkpoint | None, Flaw | None]:
    try:
        newest = folder.newest()
        if newest is None:
            return None, None
        head = log.head()
        return newest, divergence_from(
            newest, roots_from_nodes(log, head), head.position, folder.verifier()
        )
    except Refusal as refusal:
        return None, Flaw(refusal.code, refusal.message, 0)
