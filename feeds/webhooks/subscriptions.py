"""The webhooks of a ledger, folded from the log."""

from typing import NamedTuple, cast

from stocktrail.ledger.store import Ledger
from stocktrail.ledger.webhook import Webhook, WebhookCreated


class WebhookSubscription(NamedTuple):
    """The state of one webhook: what it subscribed to, and whether it is enabled."""

    webhook: str
    terms: WebhookCreated | None
    created_version: int
    standing: str
    disabled_because: str | None


def webhook_subscription(ledger: Ledger, webhook: str) -> WebhookSubscription:
    """Return the state of one webhook; one that never existed is ``unknown``."""
    found = cast(Webhook, ledger.aggregate(Webhook.stream_of(webhook)))
    return WebhookSubscription(
        webhook, found.terms, found.created_version, found.standing, found.disabled_because
    )


def webhook_subscriptions(ledger: Ledger) -> list[WebhookSubscription]:
    """Return the state of every webhook that ever existed, in the order of their ids."""
    return [
        webhook_subscription(ledger, stream.partition("/")[2])
        for stream in ledger.streams(Webhook.category)
    ]
