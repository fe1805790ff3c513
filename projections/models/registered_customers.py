"""Read model of the customers who were registered, each with the name as ciphertext.

The name can be read only with the customer's key, which is kept elsewhere: when the customer is
erased the key is destroyed, and nothing that was folded or backed up can be read any more. So this
model may be kept beside the log, and whoever may see who somebody is finds them by name.
"""

from collections.abc import Iterator

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.customer import CustomerErased, CustomerRegistered
from stocktrail.ledger.store.tables import Cursor, ReadModel, Row, Table, TableSet
from stocktrail.projections.models.version import versioned

REGISTERED_CUSTOMER = Table(
    versioned("registered_customer"),
    {"customer": "TEXT NOT NULL", "position": "BIGINT NOT NULL", "sealed_name": "TEXT"},
    ("customer",),
)
"""``position`` is that of the first registration."""

MODEL = ReadModel("registered_customers", (REGISTERED_CUSTOMER,))


def latest_with_name(tables: TableSet, cursor: Cursor, until: int, limit: int) -> list[Row]:
    """Read the customers who have a name, those first that were registered last."""
    return tables.table(REGISTERED_CUSTOMER).rows(
        cursor, "WHERE sealed_name IS NOT NULL AND position <= :until "
        "ORDER BY position DESC LIMIT :limit", until=until, limit=limit,
    )


class RegisteredCustomers:
    """Collects who was registered or erased, and writes it."""

    def __init__(self) -> None:
        self._sealed: dict[str, tuple[int, str | None]] = {}

    def record(self, recorded: RecordedEvent) -> None:
        """Keep the sealed name that an event gives or takes away."""
        event = recorded.payload
        if isinstance(event, (CustomerRegistered, CustomerErased)):
            first, _ = self._sealed.get(event.customer, (recorded.position, None))
            name = event.name if isinstance(event, CustomerRegistered) else None
            self._sealed[event.customer] = first, name

    def save(self, tables: TableSet, cursor: Cursor) -> None:
        """Write what was collected since the last time; an earlier position stays."""
        tables.table(REGISTERED_CUSTOMER).put_columns(
            cursor, self._rows(), ("sealed_name",)
        )
        self._sealed.clear()

    def _rows(self) -> Iterator[tuple[str, int, str | None]]:
        for customer, (position, name) in self._sealed.items():
            yield customer, position, name
