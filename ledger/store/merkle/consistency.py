"""Consistency: whether a log still begins with what a checkpoint covers.

Opening a ledger checks the newest checkpoint from a few stored hashes; ``verify`` checks every
checkpoint from the rows themselves.
"""

from collections.abc import Callable

from msgspec import MsgspecError

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store.errors import StorageError
from stocktrail.ledger.store.merkle.checkpoint_folder import CheckpointFolder
from stocktrail.ledger.store.merkle.checkpoints import Checkpoint
from stocktrail.ledger.store.merkle.flaws import Flaw
from stocktrail.ledger.store.merkle.former_trees import read_former_seal
from stocktrail.ledger.store.merkle.notes import Verifier
from stocktrail.ledger.store.merkle.reading import SealedLog
from stocktrail.ledger.store.merkle.tree import root_of

Matches = Callable[[Checkpoint], bool]
"""Returns whether the log, which is long enough, had the root of a checkpoint at its size."""


def matches_nodes(log: SealedLog) -> Matches:
    """Return a function that computes an earlier root from stored hashes, in logarithmic time.

    The hashes of the former trees are not stored. A former checkpoint of the whole former log is
    compared with the roots that were sealed when the ledger was upgraded; of an earlier one only
    the length is known, and the rest is left to ``verify``, which computes the trees again.
    """
    def matches(checkpoint: Checkpoint) -> bool:
        if checkpoint.former is None:
            return root_of(log.node_at(), 0, checkpoint.size) == checkpoint.root
        row = log.former_seal(checkpoint.position)
        seal = None if row is None else read_former_seal(row)
        return (
            seal is None
            or (seal.events, seal.commands) != (checkpoint.size, checkpoint.former.size)
            or seal.has_roots_of(checkpoint)
        )

    return matches


def divergence_from(
    checkpoint: Checkpoint, matches: Matches, end: tuple[int, int], verifier: Verifier | None,
    matched: int = 0,
) -> Flaw | None:
    """Return how a log fails to extend a checkpoint, or ``None``.

    ``end`` is the position and the sequence at which the log ends. Up to the position ``matched``
    it is known to match another checkpoint.
    """
    last = checkpoint.position
    named = f"the checkpoint of {last:,} events signed by {checkpoint.origin}"
    position, sequence = end
    if verifier is None or not checkpoint.is_signed_by(verifier):
        whom = "a key that is known" if verifier is None else verifier.name
        return Flaw("bad_signature", f"T{named[1:]} is not signed by {whom}.", last)
    if last > position:
        return Flaw(
            "log_cut_short",
            f"The log ends at position {position:,}, but {named} covers more: what stood at "
            f"position {position + 1:,} and after it is gone.", position + 1,
        )
    if _rows_covered(checkpoint) > sequence:
        return Flaw(
            "log_cut_short",
            f"The log ends with row {sequence:,} at position {position:,}, but {named} covers "
            f"{_rows_covered(checkpoint):,} rows: what became of the commands after it is gone.",
            position,
        )
    try:
        is_same = matches(checkpoint)
    except StorageError as error:
        return Flaw(error.code, error.message, matched + 1)
    except (ValueError, MsgspecError):           # a row of status ``sealed`` that seals nothing
        is_same = False
    if is_same:
        return None
    return Flaw(
        "history_changed",
        f"The log is not what {named} says: an event at one of the positions {matched + 1:,} "
        f"to {last:,}, or what became of a command there, was changed since.", matched + 1,
    )


def _rows_covered(checkpoint: Checkpoint) -> int:
    """Return how many rows a checkpoint covers at least."""
    return checkpoint.size if checkpoint.former is None else checkpoint.former.size


def check_extends(log: SealedLog, folder: CheckpointFolder) -> StorageError | None:
    """Return the error if the log does not extend the newest checkpoint: it is then read-only.

    How much is compared is said at :func:`matches_nodes`.
    """
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
            newest, matches_nodes(log), (head.position, head.sequence), folder.verifier()
        )
    except Refusal as refusal:
        return None, Flaw(refusal.code, refusal.message, 0)
