"""What a command costs at an item for which many lines wait, as the queue grows.

Run with ``python -m benchmarks.hot_item [--lines N ...] [--sharing]``. For one item N lines wait,
of orders that were submitted like any others; every twentieth ships complete, with a line of one of
50 other items. Ten purchase orders of 100 units each cover the first lines. Then commands of each
kind come one by one; a row is processor time a command, to decide and store it and to fold it into
the read models. The ratio to the smallest queue says what grows. ``--sharing`` sells from two pools
that share a source.
"""

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any, NamedTuple

from benchmarks.workload import as_the_command_line_runs, fill, script
from stocktrail.ledger.store import open_ledger
from stocktrail.projections import ReadModels

LINES = (1_000, 10_000, 100_000)
HOT, OTHERS, PURCHASES, UNITS = "HOT", 50, 10, 100
REQUESTED = "2028-03-01"
"""When all orders are requested: later than the purchase orders, until one is really late."""

AFTER_ALL = "2028-06-01"

Row = dict[str, Any]


class CommandCost(NamedTuple):
    """Milliseconds of processor that a command took: to decide and store it, and to fold it."""

    written: float
    folded: float


def shop(*, sharing: bool) -> Iterator[Row]:
    """Write the item, its sources and pools, and what is bought of it."""
    yield {"command": "set-backorder-policy", "backorders": "allow"}
    for source in ("east", "west"):
        yield {"command": "register-source", "source": source}
    yield {"command": "define-pool", "pool": "web", "sources": ["default", "east"]}
    yield {"command": "define-pool", "pool": "store",
           "sources": ["east", "west"] if sharing else ["west"]}
    for sku in (HOT, *(f"I{n}" for n in range(OTHERS))):
        yield {"command": "register-product", "sku": sku}
        yield {"command": "receive-stock", "sku": sku, "quantity": 2}
        yield {"command": "receive-stock", "sku": sku, "quantity": 2, "source": "west"}
    for n in range(PURCHASES):
        yield {"command": "place-purchase-order", "purchase_order": f"PO-{n}", "vendor": "V",
               "source": ("default", "east", "west")[n % 3], "lines": [{
                   "sku": HOT, "quantity": UNITS, "expected_date": f"2028-01-{10 + n}"}]}


def order(number: int, chance: random.Random) -> Row:
    """Write an order of the item, which comes last in its queue."""
    whole = number % 20 == 0
    skus = [HOT, f"I{number % OTHERS}"] if whole else [HOT]
    return {"command": "place-order", "order": f"SO-{number}", "customer": f"C{number % 500}",
            "pool": "store" if number % 3 == 0 else "web",
            "ship_policy": "complete" if whole else "partial",
            "lines": [{"sku": sku, "quantity": chance.randint(1, 3), "requested_date": REQUESTED,
                       "unit_price": "9.99"} for sku in skus]}


def kinds(lines: int, chance: random.Random) -> Iterator[tuple[str, list[Row]]]:
    """Write the commands that are measured, by kind."""

    def delays(days: Sequence[str], number: int) -> list[Row]:
        return [{"command": "delay-purchase-order", "purchase_order": f"PO-{n % PURCHASES}",
                 "expected_date": days[n // PURCHASES % len(days)]} for n in range(number)]

    def orders(number: int) -> list[str]:
        return [f"SO-{chance.randrange(lines // 2, lines)}" for _ in range(number)]

    yield "an order that comes last", [order(lines + n, chance) for n in range(100)]
    yield "a delay that moves nobody", delays(["2028-01-25", "2028-01-26"], 100)
    yield "a delay that moves", delays([AFTER_ALL, "2028-06-03"], 20)
    yield "a receipt of 2 units", [
        {"command": "receive-goods", "purchase_order": f"PO-{n % PURCHASES}", "receipt": f"R-{n}",
         "lines": [{"line": 1, "quantity": 2}]} for n in range(20)]
    yield "an order that goes first", [
        {"command": "prioritise-order", "order": each, "priority": 1, "reason": "asked for"}
        for each in orders(20)]
    yield "an order back to its place", [
        {"command": "prioritise-order", "order": each, "priority": 6, "reason": "asked for"}
        for each in orders(20)]
    yield "an order cancelled", [{"command": "cancel-order", "order": each}
                                 for each in dict.fromkeys(orders(20))]


def measure(lines: int, *, sharing: bool) -> dict[str, CommandCost]:
    """Grow the queue of the item to a number of lines, and return what each kind costs then."""
    chance = random.Random(7)
    found = {}
    with TemporaryDirectory() as folder, as_the_command_line_runs(), open_ledger(
        f"sqlite:///{Path(folder) / 'stocktrail.db'}"
    ) as ledger:
        models = ReadModels(ledger)
        fill(ledger, script(shop(sharing=sharing)))
        began = process_time()
        fill(ledger, script(order(n, chance) for n in range(lines)))
        grown = process_time() - began
        began = process_time()
        models.catch_up()
        found["each order while it grows"] = CommandCost(
            1000 * grown / lines, 1000 * (process_time() - began) / lines
        )
        for kind, rows in kinds(lines, chance):
            taken = []
            for number, row in enumerate(rows):
                sent = script([{"id": f"{kind} {number}", **row}])
                began = process_time()
                fill(ledger, sent)
                written = process_time()
                models.catch_up()
                taken.append((written - began, process_time() - written))
            found[kind] = CommandCost(*(1000 * median(part) for part in zip(*taken, strict=True)))
    return found


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, nargs="+", default=LINES)
    parser.add_argument("--sharing", action="store_true")
    asked = parser.parse_args(arguments or [])
    columns = {size: measure(size, sharing=asked.sharing) for size in sorted(asked.lines)}
    pools = "two pools that share a source" if asked.sharing else "two pools of their own sources"
    print(f"One item, {pools}; processor ms a command: decided and stored, folded")
    sizes = "".join(f"{size:>20,}" for size in columns)
    print(f"{'lines that wait':30}{sizes}{'ratio':>14}")
    first, last = min(columns), max(columns)
    for kind in columns[first]:
        cells = "".join(f"{written:10.2f}{folded:10.2f}"
                        for written, folded in (columns[size][kind] for size in columns))
        ratios = [after / before for before, after in
                  zip(columns[first][kind], columns[last][kind], strict=True)]
        print(f"{kind:30}{cells}{ratios[0]:7.1f}{ratios[1]:7.1f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
