"""Fast paths of the decision about an order: all it needs is in memory, and nothing is stored."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from itertools import count
from typing import NamedTuple

from msgspec.structs import astuple

from benchmarks.fast_paths.timing import FastPath
from benchmarks.workload import as_the_command_line_runs, order_rows
from stocktrail.commands.orders.place import PlaceOrder
from stocktrail.ledger.configuration import BackorderPolicyChanged
from stocktrail.ledger.orders.placing import place
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.quantity import SCALE
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock import reservations
from stocktrail.ledger.stock.back_dated import When
from stocktrail.ledger.stock.events import ProductRegistered, StockReceived
from stocktrail.ledger.stock.open_lines import OpenLine
from stocktrail.ledger.stock.state import ProductStock

ORDERS, WAITING, MANY = 1_000, 10_000, 10**9
AT = 1_800_000_000_000_000


class _TupleLine(NamedTuple):
    """An open line as a named tuple."""

    order: str
    line: int
    pool: str
    remaining: int
    allocated: int
    priority: int
    requested_date: date
    placed: int


class ShopInMemory:
    """Every item in memory, with some units of each; backorders are allowed."""

    def __init__(self, units: int) -> None:
        self._units = units
        self._settings = Settings()
        self._settings.apply(BackorderPolicyChanged(backorders="allow"))
        self._stocks: dict[str, ProductStock] = {}
        self._number = count()

    def settings(self) -> Settings:
        """Return the settings."""
        return self._settings

    def stock(self, sku: str) -> ProductStock:
        """Return an item, made when it is asked for first."""
        stock = self._stocks.get(sku)
        if stock is None:
            stock = self._stocks[sku] = ProductStock(ProductStock.stream_of(sku))
            stock.apply(ProductRegistered(sku=sku))
            stock.apply(StockReceived(sku=sku, source="default", quantity=self._units * SCALE))
        return stock

    def when(self, stock: ProductStock) -> When:
        """Raise ``NotImplementedError``: nothing here is dated back."""
        raise NotImplementedError

    def take(self, orders: Sequence[PlaceOrder], *, forgetful: bool = False) -> None:
        """Decide orders and let happen what was decided, with what is kept or without."""
        for asked in orders:
            if forgetful:
                for line in asked.lines:
                    self.stock(line.sku).kept_figures = None
            order = Order(Order.stream_of(f"SO-{next(self._number)}"))
            for aggregate, events in place(order, self, asked, "", AT).changes:
                for event in events:
                    aggregate.apply(event, AT)


def orders_of_the_workload(number: int) -> list[PlaceOrder]:
    """Return the orders of the workload as models."""
    return [
        PlaceOrder.model_validate({name: row[name] for name in ("order", "customer", "lines")})
        for row in order_rows(number, hot=False)
    ]


def _alike(number: int) -> list[PlaceOrder]:
    """Return orders of the same three items."""
    lines = [{"sku": f"I{item}", "quantity": 1, "unit_price": "9.99"} for item in range(3)]
    asked = PlaceOrder.model_validate({"order": "SO", "customer": "C", "lines": lines})
    return [asked] * number


def deciding_paths() -> Iterator[FastPath]:
    """Yield what keeping what may be sold saves, and what a long queue costs an order."""
    shop, orders = ShopInMemory(MANY), orders_of_the_workload(ORDERS)
    settings = shop.settings()
    asked = [(shop.stock(line.sku), line.quantity) for order in orders for line in order.lines]

    def judge() -> None:
        for stock, quantity in asked:
            verdict = stock.verdict(settings, "default")
            reservations.check(stock, "default", verdict, [quantity])

    def read() -> None:
        for stock, quantity in asked:
            demand = stock.demand.get("default", 0)
            stock.for_sale(settings, "default").allow(quantity, demand)

    with as_the_command_line_runs():
        yield FastPath("what may be sold, kept", judge, read, len(asked), 5)
        yield FastPath(
            "an order decided on what is kept", partial(shop.take, orders, forgetful=True),
            partial(shop.take, orders), ORDERS,
        )
        idle, busy, alike = ShopInMemory(MANY), ShopInMemory(1), _alike(ORDERS)
        busy.take(_alike(WAITING))
        lines = busy.stock("I0").lines
        keys = lines.queue_keys
        last, values = keys[-1], astuple(next(lines.waiting()))
        yield FastPath(
            "the place of a line that comes last",
            lambda: [bisect_right(keys, last) for _ in alike],
            lambda: [last < keys[-1] for _ in alike], ORDERS, 5,
        )
        yield FastPath(
            "an open line, made as a struct", lambda: [_TupleLine(*values) for _ in alike],
            lambda: [OpenLine(*values) for _ in alike], ORDERS, 5,
        )
        yield FastPath(
            "an order behind 10,000 lines", partial(idle.take, alike), partial(busy.take, alike),
            ORDERS,
        )
