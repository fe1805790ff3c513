"""How fast the backorder views answer and a delay is absorbed, and how both grow.

Run with ``python -m benchmarks.backorder_views``. It fills one ledger with 10,000 open lines and
one with 100,000, both on 2,000 items with 20,000 open receipts, through the ordinary door of
commands; then it asks the first page and a filtered page of every view, and delays a receipt.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import partial
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from stocktrail.commands.model import COMMANDS
from stocktrail.commands.scripts.reading import Row
from stocktrail.commands.scripts.submission import submit, submit_one
from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.answers.backorder_views.filters import Filters
from stocktrail.projections.questions.backorders import View, backorders

ITEMS, RECEIPTS, CUSTOMERS, VENDORS, LINES_PER_ORDER = 2_000, 20_000, 500, 100, 5
ROWS_PER_CHUNK = 2_000
TODAY = date(2026, 3, 1)
REPEATS = 5


def row(number: int, command: str, **fields: Any) -> Row:
    """Make a row of a script."""
    model = COMMANDS[command].model_validate(
        {"occurred_at": f"{TODAY}T08:00:00Z", **fields}
    )
    return Row(number, f"row-{number}", model, command)


def day(number: int) -> str:
    """Return a day, counted from today."""
    return (TODAY + timedelta(days=number)).isoformat()


def shop(lines: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Write the commands of a shop with so many open lines; every 50th receipt is overdue."""
    yield "set-backorder-policy", {"backorders": "allow"}
    for item in range(ITEMS):
        yield "register-product", {"sku": f"ITEM-{item:04}"}
        yield "receive-stock", {"sku": f"ITEM-{item:04}", "quantity": 3}
    for number in range(RECEIPTS // LINES_PER_ORDER):
        yield "place-purchase-order", {
            "purchase_order": f"PO-{number:05}", "vendor": f"Vendor {number % VENDORS:03}",
            "lines": [
                {
                    "sku": f"ITEM-{(number * LINES_PER_ORDER + part) % ITEMS:04}", "quantity": 20,
                    "expected_date": day(-2 if (number + part) % 50 == 0 else 5 + number % 55),
                }
                for part in range(LINES_PER_ORDER)
            ],
        }
    for number in range(lines // LINES_PER_ORDER):
        yield "place-order", {
            "order": f"SO-{number:06}", "customer": f"Customer {number * 7 % CUSTOMERS:03}",
            "ship_policy": "complete" if number % 20 == 0 else "partial",
            "lines": [
                {
                    "sku": f"ITEM-{(number * LINES_PER_ORDER + part * 401) % ITEMS:04}",
                    "quantity": 1 + (number + part) % 7, "requested_date": day(number % 40),
                }
                for part in range(LINES_PER_ORDER)
            ],
        }


def record(
    ledger: Ledger, commands: Iterable[tuple[str, dict[str, Any]]], numbers: Iterator[int]
) -> None:
    """Record commands, each under a number of its own, and see that none was refused."""
    rows = (row(next(numbers), command, **fields) for command, fields in commands)
    chunks = iter(lambda: list(islice(rows, ROWS_PER_CHUNK)), [])
    for result in submit(ledger, chunks):
        if result.status != "accepted":
            raise SystemExit(f"{result.command}: {result.as_json()}")


def fill(ledger: Ledger, lines: int) -> None:
    """Record the shop."""
    record(ledger, shop(lines), count())


def milliseconds(action: Callable[[], object], repeats: int = REPEATS) -> float:
    """Time an action, the best of some tries."""
    found = []
    for _ in range(repeats):
        begun = perf_counter()
        action()
        found.append(perf_counter() - begun)
    return min(found) * 1000


def questions() -> Iterator[tuple[str, View, dict[str, Any]]]:
    """Return what is asked of every view."""
    first: tuple[View, ...] = ("item", "customer", "vendor")
    for by in first:
        yield f"by {by}: first page", by, {}
    yield "by item: vendor, uncovered only", "item", {
        "filters": Filters(vendor="Vendor 007", uncovered=True)}
    yield "by item: sorted by -uncovered", "item", {"sort": "-uncovered"}
    yield "by customer: one customer", "customer", {"filters": Filters(customer="Customer 007")}
    yield "by customer: one item", "customer", {"filters": Filters(item="ITEM-0007")}
    yield "by customer: late only", "customer", {"filters": Filters(late=True)}
    yield "by customer: vendor", "customer", {"filters": Filters(vendor="Vendor 007")}
    yield "by customer: sorted by -promise_date", "customer", {"sort": "-promise_date"}
    yield "by customer: cutoff, sorted by age", "customer", {
        "filters": Filters(cutoff=TODAY + timedelta(days=10)), "sort": "-age_days"}
    yield "by vendor: one vendor, late only", "vendor", {
        "filters": Filters(vendor="Vendor 007", late=True)}
    yield "by vendor: one customer", "vendor", {"filters": Filters(customer="Customer 007")}
    yield "by vendor: sorted by -days_late", "vendor", {"sort": "-days_late"}


class Delays:
    """Delays one receipt after another, each once."""

    def __init__(self, ledger: Ledger, models: ReadModels) -> None:
        self._ledger, self._models = ledger, models
        self._next = 0

    def command(self, **fields: Any) -> None:
        """Record the delay of the next receipt."""
        self._next += 1
        model = COMMANDS["delay-purchase-order"].model_validate({
            "purchase_order": f"PO-{self._next * 37:05}", "occurred_at": f"{TODAY}T09:00:00Z",
            "lines": [{"line": 2, "expected_date": day(70 + self._next)}], "reason": "strike",
        })
        assert submit_one(self._ledger, model).status == "accepted"

    def absorb(self) -> float:
        """Time how long the read models take to absorb a delay, in milliseconds."""
        self.command()
        return milliseconds(self._models.catch_up, repeats=1)


def measure(lines: int) -> dict[str, float]:
    """Fill a ledger and time everything, in milliseconds."""
    with TemporaryDirectory() as folder, open_ledger(
        f"sqlite:///{Path(folder) / 'stocktrail.db'}"
    ) as ledger:
        models = ReadModels(ledger)
        found = {
            "recording all commands": milliseconds(lambda: fill(ledger, lines), repeats=1),
            "folding the log": milliseconds(models.catch_up, repeats=1),
        }
        print(f"{lines:,} open lines are there.", file=sys.stderr)
        for name, by, asked in questions():
            for when, today in (("", TODAY), (", tomorrow", TODAY + timedelta(days=1))):
                found[name + when] = milliseconds(
                    partial(backorders, models, by, today=today, **asked)
                )
        delays = Delays(ledger, models)
        found["absorbing one delayed receipt"] = min(delays.absorb() for _ in range(REPEATS))
        return found


def main() -> None:
    """Measure at both sizes, and print how each figure grows."""
    small, large = measure(10_000), measure(100_000)
    print(f"{'milliseconds':<48}{'10,000 lines':>14}{'100,000 lines':>15}{'growth':>9}")
    for name, least in small.items():
        print(f"{name:<48}{least:>14,.1f}{large[name]:>15,.1f}{large[name] / least:>9.1f}")


if __name__ == "__main__":
    main()
