"""The same orders with the ``eventsourcing`` library used as its documentation shows.

Run with ``python -m benchmarks.library``. Aggregates with ``@event``, one ``save`` for each order
and the library's own recorder, on which a simple reservation is decided: less than our commands
decide. Hot means that eight of ten lines go to ten items, each with 1,000 reservations behind it.
"""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from benchmarks.databases import KINDS, Kind, database
from benchmarks.workload import (
    HOT_ITEMS,
    ITEMS,
    as_the_command_line_runs,
    fill,
    order_rows,
    script,
    setup,
)
from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.postgres_address import postgres_address
from tests.postgres_server import PostgresServer

HISTORY, ROUNDS = 1_000, 3
ORDERS = {"uniform": 400, "hot": 40}
OURS = 6_000


class LibraryItem(Aggregate):
    """An item as the library's tutorial would write it."""

    @event("Registered")
    def __init__(self, sku: str) -> None:
        self.sku = sku
        self.on_hand = 0
        self.reserved = 0

    @staticmethod
    def create_id(sku: str) -> UUID:
        """Return the item's id by its SKU."""
        return uuid5(NAMESPACE_URL, f"/items/{sku}")

    @event("Received")
    def receive(self, quantity: int) -> None:
        """Take units in."""
        self.on_hand += quantity

    @event("Reserved")
    def reserve(self, order: str, line: int, quantity: int, allocated: int) -> None:
        """Reserve units for an order's line."""
        self.reserved += quantity


class Placed(Aggregate):
    """An order as the library's tutorial would write it."""

    @event("Placed")
    def __init__(self, order: str, customer: str, lines: list[dict[str, Any]]) -> None:
        self.order = order
        self.customer = customer
        self.lines = lines

    @staticmethod
    def create_id(order: str) -> UUID:
        """Return the order's id by its name."""
        return uuid5(NAMESPACE_URL, f"/orders/{order}")


class LibraryShop(Application[UUID]):
    """The tutorial's application."""

    def place(self, order: str, customer: str, lines: list[dict[str, Any]]) -> None:
        """Reserve each line and save what changed together."""
        items: dict[str, LibraryItem] = {}
        for number, line in enumerate(lines, 1):
            sku = line["sku"]
            item = items.get(sku) or self.repository.get(LibraryItem.create_id(sku))
            items[sku] = item
            allocated = max(min(item.on_hand - item.reserved, line["quantity"]), 0)
            item.reserve(order, number, line["quantity"], allocated)
        self.save(Placed(order, customer, lines), *items.values())


@contextmanager
def shop(kind: Kind, server: PostgresServer | None, *, cached: bool) -> Iterator[LibraryShop]:
    """Open the tutorial's application on an empty database."""
    with TemporaryDirectory(prefix="stocktrail-bench-") as folder:
        env = {
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "SQLITE_DBNAME": str(Path(folder) / "shop.db"),
        }
        if server is not None:
            host = postgres_address(server.url()).connection["host"]
            env = {
                "PERSISTENCE_MODULE": "eventsourcing.postgres", "POSTGRES_DBNAME": "postgres",
                "POSTGRES_HOST": host, "POSTGRES_PORT": "5432", "POSTGRES_USER": "postgres",
                "POSTGRES_PASSWORD": "none",
                "POSTGRES_SCHEMA": f"library_{random.randrange(10**9)}",
            }
            with server.connect() as connection:
                connection.execute(f'CREATE SCHEMA {env["POSTGRES_SCHEMA"]}')
        if cached:
            env |= {"AGGREGATE_CACHE_MAXSIZE": str(2 * ITEMS), "AGGREGATE_CACHE_FASTFORWARD": "n"}
        with LibraryShop(env={**os.environ, **env}) as opened:
            items = [LibraryItem(f"I{number}") for number in range(ITEMS)]
            for number, item in enumerate(items):
                item.receive(500)
                for line in range(HISTORY if number < HOT_ITEMS else 0):
                    item.reserve("before", line, 1, 0)
            for start in range(0, ITEMS, 500):
                opened.save(*items[start : start + 500])
            yield opened


def theirs(kind: Kind, server: PostgresServer | None, *, cached: bool) -> dict[str, float]:
    """Return the library's orders a second, uniform and hot."""
    with shop(kind, server, cached=cached) as opened:
        speeds = {}
        for name, number in ORDERS.items():
            rows = list(order_rows(number, hot=name == "hot", seed=11, name=name))
            if cached:
                for row in rows:                 # what it is tuned for: everything is in the cache
                    opened.place(f"warm-{row['order']}", row["customer"], row["lines"])
            began = perf_counter()
            for row in rows:
                opened.place(row["order"], row["customer"], row["lines"])
            speeds[name] = number / (perf_counter() - began)
        return speeds


def main() -> None:
    """Print the table."""
    print(f"Orders of 3 lines a second, beside the library as documented, median of {ROUNDS}")
    print(f"{'':20}{'stocktrail':>11}{'library':>9}{'times':>7}{'cache tuned':>13}{'times':>7}")
    for kind in KINDS:
        with database(kind) as place, as_the_command_line_runs():
            plain = [theirs(kind, place.server, cached=False) for _ in range(ROUNDS)]
            tuned = [theirs(kind, place.server, cached=True) for _ in range(ROUNDS)]
            for name in ORDERS:
                seconds = []
                for _ in range(ROUNDS):
                    with open_ledger(place.new_url()) as ledger:
                        fill(ledger, setup())
                        lines = script(order_rows(OURS, hot=name == "hot"))
                        began = perf_counter()
                        fill(ledger, lines)
                        seconds.append(perf_counter() - began)
                ours = OURS / median(seconds)
                slow = median(each[name] for each in plain)
                fast = median(each[name] for each in tuned)
                print(f"{kind + ' ' + name:20}{ours:11,.0f}{slow:9,.0f}{ours / slow:6.0f}x"
                      f"{fast:13,.0f}{ours / fast:6.1f}x")


if __name__ == "__main__":
    main()
