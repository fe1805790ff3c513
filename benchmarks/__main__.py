"""Every benchmark, one table after the other: ``python -m benchmarks``, or ``make bench``."""

from benchmarks import (
    as_of,
    backorder_views,
    callers,
    dashboard,
    growth,
    http,
    library,
    rebuild,
    sealing,
    size,
    submission,
    subscriptions,
    verifying,
    writers,
)
from benchmarks.fast_paths import __main__ as fast_paths

for benchmark in (
    submission, library, callers, writers, size, rebuild, backorder_views, http,
    dashboard, subscriptions, as_of, sealing, verifying,
    fast_paths, growth,
):
    benchmark.main()
    print()
