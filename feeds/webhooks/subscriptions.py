"""Subscriptions: the webhooks there are, folded from the log."""

from typing import NamedTuple, cast

from stocktrail.ledger.store import Ledger
from stocktrail.ledger.webhook import Webhook, WebhookCreated


class Subscription(NamedTuple):
    """One webhook as it stands: what it asked for, and whether it is enabled."""

    webhook: str
    terms: WebhookCreated | None
    created_version: int
    standing: str
    disabled_because: str | None


def subscription(ledger: Ledger, webhook: str) -> Subscription:
    """Return one webhook as it stands; one that never was stands as ``unknown``."""
    found = cast(Webhook, ledger.aggregate(Webhook.stream_of(webhook)))
    return Subscription(
        webhook, found.terms, found.created_version, found.standing, found.disabled_because
    )


def subscriptions(ledger: Ledger) -> list[Subscription]:
    """Return every webhook there ever was, in the order of their ids."""
    return [
        subscription(ledger, stream.partition("/")[2])
        for stream in ledger.streams(Webhook.category)
    ]
