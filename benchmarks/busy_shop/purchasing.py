"""What the shop buys: purchase orders, how late they come, and in how many parts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from benchmarks.busy_shop.chance import Chance
from benchmarks.busy_shop.stock_at_hand import StockAtHand

_LINES_AT_MOST = 20
_MORNING = timedelta(hours=9)


class Buyer(Protocol):
    """The shop, as far as buying needs it."""

    chance: Chance
    stocks: list[StockAtHand]
    written: int
    size: Any

    def write(self, when: datetime, command: str, **fields: Any) -> None:
        """Write a command as of when it happened."""

    def plan(self, when: datetime, step: Any, *arguments: Any) -> None:
        """Plan a step for later."""

    def put(self, when: datetime, item: int, source: str, quantity: int) -> None:
        """Put units at a source."""


Bought = dict[int, list[int]]
"""By the number of its line, an item and the quantity that is still to come."""


class Purchasing:
    """Buys from the vendor of each item, and receives what comes."""

    def __init__(self, shop: Buyer, vendors: Sequence[int]) -> None:
        self._shop = shop
        self._vendors = vendors
        self._placed = 0

    def buy(self, when: datetime, items: Sequence[int]) -> None:
        """Place purchase orders for items, one a vendor for each twenty of them."""
        by_vendor: dict[int, list[int]] = {}
        for item in items:
            by_vendor.setdefault(self._vendors[item], []).append(item)
        for vendor, wanted in by_vendor.items():
            for start in range(0, len(wanted), _LINES_AT_MOST):
                self._place(when, vendor, wanted[start:start + _LINES_AT_MOST])

    def _place(self, when: datetime, vendor: int, items: Sequence[int]) -> None:
        shop, chance = self._shop, self._shop.chance
        self._placed += 1
        name = f"PO-{self._placed}"
        due = (when + timedelta(days=chance.randint(5, 18))).date()
        awaited = any(shop.stocks[item].queue for item in items)
        source = (
            "main" if awaited or chance.random() < 0.7
            else "north" if chance.random() < 0.7 else "south"
        )
        lines: Bought = {}
        for number, item in enumerate(items, start=1):
            stock = shop.stocks[item]
            quantity = max(10, int(stock.daily * shop.size.cover_days))
            stock.coming += quantity
            lines[number] = [item, quantity]
        shop.write(
            when, "place-purchase-order", purchase_order=name, vendor=f"Vendor {vendor:03d}",
            source=source, lines=[
                {"sku": f"I{item:05d}", "quantity": quantity, "expected_date": due.isoformat()}
                for item, quantity in lines.values()
            ],
        )
        if chance.random() < 0.5:
            shop.plan(when + timedelta(hours=chance.randint(7, 40)), self._confirm, name)
        arrives = due
        for _ in range(2 if chance.random() < 0.05 else 1 if chance.random() < 0.2 else 0):
            told = datetime.combine(arrives, datetime.min.time())
            told += _MORNING - timedelta(days=chance.randint(0, 3))
            arrives += timedelta(days=chance.randint(2, 12))
            shop.plan(max(told, when + timedelta(hours=41)), self._delay, name, arrives)
        comes = datetime.combine(arrives, datetime.min.time())
        comes = max(comes + timedelta(hours=chance.randint(8, 16)), when + timedelta(days=2))
        if chance.random() < 0.3:
            part = {number: max(1, line[1] // 2) for number, line in lines.items()}
            shop.plan(comes, self._receive, name, source, lines, part)
            comes += timedelta(days=chance.randint(1, 6))
        elif chance.random() < 0.04:
            part = {number: max(1, line[1] * 3 // 4) for number, line in lines.items()}
            shop.plan(comes, self._receive, name, source, lines, part)
            shop.plan(comes + timedelta(days=2), self._give_up, name, lines)
            return
        shop.plan(comes, self._receive, name, source, lines, None)

    def _confirm(self, when: datetime, name: str) -> None:
        self._shop.write(when, "confirm-purchase-order", purchase_order=name)

    def _delay(self, when: datetime, name: str, arrives: Any) -> None:
        self._shop.write(
            when, "delay-purchase-order", purchase_order=name, expected_date=arrives.isoformat(),
            reason="vendor is late",
        )

    def _receive(
        self, when: datetime, name: str, source: str, lines: Bought, part: dict[int, int] | None
    ) -> None:
        shop = self._shop
        fields = {} if part is None else {"lines": [
            {"line": number, "quantity": quantity} for number, quantity in part.items()
        ]}
        shop.write(
            when, "receive-goods", purchase_order=name, receipt=f"GR-{shop.written}", **fields
        )
        for number, line in lines.items():
            item, remaining = line
            quantity = remaining if part is None else part[number]
            line[1] -= quantity
            shop.stocks[item].coming -= quantity
            shop.put(when, item, source, quantity)

    def _give_up(self, when: datetime, name: str, lines: Bought) -> None:
        self._shop.write(
            when, "cancel-purchase-order", purchase_order=name, reason="vendor cannot deliver"
        )
        for item, quantity in lines.values():
            self._shop.stocks[item].coming -= quantity
