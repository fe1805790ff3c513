"""Importing: an exported log becomes an identical ledger, in one transaction or not at all.

Every row keeps its position, so that the roots of the hash trees are the same and every proof and
checkpoint of the first ledger is valid for the second. Only an empty ledger can import a log,
because two histories cannot be merged.
"""

from collections.abc import Callable, Iterator
from typing import BinaryIO

from eventsourcing.persistence import IntegrityError

from stocktrail.ledger.catalogue import CATALOGUE
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store.application import Ledger
from stocktrail.ledger.store.errors import translate_errors
from stocktrail.ledger.store.mapper import EventRow
from stocktrail.ledger.store.outcome import Head, OutcomeRow
from stocktrail.ledger.store.portable.bulk import BulkAppend, bulk_append
from stocktrail.ledger.store.portable.customer_key_rows import add_keys
from stocktrail.ledger.store.portable.lines import (
    Header,
    KeyRow,
    read_event,
    read_header,
    read_key,
    read_outcome,
)

BATCH_ROWS = 2_000
"""How many rows are appended at a time."""

MAX_LINE_BYTES = 1 << 26
"""The maximum length of a line."""

ReportProgress = Callable[[int, int | None], None]


class _Lines:
    """The lines of an imported file, with their numbers."""

    def __init__(self, lines: BinaryIO, name: str) -> None:
        self._lines = lines
        self._name = name
        self.number = 0

    def next(self, left: str) -> bytes:
        """Return the next line; ``left`` says what is missing if there is none."""
        self.number += 1
        line = self._lines.readline(MAX_LINE_BYTES)
        if not line:
            raise self.refusal(f"the file ends here, and {left}")
        return line

    def require_end(self) -> None:
        """Refuse a file that continues."""
        self.number += 1
        if self._lines.readline(1):
            raise self.refusal("the file goes on after its end")

    def refusal(self, why: str) -> Refusal:
        """Return the refusal of the line that was read last."""
        return Refusal(
            "bad_export",
            f"{self._name}, line {self.number:,}: {why}. Nothing was imported.", line=self.number,
        )


def import_log(
    ledger: Ledger, lines: BinaryIO, name: str = "The file", *,
    progress: ReportProgress | None = None,
) -> Header:
    """Import an exported log into an empty ledger, and return the header of the file.

    Refuses a ledger that is not empty (``ledger_not_empty``), and a file that is malformed,
    truncated or changed (``bad_export``, with its ``line``); nothing is imported then.
    """
    reading = _Lines(lines, name)
    try:
        header = read_header(reading.next("it should begin with what it holds"))
    except ValueError as error:
        raise reading.refusal(str(error)) from None
    with translate_errors(ledger.where):
        try:
            with bulk_append(ledger) as append:
                _import(ledger, append, reading, header, progress)
        except IntegrityError:
            raise reading.refusal("a row before it has the place or the id of another") from None
    return header


def _import(
    ledger: Ledger, append: BulkAppend, reading: _Lines, header: Header,
    progress: ReportProgress | None,
) -> None:
    head, trees = append.head()
    if head.position or trees.commands.size:
        raise Refusal(
            "ledger_not_empty",
            f"{ledger.where} is at position {head.position:,} already. A log can only be imported "
            "into an empty ledger; name a new one with --database.", position=head.position,
        )
    for events in _events(reading, header, progress):
        head = Head(events[-1][0], events[-1][6])
        append.append(head, events, [])
    for outcomes in _outcomes(reading, header):
        append.append(head, [], outcomes)
    _, trees = append.head()
    for found, said, which in (
        (trees.events.root, header.event_root, "events"),
        (trees.commands.root, header.command_root, "commands"),
    ):
        if found != said:
            raise reading.refusal(
                f"the {which} up to it are not those that were exported: the root of their seal is "
                "another one"
            )
    keys = list(_keys(reading, header))
    reading.require_end()
    if keys:
        add_keys(append.cursor, keys)


def _events(
    reading: _Lines, header: Header, progress: ReportProgress | None
) -> Iterator[list[EventRow]]:
    known = {CATALOGUE.current(topic) for topic in CATALOGUE.classes()}
    position, recorded_at, rows = 0, 0, []
    while position < header.events:
        line = reading.next(f"{header.events - position:,} events are missing")
        position += 1
        try:
            row = read_event(line)
            if row[0] != position:
                raise ValueError(f"position {position:,} should stand here, not {row[0]:,}")
            if row[6] <= recorded_at:
                raise ValueError("it was recorded before the event before it")
            if CATALOGUE.current(row[3]) not in known:
                raise ValueError(f"this version of stocktrail knows no event {row[3][:60]!r}")
        except ValueError as error:
            raise reading.refusal(str(error)) from None
        recorded_at = row[6]
        rows.append(row)
        if len(rows) == BATCH_ROWS or position == header.events:
            yield rows
            rows = []
            if progress is not None:
                progress(position, header.events)


def _outcomes(reading: _Lines, header: Header) -> Iterator[list[OutcomeRow]]:
    count, rows = 0, []
    while count < header.commands:
        line = reading.next(f"{header.commands - count:,} commands are missing")
        count += 1
        try:
            row, sequence = read_outcome(line)
            if sequence != count:
                raise ValueError(f"command {count:,} should stand here, not {sequence:,}")
        except ValueError as error:
            raise reading.refusal(str(error)) from None
        rows.append(row)
        if len(rows) == BATCH_ROWS or count == header.commands:
            yield rows
            rows = []


def _keys(reading: _Lines, header: Header) -> Iterator[KeyRow]:
    for left in range(header.customer_keys, 0, -1):
        line = reading.next(f"{left:,} customers' keys are missing")
        try:
            yield read_key(line)
        except ValueError as error:
            raise reading.refusal(str(error)) from None
