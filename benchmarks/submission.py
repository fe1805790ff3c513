"""How fast a script is submitted, beside a bare insert of the same event rows in the same run.

Run with ``python -m benchmarks.submission``. End to end: parse, validate, decide, store, report;
full durability. The limit is what the database takes to insert the very event rows that the orders
left behind, in equal batches, with nothing decided about them and no outcomes beside them.
"""

from statistics import median
from time import perf_counter

from benchmarks.databases import KINDS, MeasuredDatabase, cut, database, rows_after
from benchmarks.workload import as_the_command_line_runs, fill, order_rows, script, setup
from stocktrail.commands.scripts.lines import LINES_AT_ONCE
from stocktrail.ledger.store import open_ledger

ORDERS, ROUNDS = 10_000, 3


def measure(place: MeasuredDatabase, *, hot: bool) -> tuple[float, float, float]:
    """Return orders a second: submitted, sent again, and as bare rows."""
    with open_ledger(place.new_url()) as ledger:
        fill(ledger, setup())
        before = ledger.head().position
        lines = script(order_rows(ORDERS, hot=hot))
        seconds = []
        for _ in range(2):
            lines.seek(0)
            began = perf_counter()
            fill(ledger, lines)
            seconds.append(perf_counter() - began)
        rows = rows_after(ledger, before)
    bare = sum(place.bare_seconds(cut(rows, -(-ORDERS // LINES_AT_ONCE))))
    return ORDERS / seconds[0], ORDERS / seconds[1], ORDERS / bare


def main() -> None:
    """Print the table."""
    print(f"Submission of {ORDERS:,} orders of 3 lines, median of {ROUNDS}, orders/s")
    print(f"{'':20}{'submitted':>11}{'sent again':>12}{'bare rows':>11}{'ratio':>8}{'again':>8}")
    for kind in KINDS:
        with database(kind) as place, as_the_command_line_runs():
            speeds = []
            for name, hot in (("uniform", False), ("hot", True)):
                rounds = [measure(place, hot=hot) for _ in range(ROUNDS)]
                submitted, again, bare = (median(column) for column in zip(*rounds, strict=True))
                speeds.append(submitted)
                print(
                    f"{kind + ' ' + name:20}{submitted:11,.0f}{again:12,.0f}{bare:11,.0f}"
                    f"{submitted / bare:8.3f}{again / submitted:7.1f}x"
                )
            print(f"{'':20}hot against uniform: {speeds[1] / speeds[0]:.2f}")


if __name__ == "__main__":
    main()
