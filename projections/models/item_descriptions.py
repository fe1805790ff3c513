"""Read model of what describes items: at which positions of the log their events say what they are.

These are the events that are not about units: how an item is registered, where it is out of stock,
and its own settings. They are few, so a question about an earlier moment reads them alone, and the
units from rows; it does not fold all that ever happened to an item.
"""

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.configuration import SETTING_EVENTS
from stocktrail.ledger.stock.events import ProductRegistered, StockStatusChanged
from stocktrail.ledger.store.tables import Cursor, ReadModel, Table, TableSet
from stocktrail.projections.models.version import versioned

ITEM_DESCRIPTION = Table(
    versioned("item_description"), {"sku": "TEXT NOT NULL", "position": "BIGINT NOT NULL"},
    ("sku", "position"), only_grows=True,
)
MODEL = ReadModel("item_descriptions", (ITEM_DESCRIPTION,))

DESCRIBING: frozenset[type[Event]] = frozenset(
    (ProductRegistered, StockStatusChanged, *SETTING_EVENTS)
)
"""The events of an item that say what it is."""


class ItemDescriptions:
    """Collects where items are described, and writes it."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, int]] = []

    def record(self, sku: str, position: int) -> None:
        """Keep that an event describes an item."""
        self._rows.append((sku, position))

    def save(self, tables: TableSet, cursor: Cursor) -> None:
        """Write what was collected since the last time."""
        tables.table(ITEM_DESCRIPTION).put(cursor, self._rows)
        self._rows.clear()
