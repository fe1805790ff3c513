"""Every benchmark, one table after the other: ``python -m benchmarks``, or ``make bench``."""

from benchmarks import (
    backorder_views,
    callers,
    http,
    library,
    rebuild,
    size,
    submission,
    subscriptions,
    writers,
)

for benchmark in (
    submission, library, callers, writers, size, rebuild, backorder_views, http,
    subscriptions,
):
    benchmark.main()
    print()
