"""Every benchmark, one table after the other: ``python -m benchmarks``, or ``make bench``."""

from benchmarks import backorder_views, http, submission

submission.main()
print()
backorder_views.main()
print()
http.main()
