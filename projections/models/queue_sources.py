"""The units of an item by source, and where it is out of stock, as pegging needs them.

The read model of stock levels has the same and more. Another process may fold that one, so promises
keep a copy.
"""

from collections.abc import Iterable
from typing import Self

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.pegging import Blocked, why_blocked
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.events import StockStatusChanged
from stocktrail.ledger.store.tables import Row, Table, Values
from stocktrail.projections.models.changes import Changes
from stocktrail.projections.models.version import versioned

QUEUE_SOURCE = Table(
    versioned("queue_source"),
    {
        "sku": "TEXT NOT NULL", "source": "TEXT NOT NULL", "on_hand": "BIGINT NOT NULL",
        "is_out_of_stock": "BIGINT NOT NULL",
    },
    ("sku", "source"),
)


class QueueSources:
    """The units of one item by source, and the sources at which it is set out of stock."""

    __slots__ = ("on_hand", "out_of_stock")

    def __init__(
        self, on_hand: dict[str, int] | None = None, out_of_stock: Iterable[str] = ()
    ) -> None:
        self.on_hand: dict[str, int] = {} if on_hand is None else on_hand
        self.out_of_stock: set[str] = set(out_of_stock)

    def fold(self, event: Event, changes: Changes) -> list[str]:
        """Fold one event of the item, and return the sources where it changed anything."""
        touched = []
        for source, quantity in changes.on_hand:
            self.on_hand[source] = self.on_hand.get(source, 0) + quantity
            touched.append(source)
        if type(event) is StockStatusChanged:
            if event.status == "out_of_stock":
                self.out_of_stock.add(event.source)
            else:
                self.out_of_stock.discard(event.source)
            touched.append(event.source)
        return touched

    def sellable(self, settings: Settings) -> dict[str, int]:
        """Count the units that may be sold, by source."""
        return settings.sellable(self.on_hand, self.out_of_stock)

    def why_blocked(self, source: str, settings: Settings) -> Blocked | None:
        """Return why units that come to a source cannot be sold, or ``None``."""
        return why_blocked(
            source, disabled=settings.disabled, out_of_stock=self.out_of_stock,
            sources_of=settings.pools,
        )

    def copy(self) -> Self:
        """Return a copy, on which changes can be tried."""
        return type(self)(dict(self.on_hand), self.out_of_stock)

    def row(self, sku: str, source: str) -> Values:
        """Return one source as its row."""
        return (sku, source, self.on_hand.get(source, 0), int(source in self.out_of_stock))

    def rows(self, sku: str) -> list[Values]:
        """Return every source as its row."""
        return [self.row(sku, source) for source in self.on_hand.keys() | self.out_of_stock]

    def read(self, row: Row) -> None:
        """Read one source from its row."""
        self.on_hand[row["source"]] = row["on_hand"]
        if row["is_out_of_stock"]:
            self.out_of_stock.add(row["source"])
