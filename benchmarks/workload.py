"""The workload of the benchmarks: orders of 3 lines over 10,000 items, uniform or hot."""

import gc
import json
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, BinaryIO

from stocktrail.commands.scripts.reading import read_json_lines
from stocktrail.commands.scripts.submission import submit
from stocktrail.interfaces.cli import GARBAGE_THRESHOLDS
from stocktrail.ledger.store import Ledger

ITEMS, HOT_ITEMS, HOT_SHARE, LINES = 10_000, 10, 0.8, 3


def script(rows: Iterable[dict[str, Any]]) -> BytesIO:
    """Write commands as JSON Lines."""
    return BytesIO(b"".join(json.dumps(row).encode() + b"\n" for row in rows))


def setup(items: int = ITEMS) -> BytesIO:
    """Register and receive every item, and allow backorders."""
    registered = ({"command": "register-product", "sku": f"I{n}"} for n in range(items))
    received = ({"command": "receive-stock", "sku": f"I{n}", "quantity": 500} for n in range(items))
    allowed = {"command": "set-backorder-policy", "backorders": "allow"}
    return script([allowed, *registered, *received])


def order_rows(
    count: int, *, hot: bool, seed: int = 7, name: str = "SO", items: int = ITEMS
) -> Iterator[dict[str, Any]]:
    """Order three items at a time: any of them, or most of the lines the same ten."""
    chance = random.Random(seed)

    def sku() -> str:
        few = hot and chance.random() < HOT_SHARE
        return f"I{chance.randrange(HOT_ITEMS if few else items)}"

    for n in range(count):
        yield {
            "command": "place-order", "id": f"{name}-{n}", "order": f"{name}-{n}", "customer": "C",
            "lines": [
                {"sku": sku(), "quantity": chance.randint(1, 5), "unit_price": "9.99"}
                for _ in range(LINES)
            ],
        }


def fill(ledger: Ledger, lines: BinaryIO) -> None:
    """Submit a script all of whose commands must be recorded."""
    for result in submit(ledger, read_json_lines(lines)):
        if result.status not in ("accepted", "duplicate"):
            raise SystemExit(f"The workload was refused: {result.as_json()}")


@contextmanager
def as_the_command_line_runs() -> Iterator[None]:
    """Look for garbage as rarely as ``stocktrail submit`` does."""
    before = gc.get_threshold()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
