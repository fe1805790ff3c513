"""What a ledger takes: bytes on disk for each event, and memory for what is resident.

Run with ``python -m benchmarks.size [ORDERS]``. Memory is what Python's allocator holds for the
resident aggregates, and the whole process at its largest.
"""

import gc
import resource
import sys
import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.workload import ITEMS, as_the_command_line_runs, fill, order_rows, script, setup
from stocktrail.ledger.store import Ledger, open_ledger

ORDERS, AT_ONCE = 20_000, 10_000

def disk(ledger: Ledger) -> None:
    """Print the bytes of each table and index, for each event."""
    events = ledger.head().position
    with ledger.datastore.reading_log() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute("PRAGMA page_size")
        whole = pages * cursor.fetchone()[0]
        print(f"{events:,} events take {whole / events:,.0f} bytes each on disk, of it")
        for column, table in (("events", "commands"), ("body", "commands")):
            cursor.execute(f"SELECT SUM(LENGTH({column})) FROM {table}")
            size = cursor.fetchone()[0]
            print(f"  {size / events:8,.0f} in {table}.{column}")


def resident(ledger: Ledger, category: str, count: int) -> None:
    """Print what the resident aggregates of a category take in memory, each."""
    names = [name for name, _ in zip(ledger.streams(category), range(count), strict=False)]
    ledger.writer.aggregates.forget()
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    ledger.writer.aggregates.prefetch(names)
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    print(f"{len(names):,} resident {category} aggregates: {taken / len(names):,.0f} bytes each")


def main() -> None:
    """Print the numbers."""
    orders = int(sys.argv[1]) if len(sys.argv) > 1 else ORDERS
    with TemporaryDirectory() as folder, as_the_command_line_runs():
        url = f"sqlite:///{Path(folder) / 'ledger.db'}"
        with open_ledger(url) as ledger:
            fill(ledger, setup())
            for start in range(0, orders, AT_ONCE):
                rows = order_rows(
                    min(AT_ONCE, orders - start), hot=False, seed=start, name=f"SO-{start}"
                )
                fill(ledger, script(rows))
            largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            print(f"The process that wrote {orders:,} orders held {largest // 1024:,} MiB at most")
            disk(ledger)
            resident(ledger, "stock", ITEMS)
            resident(ledger, "order", ITEMS)


if __name__ == "__main__":
    main()
