"""Whether the log that is reached again is still the one that this process knows.

A server that is connected to again may be another one under the same name: restored from a backup,
or a replica that was promoted while it lagged. What this process has in memory would not follow
from its log, so nothing may be decided on it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from stocktrail.ledger.store.errors import StorageError
from stocktrail.ledger.store.merkle.reading import SealedLog
from stocktrail.ledger.store.merkle.tree import CompactRange, root_of
from stocktrail.ledger.store.postgres.connection import LedgerConnection
from stocktrail.ledger.store.postgres.cursor import ModelCursor


class _BehindConnection:
    """The log that is reached through one connection, and no other."""

    def __init__(self, connection: LedgerConnection) -> None:
        self._connection = connection

    @contextmanager
    def reading_log(self) -> Iterator[ModelCursor]:
        """Read rows as plain tuples; what a log contains does not change meanwhile."""
        yield ModelCursor(self._connection.cursor()).with_tuple_rows()


def require_continuation(
    connection: LedgerConnection, known: CompactRange, tree: CompactRange
) -> None:
    """Check that the rows under ``tree``, the whole log, begin with those that were ``known``.

    A few stored hashes are read through the connection, none when both are equally long. Raises
    :class:`StorageError` (``log_cut_short``, ``history_changed``).
    """
    log = SealedLog(_BehindConnection(connection), "the ledger")
    if known.size > tree.size:
        raise _another_log("log_cut_short", f"ends with row {tree.size:,}", known)
    root = tree.root if known.size == tree.size else root_of(log.node_at(), 0, known.size)
    if root != known.root:
        raise _another_log("history_changed", "is another one", known)


def _another_log(code: str, what: str, known: CompactRange) -> StorageError:
    return StorageError(
        code,
        f"The log {what}, and does not contain all of the {known.size:,} rows that this program "
        "knows: its server was restored from a backup, or replaced by a replica that lagged. "
        "Nothing of this group was recorded. Start the program again to go on with the log as it "
        "is.",
    )
