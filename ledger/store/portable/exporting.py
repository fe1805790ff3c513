"""Exporting: the whole log as JSON Lines, as of one moment, while others write to it.

Rows are never changed, so the rows below a head stay as they were when the head was read: nothing
is locked, and no transaction is held open during the export.
"""

from collections.abc import Callable
from typing import BinaryIO

from stocktrail.ledger.store.application import Ledger
from stocktrail.ledger.store.errors import StorageError
from stocktrail.ledger.store.merkle.leaves import event_leaves, outcome_leaves
from stocktrail.ledger.store.merkle.tree import CompactRange
from stocktrail.ledger.store.portable.customer_key_rows import key_rows
from stocktrail.ledger.store.portable.lines import Header, event_line, key_line, outcome_line

BATCH_ROWS = 2_000
"""How many rows are read at a time."""

ReportProgress = Callable[[int, int | None], None]


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
    count = head.command_count or 0
    keys = key_rows(ledger) if with_keys else []
    header = Header(head.position, count, head.event_root, head.command_root, len(keys))
    output.write(header.as_line())
    events, commands = CompactRange(), CompactRange()
    while events.size < head.position:
        rows = log.events(events.size, head.position, BATCH_ROWS)
        leaves = event_leaves(row for row, _ in rows)
        for at, ((row, leaf), found) in enumerate(zip(rows, leaves, strict=True), events.size + 1):
            _require(row[0] == at and leaf == found, ledger, f"position {at:,}")
        _require(bool(rows), ledger, f"position {events.size + 1:,}")
        output.write(b"".join(event_line(row, leaf) for row, leaf in rows))
        events, _ = events.extend(leaves)
        if progress is not None:
            progress(events.size, head.position)
    while commands.size < count:
        outcomes = log.outcomes(commands.size, count, BATCH_ROWS)
        leaves = outcome_leaves([row for row, _, _ in outcomes], commands.size)
        for at, ((_, leaf, sequence), found) in enumerate(
            zip(outcomes, leaves, strict=True), commands.size + 1
        ):
            _require(sequence == at and leaf == found, ledger, f"command {at:,}")
        _require(bool(outcomes), ledger, f"command {commands.size + 1:,}")
        output.write(b"".join(
            outcome_line(row, leaf, sequence) for row, leaf, sequence in outcomes
        ))
        commands, _ = commands.extend(leaves)
    _require(events.root == head.event_root, ledger, f"position {head.position:,} or before")
    _require(commands.root == head.command_root, ledger, f"command {count:,} or before")
    output.write(b"".join(map(key_line, keys)))
    return header


def _require(is_sealed: bool, ledger: Ledger, place: str) -> None:
    if not is_sealed:
        raise StorageError(
            "ledger_damaged",
            f"What stands at {place} of {ledger.where} is not what was sealed; nothing of use was "
            "written. Run `stocktrail verify`.",
        )
