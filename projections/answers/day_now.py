"""What a day begins with now: the numbers about open lines and receipts, in one look at each.

The database adds lines up as they are stored; those whose promise depends on today are judged in
memory besides. So the lists that are shown of a day need no count of their own.
"""

from collections.abc import Sequence
from typing import Any

from stocktrail.ledger.store.tables import Row
from stocktrail.projections.answers.backorder_views.by_vendor import OVERDUE
from stocktrail.projections.answers.backorder_views.line_conditions import LATE, UNCERTAIN, WAITS
from stocktrail.projections.answers.moment_view import MomentView
from stocktrail.projections.answers.promised import is_late
from stocktrail.projections.models.managed_items import MANAGED_ITEM
from stocktrail.projections.models.open_lines import OPEN_LINE
from stocktrail.projections.models.parked_items import parked_items
from stocktrail.projections.models.purchase_orders import OPEN_RECEIPT
from stocktrail.projections.models.stock_levels import STOCK_LEVEL

_LATE_NOW = f"CASE WHEN {WAITS} AND {LATE} THEN 1 ELSE 0 END"
_UNCERTAIN_NOW = f"CASE WHEN {UNCERTAIN} THEN 1 ELSE 0 END"
_ADDED_UP = (
    "SELECT COUNT(*) AS open_lines, "
    f"SUM(CASE WHEN {WAITS} THEN 1 ELSE 0 END) AS lines_waiting, "
    "SUM(CASE WHEN slips > 0 THEN 1 ELSE 0 END) AS lines_slipped, "
    f"SUM({_LATE_NOW}) AS lines_late, SUM({_UNCERTAIN_NOW}) AS lines_uncertain FROM {{lines}}"
)
_COUNTED = ("open_lines", "lines_waiting", "lines_slipped", "lines_late", "lines_uncertain")
_LACKING = (
    "SELECT sku, SUM(demand - allocated) AS lacking FROM {levels} WHERE demand > allocated "
    "GROUP BY sku"
)
"""What the lines of items lack, as it is kept by pool."""
_CUSTOMERS = (
    "SELECT COUNT(*) AS found FROM (SELECT DISTINCT customer FROM {lines}) AS who "
    f"WHERE EXISTS (SELECT 1 FROM {{lines}} AS line WHERE line.customer = who.customer AND {WAITS})"
)
"""Each customer by an index: most have a line that waits among the first."""


class DayNow:
    """The numbers of a day about what is open now, as ``totals``, and the items that are short."""

    def __init__(self, moment: MomentView) -> None:
        self._moment = moment
        self._lines = moment.place.table(OPEN_LINE).name
        self._day = {"today": moment.today.isoformat()}
        [lines] = self._read(_ADDED_UP.format(lines=self._lines), self._day)
        self._lacking: dict[str, int] = self._lacking_now()
        self.totals: dict[str, int] = {
            "items_short": len(self._lacking),
            **{name: int(lines[name] or 0) for name in _COUNTED},
        }
        self._judge_today()
        [receipts] = self._read(
            f"SELECT COUNT(*) AS found, SUM(CASE WHEN {OVERDUE} THEN 1 ELSE 0 END) AS overdue "
            f"FROM {moment.place.table(OPEN_RECEIPT).name}", self._day,
        )
        self.totals |= {
            "open_receipts": int(receipts["found"]),
            "receipts_overdue": int(receipts["overdue"] or 0),
        }
        [customers] = self._read(_CUSTOMERS.format(lines=self._lines), {})
        self.customers_waiting: int = int(customers["found"])

    def _lacking_now(self) -> dict[str, int]:
        """Return what items lack that somebody waits for: managed ones, and none that is parked."""
        moment = self._moment
        levels = moment.place.table(STOCK_LEVEL).name
        rows = self._read(_LACKING.format(levels=levels), {})
        manages = moment.settings.manages
        own = {row["sku"]: row["manage"] for row in moment.rows(MANAGED_ITEM)}
        parked = {each.sku for each in parked_items(moment.place, moment.cursor)}
        return {
            row["sku"]: int(row["lacking"]) for row in rows
            if row["sku"] not in parked and manages(own.get(row["sku"]))
        }

    def _judge_today(self) -> None:
        """Count lines that must be pegged again as they are today, and not as they are stored."""
        promises = self._moment.promises
        if not promises.stale:
            return
        rows = self._read(
            f"SELECT sku, order_id, line, {_LATE_NOW} AS late, {_UNCERTAIN_NOW} AS uncertain "
            f"FROM {self._lines} WHERE {promises.affected}", self._day,
        )
        queues = promises.queues(row["sku"] for row in rows)
        for row in rows:
            line = queues[row["sku"]].lines[row["order_id"], row["line"]]
            late = line.waits_for > 0 and is_late(line, self._moment.today)
            self.totals["lines_late"] += late - row["late"]
            self.totals["lines_uncertain"] += line.uncertain - row["uncertain"]

    def _read(self, statement: str, parameters: dict[str, Any]) -> Sequence[Row]:
        self._moment.cursor.execute(statement, parameters)
        found: Sequence[Row] = self._moment.cursor.fetchall()
        return found

    def short(self, most: int) -> list[str]:
        """Return the items that lack most units, of those that anybody waits for."""
        return sorted(self._lacking, key=lambda sku: (-self._lacking[sku], sku))[:most]
