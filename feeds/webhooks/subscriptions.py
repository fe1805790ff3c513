"""The webhooks of a ledger, folded from the log."""

from typing import NamedTuple, cast

from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.aggregates_at import aggregates_at
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
    return _subscription(cast(Webhook, ledger.aggregate(Webhook.stream_of(webhook))))


def webhook_subscriptions(ledger: Ledger) -> list[WebhookSubscription]:
    """Return the state of every webhook that ever existed, in the order of their ids."""
    streams = list(ledger.streams(Webhook.category))
    found = aggregates_at(ledger, streams, ledger.head().position) if streams else {}
    return [_subscription(cast(Webhook, each)) for each in found.values()]


def _subscription(found: Webhook) -> WebhookSubscription:
    return WebhookSubscription(
        found.key, found.terms, found.created_version, found.standing, found.disabled_because
    )
