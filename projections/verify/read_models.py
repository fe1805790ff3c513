"""The read models of a verification: folded again in a scratch database, and compared by digest."""

from collections.abc import Mapping

from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.scratch import ScratchDatabase
from stocktrail.ledger.store.tables import Cursor, TableSet
from stocktrail.projections.folding.batches import Batch
from stocktrail.projections.folding.projector import READ_MODELS, Folding, Projector
from stocktrail.projections.folding.shadow_tables import (
    ReportProgress,
    create_tables,
    fold_into_shadow_tables,
)
from stocktrail.projections.folding.stock_side import StockProjector
from stocktrail.projections.verify.findings import Finding
from stocktrail.projections.verify.order_side import OrderSide
from stocktrail.projections.verify.streams import StreamFolds
from stocktrail.projections.verify.tables import digest_of, first_difference


class FoldedAgain:
    """Read models that follow from the log, folded while its streams are checked.

    With an ``order_side`` only that of stock is folded here, as long as no table of orders differs.
    """

    def __init__(
        self, ledger: Ledger, streams: StreamFolds, order_side: OrderSide | None
    ) -> None:
        self._ledger = ledger
        self._order_side = order_side
        self.tables: TableSet = TableSet(ScratchDatabase())
        with self.tables.database.writing() as scratch:
            create_tables(self.tables, scratch)
        projector = Projector(self.tables) if order_side is None else StockProjector(self.tables)
        self._both = _Both(streams, projector)

    def fold(self, after: int, stop: int, progress: ReportProgress | None) -> None:
        """Fold the log from one position to another."""
        fold_into_shadow_tables(self._ledger, self.tables, self._both, after, stop, progress)

    def compare(
        self, live: TableSet, cursor: Cursor, position: int
    ) -> tuple[dict[str, str], list[Finding]]:
        """Return the digests of the live tables, and the first difference of each."""
        digests: dict[str, str] = {}
        findings: list[Finding] = []
        elsewhere = self._digests_of_orders()
        with self.tables.database.reading() as scratch:
            for model in READ_MODELS:
                for table in model.tables:
                    known, expected = live.table(table), self.tables.table(table)
                    digests[table.name] = digest = digest_of(known, cursor)
                    if digest == (elsewhere.get(table.name) or digest_of(expected, scratch)):
                        continue
                    if table.name in elsewhere:
                        self._fold_orders()
                    difference = first_difference(model.name, known, cursor, expected, scratch)
                    if difference:
                        difference.details["position"] = position
                        findings.append(difference)
        return digests, findings

    def _digests_of_orders(self) -> Mapping[str, str]:
        """Return the digests that the second process found; none where this one folds orders."""
        if self._order_side is None:
            return {}
        found = self._order_side.digests()
        if not found:
            self._fold_orders()
        return found

    def _fold_orders(self) -> None:
        if self._order_side is not None:
            self._order_side.fold_into(self.tables)
            self._order_side = None


class _Both:
    """Folds batches into the streams, which are checked, and into read models."""

    def __init__(self, streams: StreamFolds, projector: Folding) -> None:
        self._streams = streams
        self._projector = projector
        self.models = projector.models
        self.save = projector.save

    def fold(self, cursor: Cursor, batch: Batch) -> None:
        """Fold one batch."""
        for together in batch:
            self._streams.fold(together)
        self._projector.fold(cursor, batch)
