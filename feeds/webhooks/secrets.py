"""Secrets of webhooks: generated here, shown to the operator of the receiver, never in the log."""

from collections.abc import Sequence
from typing import Any

from stocktrail.feeds.delivery_store import DeliveryStore
from stocktrail.feeds.webhooks.signing import new_secret
from stocktrail.feeds.webhooks.tables import SECRET
from stocktrail.ledger.store.tables import Cursor

OVERLAP_MICROSECONDS = 24 * 60 * 60 * 1_000_000
"""How long a replaced secret still signs: a day, until the receiver knows the new one."""


def signing_secrets(store: DeliveryStore, webhook: str, now: int) -> list[str]:
    """Return the secrets that sign a webhook's messages, newest first; creates the first."""
    with store.reading() as cursor:
        rows = SECRET.rows(
            cursor, "WHERE webhook = :webhook AND (until IS NULL OR until > :now) "
            "ORDER BY made_at DESC", webhook=webhook, now=now,
        )
    if rows:
        return [row["secret"] for row in rows]
    return [_first_secret(store, webhook, now)]


def _first_secret(store: DeliveryStore, webhook: str, now: int) -> str:
    """Create the first secret; of two processes that do so at once, both get the same one."""
    with store.writing() as cursor:
        rows = _newest_first(cursor, webhook)
        if rows:
            return str(rows[0]["secret"])
        return _create(cursor, webhook, now)


def rotate(
    store: DeliveryStore, webhook: str, now: int, overlap: int = OVERLAP_MICROSECONDS
) -> str:
    """Create and return a new secret for a webhook; the previous one still signs for a while."""
    with store.writing() as cursor:
        rows = _newest_first(cursor, webhook)
        cursor.execute(
            f"UPDATE {SECRET.name} SET until = :until WHERE webhook = :webhook AND until IS NULL",
            {"webhook": webhook, "until": now + overlap},
        )
        cursor.execute(
            f"DELETE FROM {SECRET.name} WHERE webhook = :webhook AND until <= :now",
            {"webhook": webhook, "now": now},
        )
        # It is the newest, even where the clock was ahead when the previous one was made.
        return _create(cursor, webhook, max(now, rows[0]["made_at"] + 1) if rows else now)


def _newest_first(cursor: Cursor, webhook: str) -> Sequence[Any]:
    return SECRET.rows(cursor, "WHERE webhook = :webhook ORDER BY made_at DESC", webhook=webhook)


def _create(cursor: Cursor, webhook: str, made_at: int) -> str:
    secret = new_secret()
    SECRET.put_rows(cursor, [
        {"webhook": webhook, "made_at": made_at, "secret": secret, "until": None}
    ])
    return secret
