"""What each fast path saves, measured in one run: ``python -m benchmarks.fast_paths``."""
