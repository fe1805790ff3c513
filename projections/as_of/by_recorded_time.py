"""The ledger by transaction time: what it knew at a position of the log."""

from collections.abc import Iterable, Sequence
from typing import cast

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.as_of.ledger_as_of import LedgerAsOf
from stocktrail.projections.folded_settings import folded_settings
from stocktrail.projections.models.open_spans import open_at


class LedgerAsRecorded(LedgerAsOf):
    """The ledger with everything recorded up to a position, and nothing later."""

    def events(self, streams: Sequence[str]) -> Iterable[RecordedEvent]:
        """Return the events of streams up to the position."""
        return self.ledger.read_streams(streams, until=self.position)

    def fold_stock(self, sku: str) -> ProductStock:
        """Fold an item, from the newest snapshot before the position."""
        found = self.ledger.aggregate(ProductStock.stream_of(sku), self.position)
        return cast(ProductStock, found)

    def fold_settings(self) -> Settings:
        """Fold the settings, from the newest snapshot before the position."""
        return folded_settings(self.ledger, self.position)

    def spans(
        self, kind: str, *, end: str = "", **wanted: str | int
    ) -> list[Row]:
        """Return the lines that were open at the position."""
        tables, cursor, _ = self.now
        return open_at(tables, cursor, kind, self.position, end=end, **wanted)

    def changes(self, order_ids: Sequence[str]) -> list[Row]:
        """Return the changes of promises up to the position."""
        return self._all_changes(order_ids)
