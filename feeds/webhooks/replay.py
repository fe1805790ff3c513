"""Replay: a range of the log is sent to a webhook again, independently of its cursor."""

from uuid import uuid4

from stocktrail.feeds.event_log import CursorBeyondLog
from stocktrail.feeds.webhooks.questions import require_webhook
from stocktrail.feeds.webhooks.tables import REPLAY, WAITING
from stocktrail.feeds.webhooks.worker import delivery_store
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.engine.decided import system_clock


def replay(ledger: Ledger, webhook: str, after: int, until: int | None = None) -> int:
    """Send the events above ``after``, up to ``until`` or the end, again; return the end.

    They are queued behind what waits already, with their original ids; parked events of the range
    are unparked. Refuses an unknown webhook, an empty range (``empty_range``) and one beyond the
    log (``cursor_beyond_log``).
    """
    require_webhook(ledger, webhook)
    head = ledger.head().position
    until = head if until is None else until
    if max(after, until) > head:
        raise CursorBeyondLog(max(after, until), head)
    if after >= until:
        raise Refusal(
            "empty_range", f"There is nothing after position {after} up to {until}.",
            after=after, until=until,
        )
    with delivery_store(ledger).writing() as cursor:
        REPLAY.put_rows(cursor, [{
            "webhook": webhook, "replay": f"{system_clock():020d}-{uuid4().hex[:8]}",
            "position": after, "stop": until,
        }])
        cursor.execute(
            f"DELETE FROM {WAITING.name} WHERE webhook = :webhook AND state = 'parked' "
            "AND position > :after AND position <= :until",
            {"webhook": webhook, "after": after, "until": until},
        )
    return until
