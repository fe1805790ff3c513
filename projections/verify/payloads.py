"""Verification of the log's payloads: every event can be read."""

from collections import Counter
from typing import NamedTuple

from stocktrail.ledger.base.event import UnknownEvent
from stocktrail.ledger.store import Ledger
from stocktrail.projections.folding.shadow_tables import ReportProgress
from stocktrail.projections.verify.findings import Finding, finding

EVENTS_PER_PAGE = 2000
UNREADABLE = (UnknownEvent, ValueError, TypeError)
"""What reading an event raises when its row is not one that this program wrote."""


class Payloads(NamedTuple):
    """How many events of each category could be read, and the first that could not."""

    events: Counter[str]
    findings: list[Finding]


def read_payloads(
    ledger: Ledger, stop: int, progress: ReportProgress | None = None
) -> Payloads:
    """Read every event of a log without gaps, up to a position."""
    read = Payloads(Counter(), [])
    position = 0
    while position < stop:
        try:
            page = ledger.read(position, EVENTS_PER_PAGE, stop)
        except UNREADABLE:
            read.findings.append(_first_unreadable(ledger, position, stop))
            break
        read.events.update(recorded.originator_id.partition("/")[0] for recorded in page)
        position = page[-1].position
        if progress:
            progress(position, stop)
    return read


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
