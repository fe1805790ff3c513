"""How soon the first byte of every page of the dashboard comes, and how that grows.

Run with ``python -m benchmarks.dashboard``. It fills one ledger with 10,000 open lines and 100,000
events, and one with 100,000 open lines and 1,000,000 events: what was ordered and shipped long ago
first, then the shop of :mod:`benchmarks.backorder_views`. ``stocktrail serve`` answers in a process
of its own.

``python -m benchmarks.dashboard open`` fills only the shop with 100,000 open lines, and tells how
much processor the pages that look at all of them take there: now, on the next day, when more
receipts are overdue, and as of a moment: the first page of one that is near no other (*first*), the
first page of one that is near another (*near*), and a further page of one (*next*). Of Today that
is the first request, for the service keeps it.
"""

import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import count, cycle
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import httpx

from benchmarks import backorder_views
from benchmarks.backorder_views import ITEMS, LINES_PER_ORDER, TODAY, record
from benchmarks.growth_of.costs import processor_of
from benchmarks.serving import Served, serving
from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.as_of.moved_between import MOST_EVENTS

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
    "search": "/view/find?q=0123",
    "orders": f"/view/orders?{_QUIET}",
    "orders: late only": f"/view/orders?facet=late&{_QUIET}",
    "purchase orders": f"/view/purchase-orders?{_QUIET}",
    "to tell": f"/view/to-tell?{_QUIET}",
    "customers": f"/view/customers?{_QUIET}",
    "vendors": f"/view/vendors?{_QUIET}",
    "ready to ship": f"/view/ready-to-ship?{_QUIET}",
    "pick list": f"/view/pick-list?{_QUIET}",
    "replenish": f"/view/replenishment?{_QUIET}",
    "compare with yesterday": f"/view/compare?{_QUIET}",
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


OPEN_LINES = 100_000
OF_ALL_LINES = (
    "Today", "items", "orders", "orders: late only", "purchase orders", "to tell", "customers",
    "vendors", "ready to ship", "pick list", "replenish", "backorders by item",
    "backorders by customer", "backorders by customer: late only", "backorders by vendor",
)
"""The pages that look at all lines, or list things that have many."""

MORE_PAGES = {
    "a customer": f"/view/customers/Customer%20007?{_QUIET}",
    "a vendor": f"/view/vendors/Vendor%20007?{_QUIET}",
    "receipts that are overdue": f"/view/backorders/vendor?overdue=1&waiting=1&{_QUIET}",
    "sources": "/view/sources",
}


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


def processor(service: Served, client: httpx.Client, address: str, tries: int) -> float:
    """Return the milliseconds of processor that the service takes for a page, the least of some."""
    found = []
    for _ in range(tries):
        before = processor_of(service.process)
        answer = client.get(address)
        found.append(processor_of(service.process) - before)
        if answer.status_code != 200:
            raise SystemExit(f"{address}: {answer.status_code}")
    return min(found) * 1000


class Moments:
    """Moments of the past, each far from the one before, and others that are near them."""

    _STEP, _FEW = 30, 5
    """Events of a few orders, and so many moments: fewer are kept."""

    def __init__(self, service: Served, client: httpx.Client, head: int) -> None:
        self._service, self._client = service, client
        self._far = cycle(
            head - 10 - (MOST_EVENTS + 500) * number for number in range(1, self._FEW + 1)
        )

    def taken(self, path: str, tries: int) -> tuple[float, float, float]:
        """Return the milliseconds of processor of a page: first, near and next, the least each."""
        found = []
        for _ in range(tries):
            position = next(self._far)
            first = self._of(path, position)
            quiet = f"&{_QUIET}" if _QUIET in path else ""
            self._of(f"/view/orders?sort=order{quiet}", position - self._STEP)
            further = self._of(path, position - self._STEP)
            found.append((first, self._of(path, position - 2 * self._STEP), further))
        first, near, further = map(min, zip(*found, strict=True))
        return first, near, further

    def _of(self, path: str, position: int) -> float:
        joined = f"{path}{'&' if '?' in path else '?'}as_of={position}"
        return processor(self._service, self._client, joined, 1)


def measure_open_lines() -> None:
    """Print what pages take where 100,000 lines are open, now and as of a moment."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'stocktrail.db'}"
        with open_ledger(url) as ledger:
            fill(ledger, OPEN_LINES, 0)
            delays = backorder_views.Delays(ledger, ReadModels(ledger))
            for _ in range(30):
                delays.command()
            ReadModels(ledger).catch_up()
            head = ledger.head().position
        tomorrow = f"today={TODAY + timedelta(days=1)}"
        columns = "".join(f"{name:>10}" for name in ("now", "next day", "first", "near", "next"))
        print(f"{f'{OPEN_LINES:,} open lines, {head:,} events':<40}{columns}   ms of processor")
        pages = {name: PAGES[name] for name in OF_ALL_LINES} | MORE_PAGES
        with (
            serving(url) as service, httpx.Client(base_url=service.url, timeout=60) as client,
        ):
            for path in ("/view/events", "/view/items/ITEM-0007"):      # all is imported then
                client.get(path)
            moments = Moments(service, client, head)
            for name, path in pages.items():
                tries = 1 if name == "Today" else 3
                taken = [
                    processor(service, client, address, tries)
                    for address in (path, path.replace(_QUIET, tomorrow))
                ]
                taken += moments.taken(path, 3)
                print(f"{name:<40}{''.join(f'{each:>10,.0f}' for each in taken)}", flush=True)


def main() -> None:
    """Measure at both sizes, and print how each page grows; or what 100,000 open lines take."""
    if sys.argv[1:] == ["open"]:
        measure_open_lines()
        return
    (few, small), (many, large) = (measure(*size) for size in SIZES)
    print(f"{'first byte, milliseconds':<40}{'10,000 lines':>16}{'100,000 lines':>16}{'growth':>9}")
    print(f"{'events':<40}{few:>16,}{many:>16,}{many / few:>9.1f}")
    for name, least in small.items():
        print(f"{name:<40}{least:>16,.1f}{large[name]:>16,.1f}{large[name] / least:>9.1f}")


if __name__ == "__main__":
    main()
