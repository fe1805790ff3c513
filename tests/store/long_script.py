"""A long script in a process of its own, and how much memory it takes.

Run as ``python -m tests.store.long_script URL ROWS CAPACITY [--dry-run]``. Prints, as JSON, how
many rows got which status, and the most memory in MiB that was taken after each quarter.
"""

import io
import json
import resource
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from stocktrail.commands.scripts.reading import read_json_lines
from stocktrail.commands.scripts.submission import submit
from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.sqlite import connection_pools
from tests.store.shop import script

ITEMS = 1000


def row(number: int) -> dict[str, Any]:
    """Make one row: items first, then orders of three lines and their shipments in turn."""
    if number < ITEMS:
        return {"command": "register-product", "sku": f"SKU-{number}"}
    if number < 2 * ITEMS:
        return {"command": "receive-stock", "sku": f"SKU-{number - ITEMS}", "quantity": 9_999_999}
    order = f"SO-{number - number % 2}"
    if number % 2:
        return {"command": "ship-order", "order": order, "shipment": "S-1"}
    lines = [{"sku": f"SKU-{number * step % ITEMS}", "quantity": 1} for step in (1, 3, 7)]
    lines = list({line["sku"]: line for line in lines}.values())
    return {"command": "place-order", "order": order, "customer": "C-1", "lines": lines}


class Pipe(io.BytesIO):
    """A script that is made while it is read."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.rows = rows
        self.made = 0

    def read1(self, _size: int | None = -1) -> bytes:
        """Return some more rows."""
        first, self.made = self.made, min(self.made + 500, self.rows)
        return script(map(row, range(first, self.made)))


def peak() -> float:
    """Tell the most memory in MiB that this program has taken so far.

    Linux counts in ``ru_maxrss`` what the process was before it became this program.
    """
    status = Path("/proc/self/status")
    if status.exists():
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) / 1024
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def run(url: str, rows: int, capacity: int, *, dry_run: bool = False) -> dict[str, Any]:
    """Submit the script and measure."""
    counted: Counter[str] = Counter()
    peaks: list[float] = []
    # Or they would hide for long what grows besides.
    connection_pools.PAGE_CACHE_KIB = connection_pools.READING_CACHE_KIB = 2048
    with open_ledger(url, capacity=capacity) as ledger:
        results = submit(ledger, read_json_lines(Pipe(rows)), dry_run=dry_run)
        for number, result in enumerate(results, 1):
            counted[result.status] += 1
            if number % (rows // 4) == 0:
                peaks.append(round(peak(), 1))
    return {"counted": counted, "peaks": peaks}


if __name__ == "__main__":
    print(json.dumps(run(
        sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), dry_run="--dry-run" in sys.argv
    )))
