"""What the seal costs: the same rows appended to SQLite with it and without it.

Run with ``python -m benchmarks.sealing [--orders N]``. Rows of real orders are appended in groups,
each a commit with full durability, by the recorder alone; rounds with and without the seal take
turns, and the cost is the median of their differences: in processor time, which others who use the
machine do not change, and as it elapses. Beside it stands what the hashing itself takes, which is
the same on every database. The limit is 5 microseconds an event.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from benchmarks.workload import fill, order_rows, script, setup
from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.ledger.store.command_row import CommandRow, index_of
from stocktrail.ledger.store.merkle.leaves import command_leaves
from stocktrail.ledger.store.merkle.tree import CompactRange
from stocktrail.ledger.store.outcome import Head
from stocktrail.ledger.store.sqlite.recorder import SQLiteLedgerRecorder

ORDERS, AT_ONCE, ROUNDS = 20_000, 500, 7

Group = Sequence[CommandRow]


def groups_of(ledger: Ledger) -> list[Group]:
    """Cut a log into groups of commands."""
    rows = ledger.log_recorder.command_rows(1, ledger.head().position)
    return [rows[at : at + AT_ONCE] for at in range(0, len(rows), AT_ONCE)]


Seconds = tuple[float, float]
"""Of the processor, and as they elapse."""


def now() -> Seconds:
    """Look at both clocks."""
    return process_time(), perf_counter()


def since(began: Seconds) -> Seconds:
    """Return the seconds since then."""
    return process_time() - began[0], perf_counter() - began[1]


def append(groups: Sequence[Group], path: Path, *, seals: bool) -> Seconds:
    """Append groups to a new file, and give the seconds."""
    with open_ledger(f"sqlite:///{path}") as ledger:
        recorder = ledger.log_recorder
        assert isinstance(recorder, SQLiteLedgerRecorder)
        recorder.hashes_rows = seals
        began = now()
        for rows in groups:
            with recorder.appending() as group:
                head, _ = group.begin([])
                last = rows[-1]
                at = last.recorded_at + last.last_position - last.first_position
                after = Head(last.last_position, at, last.sequence)
                group.append(head, after, rows, list(index_of(rows)), [])
        return since(began)


def hashing(groups: Sequence[Group]) -> Seconds:
    """Seal groups one after the other, without a database, and give the seconds."""
    began, tree = now(), CompactRange()
    for rows in groups:
        tree, _ = tree.extend(command_leaves(rows))
    return since(began)


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=ORDERS)
    asked = parser.parse_args(arguments or [])
    with TemporaryDirectory() as folder:
        place = Path(folder)
        with open_ledger(f"sqlite:///{place / 'orders.db'}") as ledger:
            fill(ledger, setup())
            fill(ledger, script(order_rows(asked.orders, hot=False)))
            groups = groups_of(ledger)
        events, commands = groups[-1][-1].last_position, groups[-1][-1].sequence
        rounds = [
            (append(groups, place / f"sealed-{at}.db", seals=True),
             append(groups, place / f"bare-{at}.db", seals=False), hashing(groups))
            for at in range(ROUNDS)
        ]
    print(f"The seal over {events:,} events and {commands:,} commands, median of {ROUNDS}, "
          "microseconds an event")
    print(f"{'':20}{'processor':>12}{'elapsed':>12}")
    for name, of_round in (
        ("sealed", lambda sealed, bare, hashed: sealed),
        ("not sealed", lambda sealed, bare, hashed: bare),
        ("difference", lambda sealed, bare, hashed: (sealed[0] - bare[0], sealed[1] - bare[1])),
        ("hashing alone", lambda sealed, bare, hashed: hashed),
    ):
        processor, elapsed = (
            median(of_round(*each)[clock] for each in rounds) / events * 1e6 for clock in (0, 1)
        )
        print(f"{name:20}{processor:12.2f}{elapsed:12.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
