"""Salable quantities back to the shop: what events changed is asked once and written once.

The position in the log and the items that have yet to be written are kept in one transaction. An
item stays until the shop has taken its quantity, so a crash or a busy shop loses nothing; whatever
happens to it meanwhile makes no further request.
"""

import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from examples.storefront.ledger import LedgerClient, Salable
from examples.storefront.web import TryLater
from stocktrail.feeds.client import Batch

LOG = logging.getLogger(__name__)
TABLES = """
CREATE TABLE IF NOT EXISTS checkpoint (
    id INTEGER PRIMARY KEY CHECK (id = 1), position INTEGER NOT NULL
);
INSERT OR IGNORE INTO checkpoint VALUES (1, 0);
CREATE TABLE IF NOT EXISTS to_write (sku TEXT PRIMARY KEY);
"""
AT_ONCE = 50


class StockTarget(Protocol):
    """Where quantities are written to."""

    def write(self, quantities: Sequence[Salable]) -> dict[str, str]:
        """Set quantities that differ; return the items that were not set, each with the reason.

        Raises :class:`~examples.storefront.web.TryLater` when nothing, or not all, was written.
        """


class WriteBack:
    """Follows the log of the ledger, and writes what it changed to a shop."""

    def __init__(
        self, file: str, ledger: LedgerClient, shop: StockTarget, pool: str = "default",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._own = sqlite3.connect(file, timeout=30)
        self._own.executescript(TABLES)
        self._ledger, self._shop, self._pool, self._clock = ledger, shop, pool, clock
        self._not_before = 0.0

    def close(self) -> None:
        """Close the file."""
        self._own.close()

    @property
    def position(self) -> int:
        """Return the position that was come to."""
        (position,) = self._own.execute("SELECT position FROM checkpoint").fetchone()
        return int(position)

    def begin(self, head: int) -> None:
        """Begin at a position, with all items to be written: what led there need not be read."""
        with self._own:
            self._mark(self._ledger.items(self._pool))
            self._own.execute("UPDATE checkpoint SET position = ?", (head,))

    def take(self, batch: Batch) -> None:
        """Note which items a batch of events concerns: all, when a general setting changed."""
        concerned: set[str] = set()
        for event in batch.events:
            concerned.update(self._items_of(event))
        with self._own:
            self._mark(sorted(concerned))
            self._own.execute("UPDATE checkpoint SET position = max(position, ?)",
                              (batch.position,))

    def _mark(self, skus: Iterable[str]) -> None:
        self._own.executemany("INSERT OR IGNORE INTO to_write VALUES (?)",
                              [(sku,) for sku in skus])

    def _items_of(self, event: dict[str, Any]) -> Iterable[str]:
        kind, _, key = str(event["subject"]).partition("/")
        if kind == "stock":
            return [key]
        if kind == "settings":
            sku = event["data"].get("sku")
            return [sku] if sku else self._ledger.items(self._pool)
        return []

    def write(self) -> float | None:
        """Write what is marked; return after how many seconds to come back, if anything is left.

        What is asked of the ledger is at least as new as the events that were taken.
        """
        if self._clock() < self._not_before:
            return self._not_before - self._clock()
        at_least = self.position
        while skus := self._marked():
            try:
                found = [self._ledger.salable(sku, self._pool, at_least) for sku in skus]
                failed = self._shop.write([each for each in found if each is not None])
            except TryLater as error:
                LOG.warning("Tried again in %g s: %s", error.seconds, error.why)
                self._not_before = self._clock() + error.seconds
                return error.seconds
            for sku, why in failed.items():
                LOG.warning("%s was not written: %s", sku, why)
            with self._own:
                self._own.executemany("DELETE FROM to_write WHERE sku = ?",
                                      [(sku,) for sku in skus])
        return None

    def _marked(self) -> list[str]:
        return [sku for (sku,) in self._own.execute(
            "SELECT sku FROM to_write ORDER BY rowid LIMIT ?", (AT_ONCE,)
        )]
