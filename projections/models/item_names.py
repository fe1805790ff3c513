"""Read model of the names of items, each from where on in the log it held.

The first one stands at the position from which on an item is known. So a question about an earlier
moment finds out which items there were, and what they were called, without folding any.
"""

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.stock.events import ProductRegistered
from stocktrail.ledger.store.tables import Cursor, ReadModel, Table, TableSet, Values
from stocktrail.projections.models.version import versioned

ITEM_NAME = Table(
    versioned("item_name"),
    {"sku": "TEXT NOT NULL", "position": "BIGINT NOT NULL", "name": "TEXT"},
    ("sku", "position"),
    only_grows=True,
)
MODEL = ReadModel("item_names", (ITEM_NAME,))


def skus_known(
    tables: TableSet, cursor: Cursor, position: int, after: str, limit: int
) -> list[str]:
    """Read the next page of items that were known at a position, in the order of their SKUs."""
    cursor.execute(
        f"SELECT DISTINCT sku FROM {tables.table(ITEM_NAME).name} WHERE sku > :after "
        "AND position <= :position ORDER BY sku LIMIT :limit",
        {"after": after, "position": position, "limit": limit},
    )
    return [row["sku"] for row in cursor.fetchall()]


class ItemNames:
    """Collects the names of items as they are given, and writes them."""

    def __init__(self) -> None:
        self._rows: list[Values] = []

    def record(self, sku: str, recorded: RecordedEvent, before: str | None) -> None:
        """Keep the name that an event gives to an item, unless it had it ``before``."""
        event = recorded.payload
        name = event.name if isinstance(event, ProductRegistered) else before
        if recorded.originator_version == 1 or name != before:
            self._rows.append((sku, recorded.position, name))

    def save(self, tables: TableSet, cursor: Cursor) -> None:
        """Write what was collected since the last time."""
        tables.table(ITEM_NAME).put(cursor, self._rows)
        self._rows.clear()
