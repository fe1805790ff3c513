"""What the ledger knows of what a file names: orders, items and customers at its head."""

from collections.abc import Iterable
from typing import cast

from stocktrail.ledger.base.aggregate import Aggregate
from stocktrail.ledger.customer import Customer
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.settings import SETTINGS_KEY, Settings
from stocktrail.ledger.spelling import spellings
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.aggregates_at import aggregates_at


class Known:
    """Aggregates as they stand at the ledger's head; each is read once."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._position = ledger.head().position
        self._found: dict[str, Aggregate] = {}

    def load(self, kind: type[Aggregate], keys: Iterable[str]) -> None:
        """Read aggregates that will be asked for, all at once."""
        streams = {kind.stream_of(text) for key in keys for text in spellings(key)}
        missing = sorted(streams - self._found.keys())
        if missing and self._position:
            self._found.update(aggregates_at(self.ledger, missing, self._position))

    def order(self, key: str) -> Order | None:
        """Return an order, ``None`` for one that nobody placed."""
        return cast("Order | None", self._of(Order, key))

    def purchase_order(self, key: str) -> PurchaseOrder | None:
        """Return a purchase order, ``None`` for one that nobody placed."""
        return cast("PurchaseOrder | None", self._of(PurchaseOrder, key))

    def item(self, sku: str) -> ProductStock | None:
        """Return the stock of an item, ``None`` for one that is not registered."""
        found = cast("ProductStock | None", self._of(ProductStock, sku))
        return found if found is not None and found.exists else None

    def has_customer(self, customer: str) -> bool:
        """Return whether somebody was registered under an id: who was erased since stays so."""
        return self._of(Customer, customer) is not None

    def settings(self) -> Settings:
        """Return the settings, the sources and the pools."""
        return cast("Settings | None", self._of(Settings, SETTINGS_KEY)) or Settings()

    def _of(self, kind: type[Aggregate], key: str) -> Aggregate | None:
        self.load(kind, [key])
        for text in spellings(key):
            found = self._found.get(kind.stream_of(text))
            if found is not None and found.version:
                return found
        return None
