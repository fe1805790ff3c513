"""What a report about promises looks at: one moment, under one today.

Now it is the read models as they stand; at an earlier moment the items that the report touches, as
the log had made them by then (:mod:`stocktrail.projections.as_of`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import NamedTuple

from stocktrail.ledger.settings import Settings
from stocktrail.ledger.store.tables import Cursor, Row, Table, TableSet
from stocktrail.projections.as_of import LedgerAsOf, fill_scratch_tables
from stocktrail.projections.as_of.moment import today_at
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.models.orders import OrderView, load_orders
from stocktrail.projections.models.promise_changes import load_changes
from stocktrail.projections.models.promises_today import PromisesToday
from stocktrail.projections.models.purchase_orders import PurchaseOrderView, load_purchase_orders
from stocktrail.projections.models.setting_levels import load_settings
from stocktrail.projections.read_models import ReadModels

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

    def rows(self, table: Table, condition: str = "", **parameters: object) -> list[Row]:
        """Read the rows of a table that meet a condition."""
        return self.place.table(table).rows(self.cursor, condition, **parameters)

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


@contextmanager
def moment_view(
    models: ReadModels, as_of: int | None, today: date | None, touched: Touched, *,
    occurred_until: int | None = None, with_orders: bool = False,
) -> Iterator[MomentView]:
    """Look at the items that a report touches as of a moment, or now, under a today.

    ``occurred_until`` is an instant: then only what had happened by it counts, whenever it was
    recorded. Without a today it is the day of the moment, or the clock's. Refuses a position that
    the log has not reached (``unknown_position``).
    """
    with open_as_of(models, as_of, occurred_until) as (reading, past):
        settings = load_settings(reading.place, reading.cursor) if past is None else past.settings
        # By occurred time the settings are those of then, but days are counted as they are now.
        zone = settings.time_zone if occurred_until is None else None
        day = today_at(models.ledger, as_of, occurred_until, zone=zone) if today is None else today
        if past is None:
            promises = PromisesToday(reading.place, reading.cursor, settings, day)
            yield MomentView(*reading, settings, promises)
            return
        place = fill_scratch_tables(past, touched(past), day, with_orders=with_orders)
        with place.database.reading() as cursor:
            promises = PromisesToday(place, cursor, settings, day)
            yield MomentView(place, cursor, past.position, settings, promises, past)
