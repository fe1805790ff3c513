"""Importing: an exported log becomes an identical ledger, in one transaction or not at all.

Every row keeps its position, so that the root of the hash tree is the same and every proof and
checkpoint of the first ledger is valid for the second. Only an empty ledger can import a log,
because two histories cannot be merged. A log that was exported in version 1 becomes what an upgrade
would make of it.
"""

from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, Literal

import msgspec
from eventsourcing.persistence import IntegrityError

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store.application import Ledger
from stocktrail.ledger.store.bulk import BulkAppend, append_all, head_after
from stocktrail.ledger.store.command_row import CommandRow, read_entries
from stocktrail.ledger.store.errors import translate_errors
from stocktrail.ledger.store.log_reading import MAX_POSITION
from stocktrail.ledger.store.outcome import Head
from stocktrail.ledger.store.portable.bulk import bulk_append
from stocktrail.ledger.store.portable.customer_key_rows import add_keys
from stocktrail.ledger.store.portable.former_import import imported_rows
from stocktrail.ledger.store.portable.former_lines import FormerHeader
from stocktrail.ledger.store.portable.line_reading import LineReading
from stocktrail.ledger.store.portable.lines import (
    VERSION,
    Header,
    KeyRow,
    read_key,
    read_line,
    read_row,
    require_known,
)
from stocktrail.ledger.store.upgrade.upgrading import ReportProgress


def import_log(
    ledger: Ledger, lines: BinaryIO, name: str = "The file", *,
    progress: ReportProgress | None = None,
) -> Header:
    """Import an exported log into an empty ledger, and return what it holds then.

    Refuses a ledger that is not empty (``ledger_not_empty``), and a file that is malformed,
    truncated or changed (``bad_export``, with its ``line``); nothing is imported then.
    """
    reading = LineReading(lines, name)
    header = reading.next("it should begin with what it holds", _read_header)
    with translate_errors(ledger.where):
        try:
            with bulk_append(ledger) as append:
                return _import(ledger, append, reading, header, progress)
        except IntegrityError:
            raise reading.refusal("a row before it has the place or the id of another") from None


def _import(
    ledger: Ledger, append: BulkAppend, reading: LineReading, header: Header | FormerHeader,
    progress: ReportProgress | None,
) -> Header:
    head = append.head()
    if head.sequence:
        raise Refusal(
            "ledger_not_empty",
            f"{ledger.where} is at position {head.position:,} already. A log can only be imported "
            "into an empty ledger; name a new one with --database.", position=head.position,
        )
    if isinstance(header, Header):
        append_all(append, _rows(reading, header, progress))
        if append.root().hex() != header.root:
            raise reading.refusal(
                "the rows up to it are not those that were exported: the root of their seal is "
                "another one"
            )
    else:
        append_all(append, imported_rows(reading, header, progress))
    keys = list(_keys(reading, header.customer_keys))
    reading.require_end()
    if keys:
        add_keys(append.cursor, keys)
    head = append.head()
    return Header(
        rows=head.sequence, events=head.position, commands=header.commands,
        root=append.root().hex(), customer_keys=len(keys),
    )


def _read_header(line: bytes) -> Header | FormerHeader:
    """Return the header in the first line. Raises ``ValueError`` with a reason for another line."""
    try:
        found = msgspec.json.decode(line, type=_AnyHeader)
        if found.version > VERSION:
            raise ValueError("it was written by a later version of stocktrail")
        if found.version == VERSION:
            return read_line(line, Header, "a header")
        return read_line(line, FormerHeader, "a header")
    except msgspec.DecodeError:
        raise ValueError("it is not the first line of a log that was exported") from None


class _AnyHeader(msgspec.Struct):
    format: Literal["stocktrail-log"]
    version: int


def _rows(
    reading: LineReading, header: Header, progress: ReportProgress | None
) -> Iterator[CommandRow]:
    head = Head(0, 0)
    while head.sequence < header.rows:
        row, head = reading.next(
            f"{header.rows - head.sequence:,} rows are missing", partial(_read_next, head)
        )
        yield row
        if progress is not None:
            progress(head.position, header.events)


def _read_next(head: Head, line: bytes) -> tuple[CommandRow, Head]:
    """Return the row in a line, and the end of the log after it.

    Raises ``ValueError`` if it does not follow the head.
    """
    row = read_row(line)
    if row.sequence != head.sequence + 1:
        raise ValueError(f"row {head.sequence + 1:,} should stand here, not {row.sequence:,}")
    if row.first_position != head.position + 1:
        raise ValueError(
            f"position {head.position + 1:,} should stand here, not {row.first_position:,}"
        )
    if row.recorded_at <= head.recorded_at:
        raise ValueError("it was recorded before the row before it")
    entries = read_entries(row.events)
    for entry in entries:
        require_known(entry.type)
        if max(entry.version, entry.recorded_at or 0) > MAX_POSITION:
            raise ValueError("one of its numbers is too large")
    return row, head_after(head, row, entries)


def _keys(reading: LineReading, count: int) -> Iterator[KeyRow]:
    for left in range(count, 0, -1):
        yield reading.next(f"{left:,} customers' keys are missing", read_key)
