"""What had happened, the slow way: every line there ever was, and whole streams of all items."""

from collections.abc import Mapping, Sequence

from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.as_of import LedgerAsOccurred
from stocktrail.projections.models.open_spans import NOTHING, OPEN_SPAN


class SlowLedgerAsOccurred(LedgerAsOccurred):
    """The ledger by valid time, which takes nothing for recorded in the order it happened in."""

    def fold_stock(self, sku: str) -> ProductStock:
        """Add up all that had happened to an item."""
        return self.add_up(sku)

    def spans(
        self, kind: str, *, skus: Sequence[str] | None = None, party: str | None = None,
        end: str = "", after: Mapping[str, str | int] = NOTHING,
    ) -> list[Row]:
        """Return every line there ever was."""
        table = self.now.place.table(OPEN_SPAN)
        return [
            row for row in table.rows(self.now.cursor, "WHERE kind = :kind", kind=kind)
            if (skus is None or row["sku"] in skus) and party in (None, row["party"])
        ]

    def _happened_late(self, skus: Sequence[str]) -> set[str]:
        return set(skus)
