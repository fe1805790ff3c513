"""Exporting: the whole log as JSON Lines, as of one moment, while others write to it.

Rows are never changed, so the rows below a head stay as they were when the head was read: nothing
is locked, and no transaction is held open during the export.
"""

from typing import BinaryIO

from stocktrail.ledger.store.application import Ledger
from stocktrail.ledger.store.errors import StorageError, translate_errors
from stocktrail.ledger.store.merkle.leaves import command_leaves
from stocktrail.ledger.store.merkle.tree import CompactRange
from stocktrail.ledger.store.portable.customer_key_rows import key_rows
from stocktrail.ledger.store.portable.lines import Header, key_line, row_line
from stocktrail.ledger.store.upgrade.upgrading import ReportProgress

BATCH_ROWS = 500
"""How many rows are read at a time."""


def export_log(
    ledger: Ledger, output: BinaryIO, *, with_keys: bool = False,
    progress: ReportProgress | None = None,
) -> Header:
    """Write the log of a ledger as lines, and return the first of them, the header.

    Customers' keys are left out unless ``with_keys`` asks for them. Raises
    :class:`~stocktrail.ledger.store.errors.StorageError`: ``ledger_damaged`` when a row does not
    match its leaf, so that no copy of a damaged log is taken for a good one.
    """
    log = ledger.sealed_log
    head = log.head()
    keys = key_rows(ledger) if with_keys else []
    header = Header(
        rows=head.sequence, events=head.position, commands=_commands(ledger, head.sequence),
        root=head.root.hex(), customer_keys=len(keys),
    )
    output.write(header.as_line())
    tree, position = CompactRange(), 0
    while tree.size < head.sequence:
        rows = log.rows(tree.size, head.sequence, BATCH_ROWS)
        _require(bool(rows), ledger, position + 1)
        leaves = command_leaves(row for row, _ in rows)
        for at, ((row, leaf), found) in enumerate(zip(rows, leaves, strict=True), tree.size + 1):
            _require(row.sequence == at and leaf == found, ledger, position + 1)
            position = max(position, row.last_position)
            output.write(row_line(row, leaf))
        tree, _ = tree.extend(leaves)
        if progress is not None:
            progress(position, head.position)
    _require(tree.root == head.root, ledger, head.position)
    output.write(b"".join(map(key_line, keys)))
    return header


def _commands(ledger: Ledger, sequence: int) -> int:
    """Return how many commands are in the rows up to a sequence."""
    with translate_errors(ledger.where), ledger.datastore.reading_models() as cursor:
        cursor.execute(
            "SELECT COUNT(command_id) FROM commands WHERE sequence <= :last", {"last": sequence}
        )
        return int(cursor.fetchone()[0])


def _require(is_sealed: bool, ledger: Ledger, position: int) -> None:
    if not is_sealed:
        raise StorageError(
            "ledger_damaged",
            f"What stands at position {position:,} of {ledger.where}, or before it, is not what "
            "was sealed; nothing of use was written. Run `stocktrail verify`.",
        )
