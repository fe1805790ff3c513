"""The low-stock report, what is low now, and the notices that were ever raised."""

from typing import Any

from ledger.instant import to_iso
from ledger.quantity import to_number
from projections.low_stock import all_notices, standing_notices
from projections.read_models import ReadModels
from projections.tables import Row


def low_stock(models: ReadModels) -> dict[str, Any]:
    """List what is at or below its threshold: per pool by salable quantity, per source on hand.

    ``basis`` and ``threshold`` are those of now, ``raised_at`` and ``position`` say since when.
    """
    with models.reading() as reading:
        rows = [_row(row) for row in standing_notices(reading.place, reading.cursor)]
        return {"as_of": reading.position, "rows": rows}


def notices(models: ReadModels) -> dict[str, Any]:
    """List every notice, the first one first.

    ``basis``, ``threshold`` and ``level`` are those that it was raised at; ``cleared_at`` is
    ``None`` while it stands.
    """
    with models.reading() as reading:
        rows = [
            {
                "kind": row["kind"], **_row(row),
                "cleared_at": None if row["cleared_at"] is None else to_iso(row["cleared_at"]),
                "cleared_position": row["cleared_position"],
            }
            for row in all_notices(reading.place, reading.cursor)
        ]
        return {"as_of": reading.position, "rows": rows}


def _row(row: Row) -> dict[str, Any]:
    where = {"pool": row["pool"]} if row["pool"] else {"source": row["source"]}
    return {
        "sku": row["sku"],
        **where,
        "basis": to_number(row["basis"]),
        "measured": "salable_quantity" if row["pool"] else "on_hand",
        "threshold": to_number(row["threshold"]),
        "level": row["level"],
        "raised_at": to_iso(row["raised_at"]),
        "position": row["position"],
    }
