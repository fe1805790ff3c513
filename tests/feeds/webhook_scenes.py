"""Words for scenes about webhooks: a clock that is set by hand, and a worker that obeys it."""

import asyncio
from collections.abc import Sequence
from typing import Any

from stocktrail.feeds.webhooks.sending import Limits
from stocktrail.feeds.webhooks.worker import WebhookWorker
from stocktrail.ledger.store import Ledger
from tests.commands.scenes import NOON, given, receive

SECOND = 1_000_000
HOUR = 3600 * SECOND
QUICK = Limits(connect_seconds=0.5, total_seconds=0.5)
"""Limits for tests that wait for nobody long."""


class Days:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        """Tell the time."""
        return self.now

    def pass_by(self, microseconds: int) -> None:
        """Let time pass."""
        self.now += microseconds


class Desk:
    """A ledger, and the worker that delivers its webhooks."""

    def __init__(self, ledger: Ledger, limits: Limits = QUICK) -> None:
        self.ledger = ledger
        self.clock = Days()
        self.limits = limits

    def create(self, url: str, webhook: str = "shop", **more: Any) -> None:
        """Create a webhook that hears of everything."""
        given(self.ledger, {
            "command": "create-webhook", "webhook": webhook, "url": url, "after": 0, **more,
        })

    def stock(self, *skus: str) -> None:
        """Let something happen to items: a receipt each."""
        given(self.ledger, *(receive(1, sku=sku) for sku in skus))

    def deliver(self, after: int = 0) -> None:
        """Let time pass, and deliver what is due then."""
        self.clock.pass_by(after)
        worker = WebhookWorker(
            self.ledger, limits=self.limits, clock=self.clock, jitter=lambda: 0.5
        )
        asyncio.run(worker.until_idle())


def registered(*skus: str) -> Sequence[dict[str, Any]]:
    """Register items."""
    return [{"command": "register-product", "sku": sku} for sku in skus]
