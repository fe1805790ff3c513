"""Verification of the log as a sequence: gapless positions, growing times, readable events."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from pydantic import ValidationError

from ledger.base.aggregate import RecordedEvent
from ledger.base.event import UnknownEvent
from ledger.instant import to_iso
from ledger.store import Ledger
from projections.finding import Finding, finding
from projections.read_models import ReportProgress

EVENTS_PER_PAGE = 2000
UNREADABLE = (UnknownEvent, ValidationError, ValueError)
"""What reading an event raises when its row is not what the program wrote."""


class Sequence(NamedTuple):
    """What was read of the log: events by category of their stream, and where it ends."""

    events: Counter[str]
    findings: list[Finding]
    position: int = 0
    recorded_at: int = 0


def check_sequence(
    ledger: Ledger,
    stop: int,
    progress: ReportProgress | None = None,
    *,
    begun: Sequence | None = None,
) -> Sequence:
    """Read the log to a position: positions without gaps, recorded times strictly increasing.

    What was ``begun`` is gone on with. Nothing may stand beyond the end that the log itself names.
    """
    events, findings, position, recorded_at = begun or Sequence(Counter(), [])
    while position < stop and not findings:
        try:
            page = ledger.read(position, EVENTS_PER_PAGE, stop)
        except UNREADABLE:
            findings.append(_first_unreadable(ledger, position, stop))
            break
        if not page:
            findings += _out_of_order(None, position, recorded_at)
        for recorded in page:
            findings += _out_of_order(recorded, position, recorded_at)
            if findings:
                break
            events[recorded.originator_id.partition("/")[0]] += 1
            position, recorded_at = recorded.position, recorded.recorded_at
        if progress:
            progress(position, stop)
    if not findings:
        findings += _beyond_the_end(ledger, position)
    return Sequence(events, findings, position, recorded_at)


def _beyond_the_end(ledger: Ledger, position: int) -> Iterator[Finding]:
    """Look for an event that the log does not count; one that came meanwhile it does count."""
    try:
        beyond = [recorded.position for recorded in ledger.read(position, 1)]
    except UNREADABLE:
        yield _first_unreadable(ledger, position, position + 1)
        return
    if beyond and beyond[0] > (head := ledger.head().position):
        yield finding(
            "event_beyond_end",
            f"The log ends at position {head}, but holds an event at position {beyond[0]}.",
            position=beyond[0],
        )


def _out_of_order(
    recorded: RecordedEvent | None, position: int, recorded_at: int
) -> Iterator[Finding]:
    if recorded is None or recorded.position != position + 1:
        yield finding(
            "position_gap",
            f"The log has no event at position {position + 1}"
            + (f"; the next one is at {recorded.position}." if recorded else "."),
            position=position + 1,
        )
    elif recorded.recorded_at <= recorded_at:
        yield finding(
            "recorded_time_not_increasing",
            f"The event at position {recorded.position} was recorded at "
            f"{to_iso(recorded.recorded_at)}, not after the one before it.",
            position=recorded.position,
        )


def _first_unreadable(ledger: Ledger, after: int, stop: int) -> Finding:
    position = after
    while position < stop:
        try:
            page = ledger.read(position, 1, stop)
        except UNREADABLE as error:
            complaint = " ".join(str(error).split())[:300].rstrip(".")
            return finding(
                "unreadable_event",
                f"The event after position {position} cannot be read: {complaint}.",
                position=position + 1,
            )
        if not page:
            break
        position = page[-1].position
    raise AssertionError("a page that cannot be read has an event that cannot")
