"""A ledger in memory: complete, fast and private to its process; for tests of what embeds one.

It is SQLite too, with one cache that all connections share: readers and writers take turns, and
nothing is synced to a disk, because nothing is to outlive the process.
"""

import sqlite3
from uuid import uuid4

from stocktrail.ledger.store.application import Ledger
from stocktrail.ledger.store.engine.aggregate_cache import DEFAULT_CAPACITY
from stocktrail.ledger.store.engine.decided import Clock, system_clock
from stocktrail.ledger.store.sqlite.recorder import SQLiteFactory


class InMemoryLedger(Ledger):
    """A ledger that no other process can open, and that is gone when it is closed.

    Use :func:`open_in_memory`.
    """

    def __init__(self, *, clock: Clock, capacity: int) -> None:
        name = f"file:stocktrail-{uuid4().hex}?mode=memory&cache=shared"
        # SQLite drops the database with its last connection, and the pool closes one that failed.
        self._keeps_alive = sqlite3.connect(name, uri=True, check_same_thread=False)
        super().__init__(
            "sqlite:///:memory:", {SQLiteFactory.SQLITE_DBNAME: name}, where=":memory:",
            read_only=False, clock=clock, capacity=capacity,
        )

    def close(self) -> None:
        """Close every connection; what was recorded is gone."""
        super().close()
        self._keeps_alive.close()


def open_in_memory(
    *, clock: Clock = system_clock, capacity: int = DEFAULT_CAPACITY
) -> InMemoryLedger:
    """Open an empty ledger in memory; each call opens another one."""
    return InMemoryLedger(clock=clock, capacity=capacity)
