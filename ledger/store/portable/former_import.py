"""Rows of commands from a log that was exported in version 1, as an upgrade makes them.

All events stand before all outcomes there, so the events are kept in a temporary database until the
outcomes are read.
"""

from collections.abc import Iterator
from itertools import islice

from stocktrail.ledger.store.command_row import CommandRow
from stocktrail.ledger.store.portable.former_lines import (
    FormerHeader,
    read_former_event,
    read_former_outcome,
)
from stocktrail.ledger.store.portable.line_reading import LineReading
from stocktrail.ledger.store.portable.lines import require_known
from stocktrail.ledger.store.scratch import ScratchDatabase
from stocktrail.ledger.store.upgrade.former_rows import (
    PAGE_ROWS,
    EventRow,
    FormerLog,
    FormerLogDamaged,
    OutcomeRow,
    former_events,
)
from stocktrail.ledger.store.upgrade.upgrading import ReportProgress, upgraded_rows

_CREATE = (
    "CREATE TABLE stored_events (position INTEGER PRIMARY KEY, originator_id, originator_version, "
    "topic, state, occurred_at, recorded_at, command_id, correlation_id, causation_id, actor, leaf)"
)
_KEEP = f"INSERT INTO stored_events VALUES ({', '.join('?' * 12)})"


def imported_rows(
    reading: LineReading, header: FormerHeader, progress: ReportProgress | None
) -> Iterator[CommandRow]:
    """Yield the rows that a log exported in version 1 becomes. Refuses one that was changed."""
    scratch = ScratchDatabase()
    events = _events(reading, header)
    with scratch.writing() as kept:
        kept.execute(_CREATE)
        while page := list(islice(events, PAGE_ROWS)):
            kept.executemany(_KEEP, page)
    with scratch.reading() as cursor:
        log = FormerLog(header.head(), former_events(cursor), _outcomes(reading, header))
        try:
            yield from upgraded_rows(log, progress)
        except FormerLogDamaged as error:
            raise reading.refusal(f"at {error.place}, {error.why}") from None


def _events(reading: LineReading, header: FormerHeader) -> Iterator[EventRow]:
    position = recorded_at = 0

    def read(line: bytes) -> EventRow:
        event = read_former_event(line)
        if event.position != position + 1:
            raise ValueError(f"position {position + 1:,} should stand here, not {event.position:,}")
        if event.recorded_at <= recorded_at:
            raise ValueError("it was recorded before the event before it")
        require_known(event.topic)
        return event

    while position < header.events:
        event = reading.next(f"{header.events - position:,} events are missing", read)
        position, recorded_at = event.position, event.recorded_at
        yield event


def _outcomes(reading: LineReading, header: FormerHeader) -> Iterator[OutcomeRow]:
    sequence = 0

    def read(line: bytes) -> OutcomeRow:
        outcome = read_former_outcome(line)
        if outcome.sequence != sequence + 1:
            raise ValueError(
                f"command {sequence + 1:,} should stand here, not {outcome.sequence:,}"
            )
        return outcome

    while sequence < header.commands:
        outcome = reading.next(f"{header.commands - sequence:,} commands are missing", read)
        sequence = outcome.sequence
        yield outcome
