"""The low-stock report, what is low now, and every notice: of low stock and of slips."""

from typing import Any

from ledger.instant import to_iso
from ledger.quantity import to_number
from projections.low_stock import all_notices, standing_notices
from projections.promise_changes import all_slips
from projections.read_models import ReadModels
from projections.reports.promised import cause_of_change
from projections.tables import Row


def low_stock(models: ReadModels) -> dict[str, Any]:
    """List what is at or below its threshold: per pool by salable quantity, per source on hand.

    ``basis`` and ``threshold`` are those of now, ``raised_at`` and ``position`` say since when.
    """
    with models.reading() as reading:
        rows = [_row(row) for row in standing_notices(reading.place, reading.cursor)]
        return {"as_of": reading.position, "rows": rows}


def notices(models: ReadModels) -> dict[str, Any]:
    """List every notice, the first one first: of low stock, and of promises that slipped.

    ``basis``, ``threshold`` and ``level`` of low stock are those that it was raised at;
    ``cleared_at`` is ``None`` while it stands. A slip tells a customer which order line moved from
    which date to which, by how many days (``None`` when there is no date any more) and why.
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
        rows += map(_slip, all_slips(reading.place, reading.cursor))
        rows.sort(key=lambda row: row["position"])
        return {"as_of": reading.position, "rows": rows}


def _slip(row: Row) -> dict[str, Any]:
    return {
        "kind": "slip",
        "sku": row["sku"],
        "customer": row["customer"],
        "order": row["order_id"],
        "line": row["line"],
        "quantity": to_number(row["quantity"]),
        "old_date": row["old_date"],
        "new_date": row["new_date"],
        "days": row["days"],
        "cause": cause_of_change(row),
        "command_id": row["command_id"],
        "raised_at": to_iso(row["recorded_at"]),
        "position": row["position"],
        "cleared_at": None,
        "cleared_position": None,
    }


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
