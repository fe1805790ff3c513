"""How fast a script is submitted, beside a bare insert of the same rows in the same run.

Run with ``python -m benchmarks.submission``. Orders of 3 lines over 10,000 items, and the same with
80 % of the lines on 10 items; full durability. The limit is what SQLite itself takes to insert the
very event rows that the orders left behind, in equal batches, with nothing decided about them.
"""

import json
import random
import sqlite3
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from commands.lines import LINES_AT_ONCE
from commands.reading import read_json_lines
from commands.submission import submit
from ledger.store import open_ledger
from ledger.store.sqlite_schema import TABLES

ITEMS, HOT_ITEMS, HOT_SHARE, LINES = 10_000, 10, 0.8, 3
ORDERS, ROUNDS = 5_000, 3


def script(rows: Iterable[dict[str, Any]]) -> BytesIO:
    """Write commands as JSON Lines."""
    return BytesIO(b"".join(json.dumps(row).encode() + b"\n" for row in rows))


def setup() -> BytesIO:
    """Register and receive every item, and allow backorders."""
    registered = ({"command": "register-product", "sku": f"I{n}"} for n in range(ITEMS))
    received = ({"command": "receive-stock", "sku": f"I{n}", "quantity": 500} for n in range(ITEMS))
    allowed = {"command": "set-backorder-policy", "backorders": "allow"}
    return script([allowed, *registered, *received])


def orders(*, hot: bool, chance: random.Random) -> BytesIO:
    """Order three items at a time, uniformly or most of them among a few."""

    def sku() -> str:
        few = hot and chance.random() < HOT_SHARE
        return f"I{chance.randrange(HOT_ITEMS if few else ITEMS)}"

    return script(
        {
            "command": "place-order", "id": f"o-{n}", "order": f"SO-{n}", "customer": "C",
            "lines": [
                {"sku": sku(), "quantity": chance.randint(1, 5), "unit_price": "9.99"}
                for _ in range(LINES)
            ],
        }
        for n in range(ORDERS)
    )


def bare_insert(rows: list[tuple[Any, ...]], path: Path, batches: int) -> float:
    """Insert the same event rows into an empty table in as many commits; give the seconds."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    for statement in TABLES[:2]:
        connection.execute(statement)
    size = -(-len(rows) // batches)
    began = perf_counter()
    for start in range(0, len(rows), size):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO stored_events VALUES (?,?,?,?,?,?,?,?,?,?,?)", rows[start : start + size]
        )
        connection.execute("COMMIT")
    seconds = perf_counter() - began
    connection.close()
    return seconds


def measure(folder: Path, *, hot: bool) -> tuple[float, float, float]:
    """Give orders a second: submitted, sent again, and as bare rows."""
    path = folder / "ledger.db"
    with open_ledger(f"sqlite:///{path}") as ledger:
        for _ in submit(ledger, read_json_lines(setup())):
            pass
        before = ledger.head().position
        lines = orders(hot=hot, chance=random.Random(7))
        seconds = []
        for _ in range(2):
            lines.seek(0)
            began = perf_counter()
            for result in submit(ledger, read_json_lines(lines)):
                assert result.status in ("accepted", "duplicate"), result
            seconds.append(perf_counter() - began)
        with ledger.datastore.reading_models() as cursor:
            cursor.execute("SELECT * FROM stored_events WHERE position>?", [before])
            rows = [tuple(row) for row in cursor.fetchall()]
    bare = bare_insert(rows, folder / "bare.db", -(-ORDERS // LINES_AT_ONCE))
    return ORDERS / seconds[0], ORDERS / seconds[1], ORDERS / bare


def main() -> None:
    """Print the table."""
    print(f"{ORDERS:,} orders of {LINES} lines, {ITEMS:,} items, median of {ROUNDS}, orders/s")
    print(f"{'':10}{'submitted':>12}{'sent again':>12}{'bare rows':>12}{'ratio':>8}")
    for name, hot in (("uniform", False), ("hot", True)):
        rounds = []
        for _ in range(ROUNDS):
            with TemporaryDirectory() as folder:
                rounds.append(measure(Path(folder), hot=hot))
        submitted, again, bare = (median(column) for column in zip(*rounds, strict=True))
        print(f"{name:10}{submitted:12,.0f}{again:12,.0f}{bare:12,.0f}{submitted / bare:8.3f}")


if __name__ == "__main__":
    main()
