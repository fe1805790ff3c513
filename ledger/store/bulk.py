"""Appending a whole log in one transaction: batch after batch, all of them or none."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from stocktrail.ledger.store.command_row import CommandRow, Entry, IndexRow, read_entries
from stocktrail.ledger.store.datastore import DatabaseCursor
from stocktrail.ledger.store.outcome import Head

BATCH_ROWS = 2_000
BATCH_BYTES = 1 << 21
"""How many rows, and of what size about, are appended at a time."""


class BulkAppend(Protocol):
    """One transaction on the log; appended rows are sealed and indexed as usual."""

    cursor: DatabaseCursor
    """Writes tables beside the log, in the same transaction."""

    def head(self) -> Head:
        """Return the end of the log, as it is in this transaction."""

    def root(self) -> bytes:
        """Return the root of the hash tree over it."""

    def append(self, rows: Sequence[CommandRow]) -> None:
        """Append the rows that follow the end of the log."""


def append_all(append: BulkAppend, rows: Iterable[CommandRow]) -> None:
    """Append any number of rows, in batches."""
    batch: list[CommandRow] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += len(row.body) + len(row.result) + len(row.events)
        if len(batch) == BATCH_ROWS or size > BATCH_BYTES:
            append.append(batch)
            batch, size = [], 0
    if batch:
        append.append(batch)


def head_after(head: Head, row: CommandRow, entries: Sequence[Entry]) -> Head:
    """Return the end of the log after a row that follows a head, by the events in it.

    A row without events, such as a refusal, was judged a microsecond later at the earliest, and so
    is what follows it.
    """
    recorded_at = row.recorded_at + len(entries) - 1
    if entries and entries[-1].recorded_at is not None:
        recorded_at = entries[-1].recorded_at
    position = row.first_position + len(entries) - 1
    return Head(position, max(head.recorded_at, recorded_at), row.sequence)


def head_and_index(head: Head, rows: Iterable[CommandRow]) -> tuple[Head, list[IndexRow]]:
    """Return the end of the log after rows that follow a head, and where their events are."""
    index: list[IndexRow] = []
    for row in rows:
        entries = read_entries(row.events)
        head = head_after(head, row, entries)
        index += (
            (each.stream, each.version, row.sequence, place) for place, each in enumerate(entries)
        )
    return head, index
