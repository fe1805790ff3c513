"""The units of orders that can ship at a moment, as ``ship-order`` would find them.

Of a line that waits for stock those are the units that are allocated to it; of one that was
accepted while stock was not managed, or whose item is not managed, all that remain.
"""

from collections.abc import Mapping, Sequence

from stocktrail.ledger.settings import Settings
from stocktrail.projections.as_of import LedgerAsOf
from stocktrail.projections.models.item_names import ITEM_NAME
from stocktrail.projections.models.item_switches import NEVER_SWITCHED, switches_at
from stocktrail.projections.models.orders import OrderView, load_orders
from stocktrail.projections.models.setting_levels import load_settings
from stocktrail.projections.read_models import Reading


class ReadyLines:
    """Knows of orders, now or as of a moment, what of them can ship."""

    def __init__(self, reading: Reading, past: LedgerAsOf | None) -> None:
        self._tables, self._cursor, now = reading
        self._past = past
        self.position: int = now if past is None else past.position
        self.settings: Settings = (
            load_settings(self._tables, self._cursor) if past is None else past.settings
        )
        self._manages: dict[str, bool] = {}

    def orders(self, order_ids: Sequence[str]) -> dict[str, OrderView]:
        """Return orders with their lines; those that do not exist are left out."""
        if self._past is None:
            found = load_orders(self._tables, self._cursor, order_ids)
        else:
            found = self._past.orders(order_ids)
        self._know({
            line.sku for view in found.values() for line in view.lines.values() if line.managed
        } - self._manages.keys())
        return found

    def _know(self, skus: set[str]) -> None:
        switched = switches_at(self._tables, self._cursor, sorted(skus), self.position)
        self._manages |= {
            sku: self.settings.manages(switched.get(sku, NEVER_SWITCHED).manage) for sku in skus
        }

    def waits(self, view: OrderView, number: int) -> bool:
        """Return whether only what is allocated of a line can ship."""
        line = view.lines[number]
        return line.managed and self._manages[line.sku]

    def units(self, view: OrderView) -> dict[int, int]:
        """Return how many units of each line can ship, in ten-thousandths."""
        return {
            number: line.allocated if self.waits(view, number) else line.remaining
            for number, line in view.lines.items()
        }

    def ships(self, view: OrderView) -> bool:
        """Return whether anything of an order can ship: of one that ships only whole, all of it."""
        units = self.units(view)
        if view.ship_policy == "partial":
            return any(units.values())
        remaining = {number: line.remaining for number, line in view.lines.items()}
        return any(remaining.values()) and units == remaining

    def names(self, skus: Sequence[str]) -> Mapping[str, str | None]:
        """Return the names that items had at the moment."""
        latest: dict[str, tuple[int, str | None]] = dict.fromkeys(skus, (0, None))
        for row in self._tables.table(ITEM_NAME).rows_of(self._cursor, "sku", skus):
            if latest[row["sku"]][0] < row["position"] <= self.position:
                latest[row["sku"]] = (row["position"], row["name"])
        return {sku: name for sku, (_, name) in latest.items()}
