"""A benchmark of one ledger that grows to a size: ``[--events N]``, on SQLite."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from stocktrail.ledger.store import Ledger, open_ledger

EVENTS = 100_000
"""How long the log becomes, unless another size is asked for."""


def measure_growing(
    measure: Callable[[Ledger, int], None], description: str | None,
    arguments: Sequence[str] | None,
) -> None:
    """Measure a ledger of its own, in a temporary folder, up to the size that is asked for."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--events", type=int, default=EVENTS)
    asked = parser.parse_args(arguments or [])
    with TemporaryDirectory() as folder, open_ledger(
        f"sqlite:///{Path(folder) / 'stocktrail.db'}"
    ) as ledger:
        measure(ledger, asked.events)
