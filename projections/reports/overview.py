"""The overview of a day: how many lines wait, are late or uncovered, and what is overdue or low."""

from datetime import date
from typing import Any

from projections.low_stock import LOW_STOCK
from projections.open_lines import OPEN_LINE
from projections.purchase_orders import OPEN_RECEIPT
from projections.read_models import ReadModels
from projections.reports.standing import Standing, standing_at
from projections.tables import Table

_COUNTS: dict[str, tuple[Table, str, str]] = {
    "open_lines": (OPEN_LINE, "COUNT(*)", ""),
    "lines_waiting": (OPEN_LINE, "COUNT(*)", "WHERE remaining > allocated"),
    "items_uncovered": (OPEN_LINE, "COUNT(DISTINCT sku)", "WHERE uncovered > 0"),
    "open_receipts": (OPEN_RECEIPT, "COUNT(*)", ""),
    "receipts_overdue": (OPEN_RECEIPT, "COUNT(*)", "WHERE expected_date < :today"),
    "low_stock": (LOW_STOCK, "COUNT(*)", ""),
}

_WAITING = (
    "SELECT COUNT(*) AS found FROM (SELECT DISTINCT {name} FROM {lines}) AS each WHERE EXISTS ("
    "SELECT 1 FROM {lines} AS waits WHERE waits.{name} = each.{name} "
    "AND waits.remaining > waits.allocated)"
)
"""Counts what waits by looking for one line of each, instead of going through all lines."""


def overview(
    models: ReadModels, *, as_of: int | None = None, today: date | None = None
) -> dict[str, Any]:
    """Count what a day begins with, now or as of a position."""
    with standing_at(models, as_of, today) as standing:
        return {
            "as_of": standing.position, "today": standing.today.isoformat(),
            "counts": {
                **{name: _count(standing, *what) for name, what in _COUNTS.items()},
                "items_short": _waiting(standing, "sku"),
                "customers_waiting": _waiting(standing, "customer"),
            },
        }


def _count(standing: Standing, table: Table, what: str, condition: str) -> int:
    name = standing.place.table(table).name
    parameters = {"today": standing.today.isoformat()} if ":today" in condition else {}
    standing.cursor.execute(f"SELECT {what} AS found FROM {name} {condition}", parameters)
    return int(standing.cursor.fetchall()[0]["found"])


def _waiting(standing: Standing, name: str) -> int:
    lines = standing.place.table(OPEN_LINE).name
    standing.cursor.execute(_WAITING.format(name=name, lines=lines))
    return int(standing.cursor.fetchall()[0]["found"])
