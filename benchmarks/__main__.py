"""Every benchmark, one table after the other: ``python -m benchmarks``, or ``make bench``."""

from benchmarks import backorder_views, rebuild, submission

submission.main()
print()
rebuild.main([])
print()
backorder_views.main()
