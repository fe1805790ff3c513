"""What each fast path saves: the plain code and the fast path, timed in turns in one run.

Run with ``python -m benchmarks.fast_paths [WORD]``, where the word selects by name. Both sides do
the same; they are timed in both orders, in microseconds of processor time for one unit of work.
*Noise* is the plain code against itself: a ratio within it saves nothing. Where a fast path is
written, its comment names the line of this table that justifies it.
"""

import sys
from contextlib import ExitStack
from itertools import chain
from tempfile import TemporaryDirectory

import structlog

from benchmarks.fast_paths.databases import postgres_paths, sqlite_paths
from benchmarks.fast_paths.deciding import deciding_paths
from benchmarks.fast_paths.facts import fact_paths
from benchmarks.fast_paths.ledgers import ORDERS, ledger_paths
from benchmarks.fast_paths.reaching import reaching_paths
from benchmarks.fast_paths.requests import request_paths
from benchmarks.fast_paths.sharing import sharing_paths
from benchmarks.fast_paths.timing import report
from benchmarks.fast_paths.values import aggregate_paths, value_paths
from benchmarks.workload import fill, order_rows, script, setup
from stocktrail.ledger.store import open_ledger

EVENTS = 4 * ORDERS


def main() -> None:
    """Print the table."""
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    print(f"{'Microseconds of processor time':34}{'plain':>11}{'fast':>11}{'ratio':>8}   noise")
    with ExitStack() as closing:
        folder = closing.enter_context(TemporaryDirectory(prefix="stocktrail-bench-"))
        ledger = closing.enter_context(open_ledger(f"sqlite:///{folder}/shop.db"))
        fill(ledger, setup())
        fill(ledger, script(order_rows(ORDERS, hot=False)))
        before = ledger.head().position - EVENTS
        rows, events = ledger.log_recorder.rows(before, EVENTS), ledger.read(before, EVENTS)
        for path in chain(
            value_paths(rows, events), fact_paths(), aggregate_paths(), deciding_paths(),
            reaching_paths(), sqlite_paths(rows, closing), postgres_paths(rows, closing),
            request_paths(folder, closing),
            sharing_paths(ledger, rows, folder, closing), ledger_paths(ledger),
        ):
            if word in path.name:
                report(path)


if __name__ == "__main__":
    main()
