"""Read model of shipments and receipts: which order or purchase order each belongs to, and where.

Their numbers stand on parcels and delivery notes, so people ask by them. Each row names the event
that recorded it: what was in it is read from the log there. Two orders may use the same number.
"""

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.orders.events import OrderShipped
from stocktrail.ledger.purchase_orders.events import PurchaseOrderReceived
from stocktrail.ledger.store.tables import Cursor, ReadModel, Table, TableSet, Values
from stocktrail.projections.models.version import versioned

SHIPMENT = Table(
    versioned("shipment"),
    {"shipment": "TEXT NOT NULL", "order_id": "TEXT NOT NULL", "position": "BIGINT NOT NULL"},
    ("shipment", "order_id", "position"),
    only_grows=True,
)
RECEIPT = Table(
    versioned("receipt"),
    {"receipt": "TEXT NOT NULL", "purchase_order": "TEXT NOT NULL", "position": "BIGINT NOT NULL"},
    ("receipt", "purchase_order", "position"),
    only_grows=True,
)
MODEL = ReadModel("shipments_and_receipts", (SHIPMENT, RECEIPT))


class ShipmentsAndReceipts:
    """Collects the numbers of shipments and receipts as they are recorded, and writes them."""

    def __init__(self) -> None:
        self._shipments: list[Values] = []
        self._receipts: list[Values] = []

    def record(self, recorded: RecordedEvent) -> None:
        """Keep the number that an event carries, if it is of a shipment or of a receipt."""
        event = recorded.payload
        if type(event) is OrderShipped:
            self._shipments.append((event.shipment, event.order, recorded.position))
        elif type(event) is PurchaseOrderReceived:
            self._receipts.append((event.receipt, event.purchase_order, recorded.position))

    def save(self, tables: TableSet, cursor: Cursor) -> None:
        """Write what was collected since the last time."""
        tables.table(SHIPMENT).put(cursor, self._shipments)
        tables.table(RECEIPT).put(cursor, self._receipts)
        self._shipments.clear()
        self._receipts.clear()
