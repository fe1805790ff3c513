"""Secrets of webhooks: generated here, shown to the operator of the receiver, never in the log."""

from stocktrail.feeds.delivery_store import DeliveryStore
from stocktrail.feeds.webhooks.signing import new_secret
from stocktrail.feeds.webhooks.tables import SECRET

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
    return [rotate(store, webhook, now)]


def rotate(
    store: DeliveryStore, webhook: str, now: int, overlap: int = OVERLAP_MICROSECONDS
) -> str:
    """Create and return a new secret for a webhook; the previous one still signs for a while.

    Two processes that create the first secret at once get the same one.
    """
    secret = new_secret()
    with store.writing() as cursor:
        rows = SECRET.rows(
            cursor, "WHERE webhook = :webhook ORDER BY made_at DESC", webhook=webhook
        )
        if rows and rows[0]["made_at"] >= now:
            return str(rows[0]["secret"])
        cursor.execute(
            f"UPDATE {SECRET.name} SET until = :until WHERE webhook = :webhook AND until IS NULL",
            {"webhook": webhook, "until": now + overlap},
        )
        cursor.execute(
            f"DELETE FROM {SECRET.name} WHERE webhook = :webhook AND until <= :now",
            {"webhook": webhook, "now": now},
        )
        SECRET.put_rows(cursor, [
            {"webhook": webhook, "made_at": now, "secret": secret, "until": None}
        ])
    return secret
