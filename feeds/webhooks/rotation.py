"""Rotation: a webhook gets a new secret, and the old one signs beside it for a day."""

from stocktrail.feeds.webhooks import secrets
from stocktrail.feeds.webhooks.questions import require_webhook
from stocktrail.feeds.webhooks.worker import delivery_store
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.engine.decided import system_clock


def rotate_secret(ledger: Ledger, webhook: str) -> str:
    """Create and return a new secret; refuses an unknown webhook (``unknown_webhook``)."""
    require_webhook(ledger, webhook)
    return secrets.rotate(delivery_store(ledger), webhook, system_clock())
