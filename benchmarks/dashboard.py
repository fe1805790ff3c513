"""How soon the first byte of every page of the dashboard comes, and how that grows.

Run with ``python -m benchmarks.dashboard``. It fills one ledger with 10,000 open lines and 100,000
events, and one with 100,000 open lines and 1,000,000 events: what was ordered and shipped long ago
first, then the shop of :mod:`benchmarks.backorder_views`. ``stocktrail serve`` answers in a process
of its own.
"""

import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import httpx

from benchmarks import backorder_views
from benchmarks.backorder_views import ITEMS, LINES_PER_ORDER, TODAY, record
from benchmarks.serving import serving
from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.projections import ReadModels

SIZES = ((10_000, 100_000), (100_000, 1_000_000))
"""Open lines, and events in all."""

REPEATS = 7
_EVENTS_OF_A_SHIPPED_ORDER = 2 * (1 + LINES_PER_ORDER)
_QUIET = f"today={TODAY}"

PAGES = {
    "Today": f"/?{_QUIET}",
    "items": "/view/items",
    "items: sorted by -backordered": "/view/items?sort=-backordered",
    "items: search": "/view/items?q=ITEM-01",
    "item": f"/view/items/ITEM-0007?{_QUIET}",
    "item: why": "/view/items/ITEM-0007/why",
    "item: the points of its chart": f"/view/items/ITEM-0007/chart?{_QUIET}&format=json",
    "item: movements": "/view/items/ITEM-0007/movements",
    "backorders by item": f"/view/backorders/item?{_QUIET}",
    "backorders by item: uncovered only": f"/view/backorders/item?uncovered=1&{_QUIET}",
    "backorders by customer": f"/view/backorders/customer?{_QUIET}",
    "backorders by customer: late only": f"/view/backorders/customer?late=1&{_QUIET}",
    "backorders by vendor": f"/view/backorders/vendor?{_QUIET}",
    "backlog over time": "/view/backlog",
    "order": f"/view/orders/SO-000100?{_QUIET}",
    "order: why": "/view/orders/SO-000100/why",
    "purchase order": f"/view/purchase-orders/PO-00037?{_QUIET}",
    "events": "/view/events",
    "events: of one type": "/view/events?type=PurchaseOrderPlaced",
    "event": "/view/events/5000",
    "notices": "/view/notices",
    "settings": "/view/settings?sku=ITEM-0007",
    "webhooks": "/view/webhooks",
    "a form": "/view/actions/delay-purchase-order?purchase_order=PO-00037",
}
"""Every page, as it is first seen; Today is the day on which the shop was filled."""


def shipped_long_ago(orders: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Write the commands of orders that were received for, placed and shipped."""
    yield "set-backorder-policy", {"backorders": "allow"}
    each = orders * LINES_PER_ORDER // ITEMS + 1
    for item in range(ITEMS):
        yield "register-product", {"sku": f"ITEM-{item:04}"}
        yield "receive-stock", {"sku": f"ITEM-{item:04}", "quantity": each}
    for number in range(orders):
        yield "place-order", {
            "order": f"OLD-{number}", "customer": f"Customer {number % 500:03}", "lines": [
                {"sku": f"ITEM-{(number * LINES_PER_ORDER + part) % ITEMS:04}", "quantity": 1}
                for part in range(LINES_PER_ORDER)
            ],
        }
        yield "ship-order", {"order": f"OLD-{number}", "shipment": f"OLD-{number}"}


def fill(ledger: Ledger, lines: int, events: int) -> None:
    """Record a shop with so many open lines, and so many events in all."""
    open_events = 8 * ITEMS + lines // LINES_PER_ORDER * (1 + LINES_PER_ORDER)
    orders = max(events - open_events, 0) // _EVENTS_OF_A_SHIPPED_ORDER
    record(ledger, shipped_long_ago(orders), count(-1, -1))
    backorder_views.fill(ledger, lines)
    ReadModels(ledger).catch_up()


def first_byte(client: httpx.Client, address: str) -> float:
    """Time how long the first byte of a page takes, in milliseconds."""
    found = []
    for _ in range(REPEATS):
        begun = perf_counter()
        with client.stream("GET", address) as answer:
            next(answer.iter_raw())
            found.append(perf_counter() - begun)
            if answer.status_code != 200:
                raise SystemExit(f"{address}: {answer.status_code}")
    return median(found) * 1000


def measure(lines: int, events: int) -> tuple[int, dict[str, float]]:
    """Fill a ledger and time every page; give how many events there are, and milliseconds."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'stocktrail.db'}"
        with open_ledger(url) as ledger:
            fill(ledger, lines, events)
            head = ledger.head().position
        print(f"{lines:,} open lines and {head:,} events are there.", file=sys.stderr)
        with (
            serving(url) as service,
            httpx.Client(base_url=service.url, timeout=60) as client,
        ):
            return head, {name: first_byte(client, path) for name, path in PAGES.items()}


def main() -> None:
    """Measure at both sizes, and print how each page grows."""
    (few, small), (many, large) = (measure(*size) for size in SIZES)
    print(f"{'first byte, milliseconds':<40}{'10,000 lines':>16}{'100,000 lines':>16}{'growth':>9}")
    print(f"{'events':<40}{few:>16,}{many:>16,}{many / few:>9.1f}")
    for name, least in small.items():
        print(f"{name:<40}{least:>16,.1f}{large[name]:>16,.1f}{large[name] / least:>9.1f}")


if __name__ == "__main__":
    main()
