"""The projector: folds what was recorded into every read model.

All read models are at the same position, so that a question may join them. What they hold depends
on the log alone, never on how it was divided into batches: a command, or a group of them that was
recorded together, is always folded as a whole, and what is judged at its end sees nothing later.
"""

from typing import Protocol

from stocktrail.ledger.store.tables import Cursor, ReadModel, Row, TableSet
from stocktrail.projections.folding.batches import Batch
from stocktrail.projections.folding.order_side import OrderProjector
from stocktrail.projections.folding.stock_side import StockProjector
from stocktrail.projections.models import (
    backlog_days,
    event_index,
    item_descriptions,
    item_names,
    late_events,
    low_stock,
    open_spans,
    orders,
    parked_items,
    promises,
    purchase_orders,
    registered_customers,
    setting_levels,
    shipments_and_receipts,
    stock_history,
    stock_levels,
)
from stocktrail.projections.models.promised_lines import PromisedLine

READ_MODELS: tuple[ReadModel, ...] = (
    setting_levels.MODEL, stock_levels.MODEL, low_stock.MODEL, orders.MODEL, stock_history.MODEL,
    purchase_orders.MODEL, promises.MODEL, open_spans.MODEL, item_names.MODEL, parked_items.MODEL,
    backlog_days.MODEL, event_index.MODEL, late_events.MODEL, item_descriptions.MODEL,
    shipments_and_receipts.MODEL, registered_customers.MODEL,
)
"""Every read model there is."""


class Folding(Protocol):
    """What folds the log into read models: all of them, or one side.

    It writes the tables of its ``models``.
    """

    models: tuple[ReadModel, ...]

    def fold(self, cursor: Cursor, batch: Batch) -> None:
        """Fold one batch, reading what it needs and is not in memory."""

    def save(self, cursor: Cursor) -> None:
        """Write what was touched since the last time."""


class Projector:
    """Folds batches of commands into the read models in one set of tables.

    Nothing is written until :meth:`save`; the caller records the position in the same transaction.
    Save before and after a batch that may reach every item: the tables say whom it concerns.
    """

    models: tuple[ReadModel, ...] = READ_MODELS

    def __init__(self, tables: TableSet) -> None:
        self._orders = OrderProjector(tables)
        self._stock = StockProjector(tables)

    def fold(self, cursor: Cursor, batch: Batch) -> None:
        """Fold one batch, reading what it needs and is not in memory."""
        self._orders.fold(cursor, batch)
        self._stock.fold(cursor, batch)

    def save(self, cursor: Cursor) -> None:
        """Write what was touched since the last time."""
        self._stock.save(cursor)
        self._orders.save(cursor)

    @property
    def promise_changes(self) -> list[tuple[PromisedLine, Row]]:
        """The changes of promises that are folded and not saved yet, each with its line before."""
        return self._orders.promise_changes
