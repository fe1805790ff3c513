"""What an adapter remembers in its own SQLite file: orders that were told, and what is recorded."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from threading import Lock

from examples.storefront.translation import KnownLine, NotKnownYet

TABLES = """
CREATE TABLE IF NOT EXISTS order_line (
    order_id TEXT, line_id TEXT, number INTEGER NOT NULL, sku TEXT NOT NULL,
    PRIMARY KEY (order_id, line_id)
);
CREATE TABLE IF NOT EXISTS shipped_line (
    order_id TEXT, line_id TEXT, shipment TEXT, units REAL NOT NULL,
    PRIMARY KEY (order_id, line_id, shipment)
);
CREATE TABLE IF NOT EXISTS remembered (what TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Memory:
    """Orders by the platform's ids, and the commands that the ledger has recorded.

    If the file is lost, webhooks tell the orders again, and the ledger knows what it has recorded.
    """

    def __init__(self, file: str) -> None:
        if file != ":memory:":
            Path(file).touch(mode=0o600)       # what waits in it names customers
        self._own = sqlite3.connect(file, timeout=30, check_same_thread=False)
        self._own.executescript(TABLES)
        self._lock = Lock()

    def close(self) -> None:
        """Close the file."""
        self._own.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._own:
            yield self._own

    def lines(self, order_id: str, offered: Mapping[str, str]) -> dict[str, KnownLine]:
        """Return the lines of an order by their ids; those offered first are remembered."""
        with self._transaction() as own:
            if not own.execute("SELECT 1 FROM order_line WHERE order_id = ?",
                               (order_id,)).fetchone():
                own.executemany("INSERT INTO order_line VALUES (?, ?, ?, ?)", [
                    (order_id, line, number, sku)
                    for number, (line, sku) in enumerate(offered.items(), start=1)
                ])
            return {line: KnownLine(number, sku) for line, number, sku in own.execute(
                "SELECT line_id, number, sku FROM order_line WHERE order_id = ? ORDER BY number",
                (order_id,),
            )}

    def ordered(self, order_id: str, line_id: str, units: Decimal) -> Decimal:
        """Return how many units of a line were ordered when they were first told."""
        return Decimal(self._recall(f"ordered {order_id} {line_id}", str(units)) or units)

    def ship(self, order_id: str, line_id: str, shipment: str, units: float) -> None:
        """Remember that a shipment took units of a line."""
        with self._transaction() as own:
            own.execute("INSERT OR IGNORE INTO shipped_line VALUES (?, ?, ?, ?)",
                        (order_id, line_id, shipment, units))

    def shipped(self, order_id: str, line_id: str) -> float:
        """Return how many units of a line were shipped, as far as was told."""
        with self._transaction() as own:
            (units,) = own.execute(
                "SELECT coalesce(sum(units), 0) FROM shipped_line "
                "WHERE order_id = ? AND line_id = ?", (order_id, line_id),
            ).fetchone()
            return float(units)

    def name(self, order_id: str, offered: str | None = None) -> str:
        """Return what the ledger calls an order. Raises :class:`NotKnownYet`."""
        found = self._recall(f"name {order_id}", offered)
        if found is None:
            raise NotKnownYet(f"order {order_id} has not been told yet")
        return found

    def is_newer(self, thing: str, moment: str) -> bool:
        """Return whether nothing later than this was told of a thing, and remember it."""
        with self._transaction() as own:
            own.execute(
                "INSERT INTO remembered VALUES (?, ?) "
                "ON CONFLICT DO UPDATE SET value = max(value, excluded.value)",
                (f"changed {thing}", moment),
            )
            (latest,) = own.execute(
                "SELECT value FROM remembered WHERE what = ?", (f"changed {thing}",)
            ).fetchone()
            return bool(latest == moment)

    def cancel(self, order_id: str) -> None:
        """Remember that an order was cancelled."""
        self._recall(f"cancelled {order_id}", "yes")

    def is_cancelled(self, order_id: str) -> bool:
        """Return whether an order was cancelled."""
        return self._recall(f"cancelled {order_id}", None) is not None

    def keep_recorded(self, step_id: str) -> None:
        """Remember that the ledger has recorded a command, so that it is not sent again."""
        self._recall(f"recorded {step_id}", "yes")

    def was_recorded(self, step_id: str) -> bool:
        """Return whether the ledger has recorded a command."""
        return self._recall(f"recorded {step_id}", None) is not None

    def _recall(self, what: str, offered: str | None) -> str | None:
        with self._transaction() as own:
            if offered is not None:
                own.execute("INSERT OR IGNORE INTO remembered VALUES (?, ?)", (what, offered))
            row = own.execute("SELECT value FROM remembered WHERE what = ?", (what,)).fetchone()
            return None if row is None else str(row[0])
