"""Verification of the log's payloads: every event can be read."""

from collections import Counter
from typing import NamedTuple

from pydantic import ValidationError

from stocktrail.ledger.base.event import UnknownEvent
from stocktrail.ledger.store import Ledger
from stocktrail.projections.read_models import ReportProgress
from stocktrail.projections.verify.findings import Finding, finding

EVENTS_PER_PAGE = 2000
UNREADABLE = (UnknownEvent, ValidationError, ValueError, TypeError)
"""What reading an event raises when its row is not what the program wrote."""


class Events(NamedTuple):
    """What was read of the log: events by category of their stream, and up to where."""

    events: Counter[str]
    findings: list[Finding]
    position: int = 0


def read_all(
    ledger: Ledger, stop: int, progress: ReportProgress | None = None, *,
    begun: Events | None = None,
) -> Events:
    """Read a log without gaps to a position; what was ``begun`` is gone on with."""
    events, findings, position = begun or Events(Counter(), [])
    while position < stop and not findings:
        try:
            page = ledger.read(position, EVENTS_PER_PAGE, stop)
        except UNREADABLE:
            findings.append(_first_unreadable(ledger, position, stop))
            break
        events.update(recorded.originator_id.partition("/")[0] for recorded in page)
        position = page[-1].position
        if progress:
            progress(position, stop)
    return Events(events, findings, position)


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
