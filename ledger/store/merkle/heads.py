"""The head of the hash tree, as stored in the head row of a ledger."""

from stocktrail.ledger.store.errors import StorageError
from stocktrail.ledger.store.merkle.tree import CompactRange


def tree_of_head(sequence: int, edge: bytes) -> CompactRange:
    """Return the tree over the rows of a log from the columns of its head row.

    Raises :class:`~stocktrail.ledger.store.errors.StorageError` (``ledger_damaged``) when they do
    not fit each other.
    """
    try:
        return CompactRange.of_bytes(sequence, edge)
    except (TypeError, ValueError) as error:
        raise StorageError(
            "ledger_damaged",
            f"The seal in the head of the log does not fit its end at row {sequence}: {error}. "
            "Run `stocktrail verify`.",
        ) from error
