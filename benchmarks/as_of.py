"""How long a question about an earlier moment takes, however long the log has become.

Run with ``python -m benchmarks.as_of [--events N]``. A shop sells 1,000 items, ships or cancels
every order in the end, and buys what it lacks, so that at any moment about as much is open as at
any other; only the log grows. At each size every question is asked as of random positions: the
median of its rounds, and for stock the 99th percentile too. By the trade's clock nothing is taken
from snapshots, so those questions read the whole stream of what they touch.
"""

import random
import sys
from collections.abc import Callable, Iterator
from itertools import count
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from benchmarks.growing import measure_growing
from benchmarks.rebuild import SIZES, grow
from stocktrail.ledger.store import Ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.answers.backorder_views.filters import Filters
from stocktrail.projections.questions.backorders import backorders
from stocktrail.projections.questions.explain_stock import explain_stock
from stocktrail.projections.questions.flow import flow
from stocktrail.projections.questions.history import history
from stocktrail.projections.questions.low_stock import low_stock
from stocktrail.projections.questions.order import order
from stocktrail.projections.questions.stock import stock

ROUNDS, STOCK_ROUNDS = 15, 300
ITEMS, LINES, CUSTOMERS, VENDORS = 1_000, 3, 500, 100
EARLIEST = 6_000
"""Before this position the shop had no orders."""

def steady_shop(chance: random.Random) -> Iterator[dict[str, Any]]:
    """Write the commands of a shop in which no more and more is open, without an end."""

    def lines(least: int, most: int, **fields: Any) -> list[dict[str, Any]]:
        return [
            {"sku": f"I{chance.randrange(ITEMS)}", "quantity": chance.randint(least, most),
             **fields}
            for _ in range(LINES)
        ]

    yield {"command": "set-backorder-policy", "backorders": "allow"}
    for item in range(ITEMS):
        yield {"command": "register-product", "sku": f"I{item}"}
        yield {"command": "receive-stock", "sku": f"I{item}", "quantity": 3}
    for number in count():
        yield {"command": "place-order", "order": f"SO-{number}",
               "customer": f"C{number % CUSTOMERS}", "lines": lines(1, 5, unit_price="9.99")}
        if number >= 20:
            yield {"command": "ship-order", "order": f"SO-{number - 20}", "shipment": f"S-{number}"}
        if number >= 400:
            yield {"command": "cancel-order", "order": f"SO-{number - 400}"}
        if number % 8 == 0:
            yield {"command": "place-purchase-order", "purchase_order": f"PO-{number}",
                   "vendor": f"V{number % VENDORS}",
                   "lines": lines(15, 25, expected_date="2030-01-15")}
        if number % 8 == 4 and number >= 108:
            yield {"command": "receive-goods", "purchase_order": f"PO-{number - 108}",
                   "receipt": f"R-{number}"}


Ask = Callable[[ReadModels, str, int], object]
ABOUT_ONE: dict[str, Ask] = {
    "stock of an item": lambda models, sku, at: stock(models, sku, as_of=at),
    "explain its stock": lambda models, sku, at: explain_stock(models, sku, as_of=at),
    "its history, a page of 100": lambda models, sku, at: history(models, sku, as_of=at, limit=100),
    "its flow": lambda models, sku, at: flow(models, sku, as_of=at),
    "an order": lambda models, sku, at: order(models, "SO-10", as_of=at),
    "backorders of an item": lambda models, sku, at: backorders(
        models, "customer", Filters(item=sku), as_of=at),
    "backorders of a customer": lambda models, sku, at: backorders(
        models, "customer", Filters(customer="C7"), as_of=at),
    "backorders, a page of 100": lambda models, sku, at: backorders(models, "customer", as_of=at),
    "what is low": lambda models, sku, at: low_stock(models, limit=100, as_of=at),
}
"""The questions, each as of a position."""


def by_the_other_clock(ledger: Ledger) -> dict[str, Ask]:
    """Return the questions that are asked by when things happened."""

    def when(at: int) -> int:
        return ledger.read(at - 1, 1)[0].occurred_at

    return {
        "stock, as of when it happened": lambda models, sku, at: stock(
            models, sku, occurred_until=when(at)),
        "history, as of when it happened": lambda models, sku, at: history(
            models, sku, occurred_until=when(at)),
    }


def milliseconds(ask: Ask, models: ReadModels, chance: random.Random, rounds: int) -> list[float]:
    """Ask about random moments since there were orders."""
    head, taken = models.position() or 0, []
    for _ in range(rounds):
        sku, at = f"I{chance.randrange(ITEMS)}", chance.randint(EARLIEST, head - 1)
        began = perf_counter()
        ask(models, sku, at)
        taken.append((perf_counter() - began) * 1000)
    return taken


def measure(ledger: Ledger, events: int) -> None:
    """Grow a ledger to its size, and ask on the way."""
    models, rows, chance = ReadModels(ledger), steady_shop(random.Random(7)), random.Random(8)
    sizes = sorted({*(each for each in SIZES if each < events), events})
    questions = ABOUT_ONE | by_the_other_clock(ledger)
    columns: dict[str, list[float]] = {name: [] for name in (*questions, "stock, p99")}
    for size in sizes:
        grow(ledger, rows, size)
        models.catch_up()
        for name, ask in questions.items():
            columns[name].append(median(milliseconds(ask, models, chance, ROUNDS)))
        slow = milliseconds(ABOUT_ONE["stock of an item"], models, chance, STOCK_ROUNDS)
        columns["stock, p99"].append(quantiles(slow, n=100)[98])
        print(f"Asked after {size:,} events.", file=sys.stderr, flush=True)
    print(f"{'as of an earlier position, ms':34}" + "".join(f"{size:>12,}" for size in sizes)
          + f"{'growth':>10}")
    for name, times in columns.items():
        print(f"{name:34}" + "".join(f"{each:12.2f}" for each in times)
              + f"{times[-1] / times[0]:9.1f}x")


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    measure_growing(measure, __doc__, arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
