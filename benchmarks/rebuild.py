"""How fast the read models follow from the log, and how long a question takes however long it is.

Run with ``python -m benchmarks.rebuild [--events N]``. A shop of 10,000 items places orders of 3
lines, ships every other one, and buys what it lacks. The limit is what the same run takes to read
the same rows and to decode their JSON, with nothing made of it. A rebuild is measured by the clock,
and in processor time of both its processes, which other programs on the machine disturb less.
"""

import random
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from statistics import median, quantiles
from time import perf_counter
from typing import Any

import orjson

from benchmarks.growing import measure_growing
from benchmarks.workload import ITEMS, LINES, script
from stocktrail.commands.scripts.reading import read_json_lines
from stocktrail.commands.scripts.submission import submit
from stocktrail.ledger.store import Ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.stock import stock

SIZES, ROUNDS = (10_000, 100_000, 1_000_000), 3
ITEMS_AT_FIRST, ORDERS_AT_FIRST, ROWS_PER_CHUNK, ROWS_PER_PAGE = 4_000, 200, 1_000, 2_000
QUESTIONS = 2_000


def shop(chance: random.Random) -> Iterator[dict[str, Any]]:
    """Write the commands of the shop, without an end."""

    def lines(quantity: int | None = None, **fields: Any) -> list[dict[str, Any]]:
        return [
            {"sku": f"I{chance.randrange(known)}", "quantity": quantity or chance.randint(1, 5),
             **fields}
            for _ in range(LINES)
        ]

    known, number = 0, 0
    yield {"command": "set-backorder-policy", "backorders": "allow"}
    while True:
        wanted = ITEMS_AT_FIRST if number < ORDERS_AT_FIRST else ITEMS
        for item in range(known, wanted):
            yield {"command": "register-product", "sku": f"I{item}"}
            yield {"command": "receive-stock", "sku": f"I{item}", "quantity": 20}
        known = wanted
        yield {"command": "place-order", "order": f"SO-{number}", "customer": f"C{number % 500}",
               "lines": lines(unit_price="9.99")}
        if number % 2 and number > 20:
            yield {"command": "ship-order", "order": f"SO-{number - 20}", "shipment": f"S-{number}"}
        if number % 10 == 0:
            yield {"command": "place-purchase-order", "purchase_order": f"PO-{number}",
                   "vendor": f"V{number % 100}", "lines": lines(20, expected_date="2030-01-15")}
        if number % 10 == 5 and number > 500:
            yield {"command": "receive-goods", "purchase_order": f"PO-{number - 105}",
                   "receipt": f"R-{number}"}
        number += 1


def grow(ledger: Ledger, rows: Iterator[dict[str, Any]], events: int) -> float:
    """Submit until the log has so many events; give how many were recorded a second."""
    before, began = ledger.head().position, perf_counter()
    while ledger.head().position < events:
        for _ in submit(ledger, read_json_lines(script(islice(rows, ROWS_PER_CHUNK)))):
            pass
    return (ledger.head().position - before) / (perf_counter() - began)


def processor_time() -> float:
    """Return the seconds that this process and those that it waited for have computed."""
    used = [getrusage(of) for of in (RUSAGE_SELF, RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return how long work takes, by the clock and of processor time."""
    clock, processor = perf_counter(), processor_time()
    work()
    return perf_counter() - clock, processor_time() - processor


def read_everything(ledger: Ledger) -> None:
    """Read every row and decode its JSON, and nothing else."""
    head = ledger.head().position
    for position in range(0, head, ROWS_PER_PAGE):
        for row in ledger.log_recorder.command_rows(position + 1, position + ROWS_PER_PAGE):
            orjson.loads(row.events)


def questions(models: ReadModels, chance: random.Random) -> tuple[float, float]:
    """Ask for the stock of one item after the other; give p50 and p99 in milliseconds."""
    taken = []
    for _ in range(QUESTIONS):
        sku = f"I{chance.randrange(ITEMS_AT_FIRST)}"
        began = perf_counter()
        stock(models, sku)
        taken.append((perf_counter() - began) * 1000)
    return median(taken), quantiles(taken, n=100)[98]


def measure(ledger: Ledger, events: int) -> None:
    """Grow a ledger to its size, asking on the way, and rebuild it."""
    models, rows, chance = ReadModels(ledger), shop(random.Random(7)), random.Random(8)
    speeds = []
    print(f"{'stock query in process':40}{'p50 ms':>12}{'p99 ms':>12}")
    for size in sorted({*(each for each in SIZES if each < events), events}):
        written = grow(ledger, rows, size)
        before, began = models.position() or 0, perf_counter()
        models.catch_up()
        followed = (ledger.head().position - before) / (perf_counter() - began)
        speeds.append((size, written, followed))
        middle, slowest = questions(models, chance)
        print(f"{f'after {size:,} events':40}{middle:12.3f}{slowest:12.3f}", flush=True)
    print(f"\n{'events/s':40}{'written':>12}{'followed':>12}{'ratio':>12}")
    for size, written, followed in speeds:
        print(f"{f'up to {size:,} events':40}{written:12,.0f}{followed:12,.0f}"
              f"{followed / written:12.2f}")
    rounds = [
        (*timed(partial(read_everything, ledger)), *timed(models.rebuild)) for _ in range(ROUNDS)
    ]
    reading, reading_processor, clock, processor = map(median, zip(*rounds, strict=True))
    title, recorded = f"rebuild, median of {ROUNDS}, events/s", ledger.head().position
    print(f"\n{title:40}{'rebuilt':>12}{'limit':>12}{'ratio':>12}")
    for name, taken, fastest in (
        ("by the clock", clock, reading), ("of processor time", processor, reading_processor),
    ):
        print(f"{name:40}{recorded / taken:12,.0f}{recorded / fastest:12,.0f}"
              f"{fastest / taken:12.3f}")


def main(arguments: list[str] | None = None) -> None:
    """Print the tables."""
    measure_growing(measure, __doc__, arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
