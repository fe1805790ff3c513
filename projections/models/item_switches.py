"""Read model of item switches: when an item was set out of stock at a source, or not managed.

Both are set by hand and seldom, and decide which receipts help the lines of an item. So a question
about an earlier moment reads how an item was switched there, without folding its stream.
"""

from collections.abc import Sequence
from typing import NamedTuple

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.configuration import ManageStockChanged
from stocktrail.ledger.stock.events import StockStatusChanged
from stocktrail.ledger.store.tables import Cursor, Table, TableSet, Values
from stocktrail.projections.models.version import versioned

ITEM_SWITCH = Table(
    versioned("item_switch"),
    {
        "sku": "TEXT NOT NULL", "source": "TEXT NOT NULL", "position": "BIGINT NOT NULL",
        "value": "TEXT NOT NULL",
    },
    ("sku", "source", "position"),
    only_grows=True,
)
"""The status of an item at a source; without a source, its own setting for managing stock."""


SWITCHING = frozenset((StockStatusChanged, ManageStockChanged))
"""The events that switch an item."""


class Switches(NamedTuple):
    """How an item was switched: the sources where it was out of stock, and how it was managed."""

    out_of_stock: frozenset[str] = frozenset()
    manage: str | None = None


NEVER_SWITCHED = Switches()


def switches_at(
    tables: TableSet, cursor: Cursor, skus: Sequence[str], position: int
) -> dict[str, Switches]:
    """Return how items were switched at a position; those that never were are left out."""
    latest: dict[tuple[str, str], tuple[int, str]] = {}
    for row in tables.table(ITEM_SWITCH).rows_of(cursor, "sku", skus):
        key = (row["sku"], row["source"])
        if row["position"] <= position:
            latest[key] = max(latest.get(key, (0, "")), (row["position"], row["value"]))
    found: dict[str, Switches] = {}
    for (sku, source), (_, value) in latest.items():
        before = found.get(sku, NEVER_SWITCHED)
        if not source:
            found[sku] = before._replace(manage=value or None)
        elif value == "out_of_stock":
            found[sku] = before._replace(out_of_stock=before.out_of_stock | {source})
        else:
            found[sku] = before
    return found


class ItemSwitches:
    """Collects how items are switched, and writes it."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, int], Values] = {}

    def record(self, sku: str, event: Event, position: int) -> None:
        """Keep what an event switches."""
        if isinstance(event, StockStatusChanged):
            key, value = (sku, event.source, position), str(event.status)
        else:
            assert isinstance(event, ManageStockChanged)
            key, value = (sku, "", position), event.manage or ""
        self._rows[key] = (*key, value)

    def save(self, tables: TableSet, cursor: Cursor) -> None:
        """Write what was switched since the last time."""
        tables.table(ITEM_SWITCH).put(cursor, self._rows.values())
        self._rows.clear()
