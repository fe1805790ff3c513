"""How fast a script is submitted, beside bare inserts of the same rows in the same run.

Run with ``python -m benchmarks.submission``. End to end: parse, validate, decide, store, report;
full durability. The limit is what the database takes to insert the events that the orders left
behind as event rows, in equal batches, with nothing decided about them and no outcomes beside them;
beside it stands the ratio to the ledger's own rows. ``cpu`` is processor time of this process,
which others on the machine disturb less than the clock; a server's own time is not in it.
"""

from statistics import median
from time import perf_counter, process_time
from typing import NamedTuple

from benchmarks.databases import (
    KINDS,
    MeasuredDatabase,
    Seconds,
    cut,
    database,
    rows_after,
    total,
)
from benchmarks.workload import as_the_command_line_runs, fill, order_rows, script, setup
from stocktrail.commands.scripts.lines import LINES_AT_ONCE
from stocktrail.ledger.store import open_ledger

ORDERS, ROUNDS = 10_000, 3


class Round(NamedTuple):
    """One round: orders submitted and sent again, and their rows bare."""

    submitted: Seconds
    again: Seconds
    events: Seconds
    own: Seconds


def measure(place: MeasuredDatabase, *, hot: bool) -> Round:
    """Return what one round took."""
    with open_ledger(place.new_url()) as ledger:
        fill(ledger, setup())
        before = ledger.head().position
        lines = script(order_rows(ORDERS, hot=hot))
        seconds = []
        for _ in range(2):
            lines.seek(0)
            began, used = perf_counter(), process_time()
            fill(ledger, lines)
            seconds.append(Seconds(perf_counter() - began, process_time() - used))
        batches = -(-ORDERS // LINES_AT_ONCE)
        bare = total(place.bare_events(cut(rows_after(ledger, before), batches)))
        own = total(place.own_rows(ledger, before, batches))
    return Round(seconds[0], seconds[1], bare, own)


def main() -> None:
    """Print the table."""
    print(f"Submission of {ORDERS:,} orders of 3 lines, median of {ROUNDS}")
    print(
        f"{'':20}{'orders/s':>10}{'again/s':>10}{'us cpu':>9}{'ratio':>8}{'cpu':>7}{'own rows':>10}"
        f"{'cpu':>7}{'again':>8}"
    )
    for kind in KINDS:
        with database(kind) as place, as_the_command_line_runs():
            speeds = []
            for name, hot in (("uniform", False), ("hot", True)):
                rounds = [measure(place, hot=hot) for _ in range(ROUNDS)]

                def middle(clock: bool, part: int, rounds: list[Round] = rounds) -> float:
                    return median(each[part][0 if clock else 1] for each in rounds)

                submitted, again, events, own = (middle(True, part) for part in range(4))
                speeds.append(ORDERS / submitted)
                used = middle(False, 0)
                print(
                    f"{kind + ' ' + name:20}{ORDERS / submitted:10,.0f}{ORDERS / again:10,.0f}"
                    f"{used / ORDERS * 1e6:9.1f}{events / submitted:8.3f}"
                    f"{middle(False, 2) / used:7.3f}{own / submitted:10.3f}"
                    f"{middle(False, 3) / used:7.3f}{submitted / again:7.1f}x"
                )
            print(f"{'':20}hot against uniform: {speeds[1] / speeds[0]:.2f}")


if __name__ == "__main__":
    main()
