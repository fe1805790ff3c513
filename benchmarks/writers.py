"""Several processes that write to one ledger in PostgreSQL at once.

Run with ``python -m benchmarks.writers``. Each submits its own script of orders, most of them for
the same ten items; all share this machine's cores with the server.
"""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.databases import Kind, MeasuredDatabase, database
from benchmarks.workload import as_the_command_line_runs, fill, order_rows, script, setup
from stocktrail.ledger.store import open_ledger

PROCESSES, ORDERS, ROUNDS = (1, 2, 4), 8_000, 3


def write(url: str, path: str, begin: float) -> None:
    """Submit a script when everybody is ready; print when it began and when it was done."""
    with open_ledger(url) as ledger, as_the_command_line_runs(), Path(path).open("rb") as lines:
        ledger.writer.aggregates.prefetch(ledger.streams("stock"))
        time.sleep(max(begin - time.time(), 0))
        began = time.time()
        fill(ledger, lines)
        print(began, time.time())


def together(place: MeasuredDatabase, processes: int, folder: Path) -> tuple[float, float]:
    """Return orders a second of all processes together, and after what part of it one was done.

    Each time on a new ledger: items that have been sold more often are larger.
    """
    url = place.new_url()
    with open_ledger(url) as ledger:
        fill(ledger, setup())
    each = ORDERS // processes
    begin = time.time() + 4
    running = []
    for number in range(processes):
        path = folder / f"{processes}-{number}.jsonl"
        name = f"P{processes}-{number}-{time.time_ns()}"
        path.write_bytes(script(order_rows(each, hot=True, seed=number, name=name)).getvalue())
        command = [sys.executable, "-m", "benchmarks.writers", url, str(path), str(begin)]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
    times = [tuple(map(float, one.communicate()[0].split())) for one in running]
    began, ended = min(time[0] for time in times), max(time[1] for time in times)
    first = min(time[1] for time in times)
    return each * processes / (ended - began), (first - began) / (ended - began)


def main() -> None:
    """Print the table."""
    if len(sys.argv) == 4:
        write(sys.argv[1], sys.argv[2], float(sys.argv[3]))
        return
    kinds: tuple[Kind, ...] = ("postgresql", "sqlite")
    print(f"Processes writing to one ledger, {ORDERS:,} hot orders together, median of {ROUNDS}")
    print(f"{'':12}{'processes':>10}{'orders/s':>10}{'of one':>8}{'first done after':>18}")
    for kind in kinds:
        with database(kind) as place, TemporaryDirectory() as folder:
            alone = 0.0
            for processes in PROCESSES:
                rounds = [together(place, processes, Path(folder)) for _ in range(ROUNDS)]
                speed, first = (median(column) for column in zip(*rounds, strict=True))
                alone = alone or speed
                print(f"{kind:12}{processes:10}{speed:10,.0f}{speed / alone:8.2f}"
                      f"{first:17.0%} of the time")


if __name__ == "__main__":
    main()
