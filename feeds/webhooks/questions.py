"""Questions about webhooks: which exist, how far they are, and which attempts were made."""

from collections.abc import Mapping, Sequence
from typing import Any

from stocktrail.feeds.paging import page_by_event
from stocktrail.feeds.webhooks.subscriptions import (
    WebhookSubscription,
    webhook_subscription,
    webhook_subscriptions,
)
from stocktrail.feeds.webhooks.tables import ATTEMPT, CURSOR, WAITING
from stocktrail.feeds.webhooks.worker import delivery_store
from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.tables import Cursor
from stocktrail.projections.spelling import spelling_in

MOST_ROWS = 1000

LOOKED_AT = 10_000
"""How many of the latest attempts are looked at for the last failure, and for the last success."""

_AT_ONCE = 100
"""How many webhooks one statement looks up: SQLite joins 500 queries at most."""


def require_webhook(ledger: Ledger, webhook: str) -> WebhookSubscription:
    """Return a webhook; refuses one that does not exist or was deleted (``unknown_webhook``)."""
    webhook = spelling_in(ledger, "webhook", webhook)
    found = webhook_subscription(ledger, webhook)
    if found.terms is None:
        raise Refusal(
            "unknown_webhook",
            f"There is no webhook {webhook}"
            + (": it was deleted." if found.standing == "deleted" else "."),
            webhook=webhook,
        )
    return found


def webhooks(ledger: Ledger) -> dict[str, Any]:
    """Return the webhooks that were not deleted, each with how far it has come.

    ``position`` is how far the log was read, ``lag`` how many events follow; ``waiting`` counts
    events that are still to be delivered, ``parked`` those that were given up; ``failing`` is the
    last attempt to deliver the first event that is to be retried, if there is any. ``health`` sums
    it up (:func:`health_of`); ``last_failure`` and ``last_delivered_at`` are looked for among the
    last 10,000 attempts, which are kept for 30 days.
    """
    head = ledger.head().position
    known = [each for each in webhook_subscriptions(ledger) if each.terms is not None]
    with delivery_store(ledger).reading() as cursor:
        cursors = {row["webhook"]: row for row in CURSOR.rows(cursor)}
        cursor.execute(
            f"SELECT webhook, state, COUNT(*) FROM {WAITING.name} GROUP BY webhook, state"
        )
        counted = {(row[0], row[1]): row[2] for row in map(tuple, cursor.fetchall())}
        failing = _failing(cursor)
        names = [each.webhook for each in known]
        failed = _last_attempts(cursor, names, failed=True)
        delivered = _last_attempts(cursor, names, failed=False)
    rows = []
    for each in known:
        assert each.terms is not None
        at = cursors.get(each.webhook)
        is_current = at is not None and at["created_version"] == each.created_version
        position = at["position"] if at is not None and is_current else each.terms.after
        row = {
            "webhook": each.webhook, "status": each.standing,
            "disabled_because": each.disabled_because, "url": each.terms.url,
            "types": list(each.terms.types), "subject": each.terms.subject,
            "after": each.terms.after, "whole_log": each.terms.whole_log, "position": position,
            "lag": max(head - position, 0), "is_beyond_log": position > head,
            "waiting": counted.get((each.webhook, "waiting"), 0),
            "parked": counted.get((each.webhook, "parked"), 0),
            "failing": failing.get(each.webhook), "last_failure": failed.get(each.webhook),
            "last_delivered_at": delivered.get(each.webhook, {}).get("sent_at"),
        }
        rows.append(row | {"health": health_of(row)})
    return {"head": head, "rows": rows}


def health_of(row: Mapping[str, Any]) -> str:
    """Return how a webhook is: what is worst of it.

    ``disabled``: it is sent nothing. ``failing``: its receiver did not take what is to be retried.
    ``gave_up``: something was given up and waits to be sent again. ``behind``: there is more to
    send. ``keeps_up``: there is nothing to do.

    >>> health_of({"status": "enabled", "failing": None, "parked": 0, "waiting": 2, "lag": 0})
    'behind'
    """
    if row["status"] != "enabled":
        return "disabled"
    if row["failing"] is not None:
        return "failing"
    if row["parked"]:
        return "gave_up"
    return "behind" if row["waiting"] or row["lag"] else "keeps_up"


def _last_attempts(
    cursor: Cursor, webhooks_known: Sequence[str], *, failed: bool
) -> dict[str, dict[str, Any]]:
    """Return the last attempt of each webhook that failed, or the last that did not."""
    found = {}
    for start in range(0, len(webhooks_known), _AT_ONCE):
        some = webhooks_known[start : start + _AT_ONCE]
        each = (
            "SELECT * FROM (SELECT * FROM "
            f"(SELECT * FROM {ATTEMPT.name} WHERE webhook = :webhook{number} "
            f"ORDER BY number DESC LIMIT :most) AS latest{number} "
            f"WHERE outcome {'<>' if failed else '='} 'delivered' "
            f"ORDER BY sent_at DESC, number DESC, attempt DESC LIMIT 1) AS last{number}"
            for number in range(len(some))
        )
        named = {f"webhook{number}": webhook for number, webhook in enumerate(some)}
        cursor.execute(" UNION ALL ".join(each), {**named, "most": LOOKED_AT})
        found.update({row["webhook"]: _attempt(row) for row in map(dict, cursor.fetchall())})
    return found


def _failing(cursor: Cursor) -> dict[str, dict[str, Any]]:
    """Return the last attempt to deliver the first event that is to be retried, by webhook."""
    first = (
        f"SELECT webhook AS of_webhook, MIN(number) AS first FROM {WAITING.name} "
        "WHERE state = 'waiting' AND attempts > 0 GROUP BY webhook"
    )
    cursor.execute(
        f"{ATTEMPT.select} JOIN ({first}) AS failing ON webhook = of_webhook AND number = first "
        "ORDER BY attempt"
    )
    return {row["webhook"]: _attempt(row) for row in map(dict, cursor.fetchall())}


def deliveries(
    ledger: Ledger, webhook: str, *, limit: int = 100, before: int | None = None,
    outcome: str | None = None,
) -> dict[str, Any]:
    """Return attempts to deliver, the latest event first; ``next`` is the next page's ``before``.

    ``outcome`` is ``delivered``, ``failed`` (retried later) or ``parked`` (given up).
    """
    require_webhook(ledger, webhook)
    condition = "WHERE webhook = :webhook"
    if before is not None:
        condition += " AND number < :before"
    if outcome is not None:
        condition += " AND outcome = :outcome"
    limit = min(limit, MOST_ROWS)
    with delivery_store(ledger).reading() as cursor:
        found = ATTEMPT.rows(
            cursor, f"{condition} ORDER BY number DESC, attempt DESC LIMIT :most",
            webhook=webhook, before=before, outcome=outcome, most=limit + 1,
        )
    page, following = page_by_event(found, limit, "number")
    return {
        "webhook": webhook,
        "rows": [_attempt(row) for row in page],
        "next": following,
    }


def _attempt(row: Any) -> dict[str, Any]:
    kept = ("number", "attempt", "position", "kind", "outcome", "status", "milliseconds", "error")
    return {"sent_at": to_iso(row["sent_at"]), **{name: row[name] for name in kept}}


def parked(ledger: Ledger, webhook: str) -> list[int]:
    """Return the positions of the events that were given up, in order."""
    require_webhook(ledger, webhook)
    with delivery_store(ledger).reading() as cursor:
        rows = WAITING.rows(
            cursor, "WHERE webhook = :webhook AND state = 'parked' ORDER BY number",
            webhook=webhook,
        )
    return [row["position"] for row in rows]
