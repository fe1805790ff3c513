"""What :mod:`benchmarks.growth` measures: ledgers by size, and what each thing costs in them."""
