"""Verification of the log's payloads: which event is the first that cannot be read."""

from stocktrail.ledger.base.event import UnknownEvent
from stocktrail.ledger.store import Ledger
from stocktrail.projections.verify.findings import Finding, finding

EVENTS_PER_PAGE = 2000
UNREADABLE = (UnknownEvent, ValueError, TypeError)
"""What reading an event raises when its row is not one that this program wrote."""


def first_unreadable(ledger: Ledger, stop: int) -> Finding | None:
    """Return the first event up to a position that cannot be read, or ``None``."""
    position, limit = 0, EVENTS_PER_PAGE
    while position < stop:
        try:
            page = ledger.read(position, limit, stop)
        except UNREADABLE as error:
            if limit > 1:
                limit = 1
                continue
            complaint = " ".join(str(error).split())[:300].rstrip(".")
            return finding(
                "unreadable_event",
                f"The event after position {position} cannot be read: {complaint}.",
                position=position + 1,
            )
        if not page:
            return None
        position = page[-1].position
    return None
