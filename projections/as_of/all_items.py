"""All items as of a position, from rows: what there was, what was low, waited and was to come.

Whoever lists items as of an earlier moment has to know something of every one of them, to find,
count and sort them; to fold them took 10 to 56 s at a million events. But the read models hold
what was true then: the stock history the units at sources and those available in pools after each
movement, their names, the lines that were open and how they stood, the notices what was low. One
look-up an item answers what is asked of all of them (2.8 us, 2026-11-30); open lines are few.

This is by transaction time only: ``LedgerAsRecorded``. Quantities are in ten-thousandths.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

from stocktrail.ledger.pegging import OpenReceipt
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.as_of.by_recorded_time import LedgerAsRecorded
from stocktrail.projections.as_of.every_promise import EveryPromise
from stocktrail.projections.models.item_descriptions import ITEM_DESCRIPTION
from stocktrail.projections.models.item_names import ITEM_NAME
from stocktrail.projections.models.item_switches import NEVER_SWITCHED, switches_at
from stocktrail.projections.models.low_stock import NOTICE
from stocktrail.projections.models.open_spans import open_then
from stocktrail.projections.models.parked_items import PARKED_ITEM, Parked, parked_items
from stocktrail.projections.models.stock_history import latest_units
from stocktrail.projections.models.stock_levels import SOURCE_ITEM

_NAMES = (
    "SELECT given.sku AS sku, given.name AS name FROM {names} AS given "
    "WHERE given.position <= :position AND NOT EXISTS ("
    "SELECT 1 FROM {names} AS later WHERE later.sku = given.sku "
    "AND later.position > given.position AND later.position <= :position) "
    "AND given.sku NOT IN (SELECT sku FROM {parked} WHERE position <= :position)"
)
_LATEST = (
    "SELECT item.sku AS sku, {units} AS units "
    "FROM (SELECT DISTINCT sku FROM {names} WHERE position <= :position) AS item"
)


class AllItems:
    """What was true of all items at the position of a moment, by item or as sets of items."""

    def __init__(self, moment: LedgerAsRecorded) -> None:
        self._moment = moment
        self._tables, self._cursor, _ = moment.now
        self.position: int = moment.position

    def _rows(self, statement: str, **parameters: Any) -> list[Row]:
        self._cursor.execute(statement, {"position": self.position, **parameters})
        return list(map(dict, self._cursor.fetchall()))

    # ------------------------------------------------------------------ of every item

    def names(self, condition: str = "", **parameters: Any) -> dict[str, str | None]:
        """Return the names of the items that were known and not parked, in the order of SKUs.

        A ``condition`` on ``sku`` and ``name``, with parameters that are named beside, selects
        some.
        """
        known = _NAMES.format(
            names=self._tables.table(ITEM_NAME).name, parked=self._tables.table(PARKED_ITEM).name
        )
        rows = self._rows(
            f"SELECT sku, name FROM ({known}) AS product {condition} ORDER BY sku", **parameters
        )
        return {row["sku"]: row["name"] for row in rows}

    @cached_property
    def parked(self) -> list[Parked]:
        """The items that were parked, in the order of SKUs."""
        return [
            each for each in parked_items(self._tables, self._cursor)
            if each.position <= self.position
        ]

    def described_again(self) -> list[str]:
        """Return the items with settings of their own, or that were switched, among others.

        That is every item about which more was recorded than that it is registered.
        """
        tables = self._tables
        rows = self._rows(
            f"SELECT sku FROM {tables.table(ITEM_DESCRIPTION).name} WHERE position <= :position "
            f"AND sku NOT IN (SELECT sku FROM {tables.table(PARKED_ITEM).name} "
            "WHERE position <= :position) GROUP BY sku HAVING COUNT(*) > 1 ORDER BY sku"
        )
        return [row["sku"] for row in rows]

    def on_hand_by_source(self) -> dict[str, dict[str, int]]:
        """Return the units of each item by source, wherever it was carried."""
        parked, found = {each.sku for each in self.parked}, dict[str, dict[str, int]]()
        units = latest_units(self._tables, "moved.source = item.source")
        for row in self._rows(
            f"SELECT item.sku AS sku, item.source AS source, {units} AS units "
            f"FROM {self._tables.table(SOURCE_ITEM).name} AS item ORDER BY sku, source"
        ):
            if row["units"] is not None and row["sku"] not in parked:
                found.setdefault(row["sku"], {})[row["source"]] = int(row["units"])
        return found

    def available(self, pool: str) -> dict[str, int]:
        """Return the units that a pool had available of each item, if any: supply minus demand."""
        return self._latest("pool", pool)

    def on_hand(self, sources: Sequence[str]) -> dict[str, int]:
        """Return the units of each item at some sources together, if any."""
        found: dict[str, int] = {}
        for source in dict.fromkeys(sources):
            for sku, units in self._latest("source", source).items():
                found[sku] = found.get(sku, 0) + units
        return found

    def _latest(self, column: str, place: str) -> dict[str, int]:
        """Return what the latest movement of each item left at a place, if anything."""
        latest = _LATEST.format(
            units=latest_units(self._tables, f"moved.{column} = :place"),
            names=self._tables.table(ITEM_NAME).name,
        )
        return {row["sku"]: row["units"] for row in self._rows(latest, place=place) if row["units"]}

    # ------------------------------------------------------------------ of the few with open lines

    @property
    def _units_wanted(self) -> Mapping[tuple[str, str], tuple[int, int]]:
        """How many units open lines wanted, and how many they had, by pool and item."""
        return EveryPromise.of(self._moment).promised.units_wanted

    def demand(self, pool: str) -> dict[str, int]:
        """Return the units that the open lines of a pool wanted of each item."""
        return {sku: wanted for (at, sku), (wanted, _) in self._units_wanted.items() if at == pool}

    def allocated(self, pool: str) -> dict[str, int]:
        """Return the units that the open lines of a pool had, if any."""
        return {
            sku: had for (at, sku), (_, had) in self._units_wanted.items() if at == pool and had
        }

    def backordered(self, pool: str) -> dict[str, int]:
        """Return the units that the open lines of a pool lacked, if any."""
        return {
            sku: wanted - had for (at, sku), (wanted, had) in self._units_wanted.items()
            if at == pool and wanted > had
        }

    def waiting(self, pool: str) -> set[str]:
        """Return the items of which a line of a pool waited: managed ones that lacked units."""
        lacking = list(self.backordered(pool))
        switches = switches_at(self._tables, self._cursor, lacking, self.position)
        manages = self._moment.settings.manages
        return {sku for sku in lacking if manages(switches.get(sku, NEVER_SWITCHED).manage)}

    def low(self, pool: str) -> set[str]:
        """Return the items that were low in a pool."""
        notice = self._tables.table(NOTICE).name
        parts = [
            f"SELECT sku FROM {notice} WHERE pool = :pool AND {each}"
            for each in open_then(self.position, "position", "cleared_position")
        ]
        return {row["sku"] for row in self._rows(" UNION ALL ".join(parts), pool=pool)}

    # ------------------------------------------------------------------ what was to come

    @cached_property
    def receipts(self) -> dict[str, list[OpenReceipt]]:
        """The purchase lines of which units were to come, by item."""
        found: dict[str, list[OpenReceipt]] = {}
        for each in self._moment.every_receipt:
            found.setdefault(each.sku, []).append(each.receipt)
        return found

    def incoming(self, sources: Collection[str]) -> set[str]:
        """Return the items of which a vendor owed some to any of these sources."""
        return {
            sku for sku, receipts in self.receipts.items()
            if any(receipt.source in sources for receipt in receipts)
        }

    def uncovered(self, pool: str) -> set[str]:
        """Return the items of which a line of a pool waited for units that nobody owed."""
        return {
            line.sku for line in EveryPromise.of(self._moment).lines
            if line.pool == pool and line.uncovered
        }
