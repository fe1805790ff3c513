"""The shop's days: orders as they come, and what follows from each."""

import heapq
from bisect import bisect
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from benchmarks.busy_shop.chance import Chance, season, zipf
from benchmarks.busy_shop.purchasing import Purchasing
from benchmarks.busy_shop.stock_at_hand import POOLS, SOURCES, Awaiting, StockAtHand

Command = dict[str, Any]

_LINES = (0.35, 0.60, 0.80, 0.92, 1.0)
_EVENTS_PER_ORDER = 7.45


@dataclass(frozen=True)
class Size:
    """How large a shop is; the same size is the same shop."""

    orders: int
    items: int = 10_000
    customers: int = 5_000
    vendors: int = 100
    days: int = 730
    until: datetime = datetime(2026, 11, 28)
    popularity: float = 1.0
    cover_days: float = 21.0
    adjustments: int = 10
    seed: int = 7
    name: str = "shop"


def orders_for(events: int, items: int = 10_000, customers: int = 5_000) -> int:
    """Return how many orders make about so many events.

    >>> orders_for(100_000)
    9664
    """
    return max(100, int((events - items * 2.3 - customers) / _EVENTS_PER_ORDER))


def trade(size: Size) -> Iterator[Command]:
    """Yield the commands of a shop in the order in which things happened, each with an id."""
    shop = _Shop(size)
    for step in (shop.open(), shop.go_on()):
        for _ in step:
            while shop.rows:
                yield shop.rows.popleft()


@dataclass(slots=True)
class _OrderedLine:
    item: int
    remaining: int
    allocated: int


@dataclass(slots=True)
class _OpenOrder:
    pool: str
    ship_policy: str | None
    lines: dict[int, _OrderedLine] = field(default_factory=dict)


class _Shop:
    """Everything the shop does, as an agenda of what is to happen when."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.rows: deque[Command] = deque()
        self.chance = Chance(size.seed)
        self.written = 0
        self._items = zipf(size.items, size.popularity)
        self._customers = zipf(size.customers, 0.5)
        vendors = [self.chance.randrange(size.vendors) for _ in range(size.items)]
        daily = 2.33 * 2.0 / self._items[-1] * size.orders / size.days
        self.stocks = [
            StockAtHand(daily / (rank + 1) ** size.popularity) for rank in range(size.items)
        ]
        self._low: set[int] = set()
        self._orders: dict[str, _OpenOrder] = {}
        self._agenda: list[tuple[datetime, int, Callable[..., None], tuple[Any, ...]]] = []
        self._planned = 0
        self._start = size.until - timedelta(days=size.days)
        self.purchasing = Purchasing(self, vendors)

    # ------------------------------------------------------------------ writing and planning

    def write(self, when: datetime, command: str, **fields: Any) -> None:
        """Write a command as of when it happened."""
        self.written += 1
        self.rows.append({
            "command": command, "id": f"{self.size.name}-{self.written}",
            "occurred_at": when.strftime("%Y-%m-%dT%H:%M:%SZ"), **fields,
        })

    def plan(self, when: datetime, step: Callable[..., None], *arguments: Any) -> None:
        """Plan a step for later; steps of the same moment are taken in the order of planning."""
        self._planned += 1
        heapq.heappush(self._agenda, (when, self._planned, step, arguments))

    def put(self, when: datetime, item: int, source: str, quantity: int) -> None:
        """Put units at a source; what was waited for is shipped within days."""
        for order, line, got in self.stocks[item].put(source, quantity, self._orders):
            self._orders[order].lines[line].allocated += got
            self.plan(self.chance.later(when, 0, 2), self._ship, order)

    # ------------------------------------------------------------------ the beginning

    def open(self) -> Iterator[None]:
        """Register everything, and fill the shelves."""
        size, when = self.size, self._start
        for source in SOURCES:
            self.write(when, "register-source", source=source, name=source.title())
        for pool, sources in POOLS.items():
            self.write(when, "define-pool", pool=pool, sources=list(sources))
        self.write(when, "set-backorder-policy", backorders="allow")
        self.write(when, "change-threshold", threshold="notify_below", value=5)
        yield
        for item in range(size.items):
            self.write(
                when, "register-product", sku=sku_of(item), name=f"Article {item} of {size.items}",
                attributes={"group": f"G{item % 40}"},
            )
            yield
        for item in range(0, size.items, 20):
            last = item + 19 if item + 19 < size.items else item
            self.write(when, "set-backorder-policy", sku=sku_of(last), backorders="no")
        for number in range(size.customers):
            self.write(
                when, "register-customer", customer=f"C{number:05d}", name=f"Customer {number}",
                email=f"c{number}@example.org", address=f"{number} Main Street, Springfield",
            )
            yield
        for item, stock in enumerate(self.stocks):
            whole = max(14, int(stock.daily * size.cover_days * 2))
            for source, part in (("main", 0.5), ("north", 0.3), ("south", 0.2)):
                quantity = max(1, int(whole * part))
                if source != "main" and item > size.items // 10:
                    continue
                self.write(
                    when, "receive-stock", sku=sku_of(item), quantity=quantity, source=source
                )
                stock.free[source] += quantity
            yield

    def go_on(self) -> Iterator[None]:
        """Take orders as they come, and what follows from them, until the last day."""
        size = self.size
        moments = season(self.chance, self._start, size.days, size.orders)
        for number in range(size.days):
            night = self._start + timedelta(days=number, hours=2)
            self.plan(night, self._night)
            if number % 7 == 6:
                self.plan(night + timedelta(hours=3), self._week)
        for number, when in enumerate(moments, start=1):
            yield from self._until(when)
            self._order(when, number)
            yield
        yield from self._until(size.until)

    def _until(self, moment: datetime) -> Iterator[None]:
        agenda = self._agenda
        while agenda and agenda[0][0] <= moment:
            when, _, step, arguments = heapq.heappop(agenda)
            step(when, *arguments)
            yield

    # ------------------------------------------------------------------ orders

    def _order(self, when: datetime, number: int) -> None:
        chance, order = self.chance, f"SO-{number}"
        pool = "default" if chance.random() < 0.85 else "retail"
        lines: list[Command] = []
        placed: dict[int, _OrderedLine] = {}
        drawn: set[int] = set()
        for _ in range(bisect(_LINES, chance.random()) + 1):
            item = chance.draw(self._items)
            if item in drawn:
                continue
            drawn.add(item)
            quantity = 10 if chance.random() < 0.03 else chance.randint(1, 3)
            line = {"sku": sku_of(item), "quantity": quantity, "unit_price": f"{5 + item % 90}.90"}
            if chance.random() < 0.1:
                requested = when + timedelta(days=chance.randint(3, 20))
                line["requested_date"] = requested.date().isoformat()
            lines.append(line)
            stock = self.stocks[item]
            got = stock.take(quantity, pool)
            placed[len(lines)] = _OrderedLine(item, quantity, got)
            if got < quantity:
                stock.queue.append(Awaiting(order, len(lines), quantity - got, pool))
            if stock.position() < stock.reorder_point(self.size.cover_days):
                self._low.add(item)
        fields: Command = {"pool": pool} if pool != "default" else {}
        if chance.random() < 0.05:
            fields["priority"] = chance.randint(1, 9)
        if chance.random() < 0.1:
            fields["ship_policy"] = "complete"
        self._orders[order] = _OpenOrder(pool, fields.get("ship_policy"), placed)
        self.write(
            when, "place-order", order=order, customer=f"C{chance.draw(self._customers):05d}",
            currency="EUR", lines=lines, **fields,
        )
        fate = chance.random()
        if fate < 0.03:
            self.plan(when + timedelta(hours=chance.randint(1, 20)), self._cancel, order)
        elif fate < 0.04:
            self.plan(when + timedelta(hours=1), self._change, order)
        self.plan(chance.later(when, 1, 4), self._ship, order)

    def _ship(self, when: datetime, name: str) -> None:
        order = self._orders.get(name)
        if order is None or not any(line.allocated for line in order.lines.values()):
            return
        if order.ship_policy and any(
            line.allocated < line.remaining for line in order.lines.values()
        ):
            return
        self.write(when, "ship-order", order=name, shipment=f"S-{self.written}")
        for line in order.lines.values():
            line.remaining -= line.allocated
            line.allocated = 0
        if not any(line.remaining for line in order.lines.values()):
            del self._orders[name]
            if self.chance.random() < 0.02:
                moment = self.chance.later(when, 5, 25)
                self.plan(moment, self._return, name, self.chance.choice(list(order.lines)))

    def _cancel(self, when: datetime, name: str) -> None:
        if name not in self._orders:
            return
        self.write(when, "cancel-order", order=name, reason="changed their mind")
        order = self._orders.pop(name)
        for line in order.lines.values():
            if line.allocated:
                self.put(when, line.item, POOLS[order.pool][0], line.allocated)

    def _change(self, when: datetime, name: str) -> None:
        if name not in self._orders:
            return
        if self.chance.random() < 0.5:
            self.write(when, "prioritise-order", order=name, priority=2, reason="called")
            return
        line = self.chance.choice(list(self._orders[name].lines))
        requested = (when + timedelta(days=9)).date().isoformat()
        self.write(
            when, "reschedule-order", order=name, reason="called",
            lines=[{"line": line, "requested_date": requested}],
        )

    def _return(self, when: datetime, name: str, line: int) -> None:
        sent_back: Command = {"line": line, "quantity": 1}
        sent_back |= (
            {"outcome": "return", "source": "main"} if self.chance.random() < 0.8
            else {"outcome": "write_off"}
        )
        self.write(
            when, "refund-order", order=name, refund=f"R-{self.written}", reason="sent back",
            lines=[sent_back],
        )

    # ------------------------------------------------------------------ nights and weeks

    def _night(self, when: datetime) -> None:
        low = [
            item for item in sorted(self._low)
            if self.stocks[item].position()
            < self.stocks[item].reorder_point(self.size.cover_days)
        ]
        self._low.clear()
        self.purchasing.buy(when, low)

    def _week(self, when: datetime) -> None:
        chance, size = self.chance, self.size
        for _ in range(size.adjustments):
            item, source = chance.draw(self._items), chance.choice(SOURCES[:2])
            kind, sku = chance.random(), sku_of(item)
            if kind < 0.4:
                self.write(when, "adjust-stock", sku=sku, source=source, delta=1, reason="found")
                self.put(when, item, source, 1)
            elif kind < 0.7:
                self.write(
                    when, "receive-stock", sku=sku, source=source, quantity=5, reason="sample"
                )
                self.put(when, item, source, 5)
            elif self.stocks[item].free["main"] > 5:
                self.write(
                    when, "transfer-stock", sku=sku, quantity=2, from_source="main",
                    to_source="north",
                )
                self.stocks[item].free["main"] -= 2
                self.put(when, item, "north", 2)
        item = chance.randrange(size.items // 2, size.items)
        self.write(
            when, "count-stock", sku=sku_of(item), source="main", counted=7, reason="cycle count"
        )
        self.stocks[item].free["main"] = 7


def sku_of(item: int) -> str:
    """Return the SKU of an item by its rank; the hottest is the first.

    >>> sku_of(0)
    'I00000'
    """
    return f"I{item:05d}"
