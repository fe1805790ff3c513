"""The overview of a day: how many lines wait, are late or uncovered, and what is overdue or low."""

from datetime import date
from typing import Any

from projections.low_stock import LOW_STOCK
from projections.moment import today_at
from projections.open_lines import OPEN_LINE
from projections.purchase_orders import OPEN_RECEIPT
from projections.read_models import Reading, ReadModels
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
    with models.reading_at(as_of) as reading:
        day = today_at(models.ledger, as_of) if today is None else today
        return {
            "as_of": reading.position, "today": day.isoformat(),
            "counts": {
                **{name: _count(reading, day, *what) for name, what in _COUNTS.items()},
                "items_short": _waiting(reading, "sku"),
                "customers_waiting": _waiting(reading, "customer"),
            },
        }


def _count(reading: Reading, day: date, table: Table, what: str, condition: str) -> int:
    name = reading.place.table(table).name
    parameters = {"today": day.isoformat()} if ":today" in condition else {}
    reading.cursor.execute(f"SELECT {what} AS found FROM {name} {condition}", parameters)
    return int(reading.cursor.fetchall()[0]["found"])


def _waiting(reading: Reading, name: str) -> int:
    lines = reading.place.table(OPEN_LINE).name
    reading.cursor.execute(_WAITING.format(name=name, lines=lines))
    return int(reading.cursor.fetchall()[0]["found"])
