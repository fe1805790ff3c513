"""Words for scenes about adapters: webhooks that come in, and the ledger that they lead to."""

import json
from datetime import datetime
from typing import Any

import stocktrail
from examples.storefront.forwarding import Forwarder
from examples.storefront.inbox import Inbox
from examples.storefront.ledger import LedgerInProcess
from examples.storefront.translation import Platform
from stocktrail.commands import ReceiveStock, RegisterProduct
from stocktrail.questions import OrderReport, OrderStatus, Stock


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1_772_000_000.0

    def __call__(self) -> float:
        """Return the time, in seconds since 1970."""
        return self.now


class Adapter:
    """An adapter on a ledger in memory that has ten mugs and three lamps."""

    def __init__(
        self, platform: Platform, shop: stocktrail.Shop, since: datetime | None = None
    ) -> None:
        self.shop = shop
        self.clock = Clock()
        self.inbox = Inbox(":memory:", self.clock)
        self.forwarder = Forwarder(platform, self.inbox, LedgerInProcess(shop), since)
        self._came = 0
        shop.submit([
            RegisterProduct(sku="MUG"), RegisterProduct(sku="LAMP"),
            ReceiveStock(sku="MUG", quantity=10), ReceiveStock(sku="LAMP", quantity=5),
        ])

    def hear(self, topic: str, payload: Any) -> None:
        """Take a webhook with a delivery id of its own, and do what is due."""
        self._came += 1
        self.inbox.put(f"{topic} {self._came}", topic, json.dumps(payload).encode())
        self.forwarder.forward()

    def pass_by(self, seconds: float) -> None:
        """Let time pass, and do what is due then."""
        self.clock.now += seconds
        self.forwarder.forward()

    def head(self) -> int:
        """Return where the log ends."""
        return max((event.position for event in self.shop.events()), default=0)

    def stock(self, sku: str) -> tuple[float, float]:
        """Return what is on hand of an item, and what may still be sold."""
        found = self.shop.ask(Stock(sku=sku))
        return sum(found.on_hand.values()), found.salable_quantity

    def order(self, name: str) -> OrderReport:
        """Return an order as the ledger has it."""
        return self.shop.ask(OrderStatus(order=name))

    def told(self) -> list[str]:
        """Return the state of each delivery that a person may look at, and what it says."""
        return [f"{each.state}: {each.told}" for each in self.inbox.troubled()]
