"""What a report about promises looks at: one moment, under one today.

Now it is the read models as they stand; at an earlier moment the items that the report touches, as
the log had made them by then (:mod:`stocktrail.projections.as_of`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import NamedTuple

from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store.tables import Cursor, Row, Table, TableSet
from stocktrail.projections.as_of import LedgerAsOf, LedgerAsRecorded, fill_scratch_tables
from stocktrail.projections.as_of.moment import today_at
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.models.orders import OrderView, load_orders
from stocktrail.projections.models.parked_items import parked_of
from stocktrail.projections.models.promise_changes import PROMISE_CHANGE, load_changes
from stocktrail.projections.models.promises_today import PromisesToday
from stocktrail.projections.models.purchase_orders import PurchaseOrderView, load_purchase_orders
from stocktrail.projections.models.setting_levels import load_settings
from stocktrail.projections.models.stock_levels import load_items
from stocktrail.projections.models.told_customers import load_tellings
from stocktrail.projections.read_models import Reading, ReadModels

Touched = Callable[[LedgerAsOf], Iterable[str]]
"""Names the items that a report touches, at a moment of the past."""


class MomentView(NamedTuple):
    """One consistent state of the read models, the settings that hold there, and what is today."""

    place: TableSet
    cursor: Cursor
    position: int
    settings: Settings
    promises: PromisesToday
    past: LedgerAsOf | None = None

    @property
    def today(self) -> date:
        """The day that is today for whoever asks."""
        return self.promises.today

    @property
    def live(self) -> Reading:
        """The current read models: what they keep of every position is read up to this one."""
        if self.past is not None:
            return self.past.now
        return Reading(self.place, self.cursor, self.position)

    def rows(self, table: Table, condition: str = "", **parameters: object) -> list[Row]:
        """Read the rows of a table that meet a condition."""
        return self.place.table(table).rows(self.cursor, condition, **parameters)

    def stocks(self, skus: Sequence[str]) -> dict[str, ProductStock]:
        """Return items with their stock; empty where they are not registered."""
        if self.past is not None:
            return self.past.stocks(skus)
        items = load_items(self.place, self.cursor, skus)
        return {sku: item.stock for sku, item in items.items()}

    def stock(self, sku: str) -> ProductStock:
        """Return one item with its stock; refuses one that is parked (``item_parked``)."""
        if parked := parked_of(self.place, self.cursor, [sku]).get(sku):
            raise parked.refusal()
        return self.stocks([sku])[sku]

    def orders(self, order_ids: Sequence[str]) -> dict[str, OrderView]:
        """Return orders with their lines; those that do not exist are left out."""
        if self.past is not None:
            return self.past.orders(order_ids)
        return load_orders(self.place, self.cursor, order_ids)

    def purchase_orders(self, names: Sequence[str]) -> dict[str, PurchaseOrderView]:
        """Return purchase orders with their lines; those that do not exist are left out."""
        if self.past is not None:
            return self.past.purchase_orders(names)
        return load_purchase_orders(self.place, self.cursor, names)

    def changes(self, order_id: str, line: int | None = None) -> list[Row]:
        """Read how the promises of an order, or of one line, changed so far, in order."""
        if self.past is None:
            return load_changes(self.place, self.cursor, order_id, line)
        rows = self.past.changes([order_id])
        return [row for row in rows if line in (None, row["line"])]

    def changes_of(self, order_ids: Sequence[str]) -> list[Row]:
        """Read how the promises of orders changed so far, the first change first."""
        if self.past is not None:
            return self.past.changes(order_ids)
        rows = self.place.table(PROMISE_CHANGE).rows_of(self.cursor, "order_id", order_ids)
        return sorted(rows, key=lambda row: (row["position"], row["order_id"], row["line"]))

    def tellings(self, order_ids: Sequence[str]) -> list[Row]:
        """Read what somebody told the customers of orders so far, the first telling first."""
        if self.past is None:
            return load_tellings(self.place, self.cursor, order_ids)
        return self.past.tellings(order_ids)


@contextmanager
def moment_view(
    models: ReadModels, as_of: int | None, today: date | None, touched: Touched, *,
    occurred_until: int | None = None, with_orders: bool = False, with_changes: bool = False,
    counts_every_line: bool = False,
) -> Iterator[MomentView]:
    """Look at the items that a report touches as of a moment, or now, under a today.

    ``occurred_until`` is an instant: then only what had happened by it counts, whenever it was
    recorded. Without a today it is the day of the moment, or the clock's. A report that
    ``counts_every_line`` looks at now as at a moment of the past where most lines have to be pegged
    again, because that pegs them all at once. Refuses a position that the log has not reached
    (``unknown_position``).
    """
    with open_as_of(models, as_of, occurred_until) as (reading, past):
        settings = load_settings(reading.place, reading.cursor) if past is None else past.settings
        # By occurred time the settings are those of then, but days are counted as they are now.
        zone = settings.time_zone if occurred_until is None else None
        day = today_at(models.ledger, as_of, occurred_until, zone=zone) if today is None else today
        if past is None:
            promises = PromisesToday(reading.place, reading.cursor, settings, day)
            if not (counts_every_line and promises.are_mostly_stale):
                yield MomentView(*reading, settings, promises)
                return
            past = LedgerAsRecorded(
                models.ledger, reading, reading.position, models.moments
            )
        past.today = day
        place = fill_scratch_tables(
            past, touched(past), day, with_orders=with_orders, with_changes=with_changes
        )
        with place.database.reading() as cursor:
            promises = PromisesToday(place, cursor, settings, day)
            yield MomentView(place, cursor, past.position, settings, promises, past)
