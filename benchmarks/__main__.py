"""Every benchmark, one table after the other: ``python -m benchmarks``, or ``make bench``."""

from benchmarks import (
    backorder_views,
    callers,
    dashboard,
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
    dashboard, subscriptions,
):
    benchmark.main()
    print()
