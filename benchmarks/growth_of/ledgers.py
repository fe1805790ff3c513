"""Ledgers of a busy shop by size, made once and kept for as long as the measurement runs."""

import json
import shutil
import sqlite3
from pathlib import Path
from typing import NamedTuple

from benchmarks.busy_shop import Size, orders_for, trade
from benchmarks.growth_of.costs import Cost, cost_of_program
from stocktrail.interfaces.cli.failures import REFUSED

SMALL_ITEMS = 1_000
"""How many items a shop of less than 100,000 events has; larger ones have 10,000."""


class GrownLedger(NamedTuple):
    """A ledger file, how many events it has, and what names to ask it about."""

    events: int
    path: Path
    script: Path
    submitted: Cost | None

    @property
    def url(self) -> str:
        """Its address."""
        return f"sqlite:///{self.path}"

    def copy(self, folder: Path) -> "GrownLedger":
        """Return a copy of its file in a folder, to be changed."""
        path = folder / f"copy-of-{self.path.name}"
        for suffix in ("", "-wal", "-shm"):
            old = path.with_name(path.name + suffix)
            old.unlink(missing_ok=True)
        with sqlite3.connect(self.path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(self.path, path)
        return self._replace(path=path)


def size_of(events: int) -> Size:
    """Return the size of a shop with about so many events."""
    items = SMALL_ITEMS if events < 100_000 else 10_000
    return Size(orders_for(events, items), items=items)


def grown_ledger(folder: Path, events: int) -> GrownLedger:
    """Return the ledger of a size in a folder: the one that is there, or a new one."""
    path, rows = folder / f"busy-{events}.db", folder / f"busy-{events}.jsonl"
    if path.exists():
        return GrownLedger(events, path, rows, None)
    with rows.open("w") as written:
        for row in trade(size_of(events)):
            written.write(json.dumps(row, separators=(",", ":")) + "\n")
    unfinished = path.with_suffix(".unfinished")
    submitting = ["submit", str(rows), "--database", f"sqlite:///{unfinished}"]
    cost = cost_of_program(submitting, (0, REFUSED))      # of its commands some are, as in life
    unfinished.rename(path)
    return GrownLedger(events, path, rows, cost)
