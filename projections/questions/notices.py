"""The low-stock report, what is low now, and every notice: of low stock and of promises."""

from collections.abc import Iterator, Sequence
from typing import Any

from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.as_of import LedgerAsOf
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.models.low_stock import LOW_STOCK, NOTICE, judge_pool, judge_source
from stocktrail.projections.models.open_spans import open_then
from stocktrail.projections.models.promise_changes import PROMISE_CHANGE
from stocktrail.projections.questions.cursor import read_cursor, write_cursor
from stocktrail.projections.questions.promised import cause_of_change, uncertainty_of_change
from stocktrail.projections.read_models import Reading, ReadModels


def low_stock(
    models: ReadModels, *, limit: int | None = None, after: str | None = None,
    as_of: int | None = None,
) -> dict[str, Any]:
    """List what is at or below its threshold: per pool by salable quantity, per source on hand.

    ``basis`` and ``threshold`` are those of now, ``raised_at`` and ``position`` say since when;
    ``total`` counts the rows of all pages. With a ``limit`` the rows come a page at a time, in the
    order of SKUs: ``next`` is what to give as ``after`` for the following page. Refuses an
    ``after`` that no page gave (``bad_page``), and an unknown position.
    """
    sku, pool, source = read_cursor(["low-stock"], after, (str, str, str)) or ("", "", "")
    with open_as_of(models, as_of) as (reading, past):
        if past is None:
            total = reading.place.table(LOW_STOCK).count(reading.cursor)
            rows = reading.place.table(LOW_STOCK).rows(
                reading.cursor,
                "WHERE (sku, pool, source) > (:sku, :pool, :source) ORDER BY sku, pool, source"
                + _most(limit), sku=sku, pool=pool, source=source, **_parameter(limit),
            )
        else:
            total = _count_standing_then(reading, past)
            rows = _standing_then(reading, past, (sku, pool, source), limit)
        found: dict[str, Any] = {
            "as_of": reading.position if past is None else past.position, "total": total,
        }
        if limit is not None:
            last = rows[limit - 1] if len(rows) > limit else None
            key = [] if last is None else [last["sku"], last["pool"], last["source"]]
            found["next"] = write_cursor(["low-stock"], key) if key else None
        return found | {"rows": [_row(row) for row in rows[:limit]]}


def _count_standing_then(reading: Reading, past: LedgerAsOf) -> int:
    table = reading.place.table(NOTICE)
    return sum(
        table.count(reading.cursor, f"WHERE {condition}", position=past.position)
        for condition in open_then(past.position, "position", "cleared_position")
    )


def _standing_then(
    reading: Reading, past: LedgerAsOf, after: tuple[Any, ...], limit: int | None
) -> list[Row]:
    """Read which notices stood at a position, and judge them by what was known there."""
    sku, pool, source = after
    table = reading.place.table(NOTICE)
    parts = [
        f"{table.select} WHERE {each} AND (sku, pool, source) > (:sku, :pool, :source)"
        for each in open_then(past.position, "position", "cleared_position")
    ]
    reading.cursor.execute(
        f"{' UNION ALL '.join(parts)} ORDER BY sku, pool, source{_most(limit)}",
        {"position": past.position, "sku": sku, "pool": pool, "source": source,
         **_parameter(limit)},
    )
    rows = list(map(dict, reading.cursor.fetchall()))
    found: list[Row] = []
    for row in rows:
        stock = past.stock(row["sku"])
        judgement = (
            judge_pool(stock, past.settings, row["pool"]) if row["pool"]
            else judge_source(stock, past.settings, row["source"])
        )
        found.append(row if judgement is None else {**row, **judgement._asdict()})
    return found


def notices(
    models: ReadModels, *, limit: int | None = None, after: str | None = None,
    as_of: int | None = None,
) -> dict[str, Any]:
    """List every notice, the first one first: of low stock, and of promises that were told again.

    ``basis``, ``threshold`` and ``level`` of low stock are those that it was raised at;
    ``cleared_at`` is ``None`` while it stands. A ``slip`` tells a customer which order line is
    promised for which date instead of ``told_date``, that they were told before, by how many days
    that is (``None`` when there is no date any more) and why; ``promise_found`` tells of a date
    after one was lost. With a ``limit`` the rows come a page at a time: ``next`` is what to give as
    ``after`` for the following page. Refuses an ``after`` that no page gave (``bad_page``).
    """
    place = read_cursor(["notices"], after, (int, int, str, str, str, int)) or _BEGINNING
    with open_as_of(models, as_of) as (reading, past):
        until = reading.position if past is None else past.position
        rows = sorted(
            [*_lows(reading, place, limit, until), *_promises(reading, place, limit, until)],
            key=lambda found: found[0],
        )
        found: dict[str, Any] = {"as_of": until}
        if limit is not None:
            found["next"] = (
                write_cursor(["notices"], rows[limit - 1][0]) if len(rows) > limit else None
            )
        return found | {"rows": [row for _, row in rows[:limit]]}


_BEGINNING = (0, 0, "", "", "", 0)
_Placed = tuple[tuple[Any, ...], dict[str, Any]]


def _lows(
    reading: Reading, after: Sequence[Any], limit: int | None, until: int
) -> Iterator[_Placed]:
    """Read notices of low stock with their places: at one position they stand before slips."""
    position, kind, sku, pool, source, _ = after
    rows = reading.place.table(NOTICE).rows(
        reading.cursor,
        "WHERE position <= :until AND (position > :position OR (position = :position AND :kind = 0 "
        "AND (sku, pool, source) > (:sku, :pool, :source))) ORDER BY position, sku, pool, source"
        + _most(limit), position=position, kind=kind, sku=sku, pool=pool, source=source,
        until=until, **_parameter(limit),
    )
    for row in rows:
        cleared = row["cleared_position"]
        if cleared is not None and cleared > until:
            row = {**row, "cleared_at": None, "cleared_position": None}
        cleared_at = None if row["cleared_at"] is None else to_iso(row["cleared_at"])
        yield (row["position"], 0, row["sku"], row["pool"], row["source"], 0), {
            "kind": row["kind"], **_row(row), "cleared_at": cleared_at,
            "cleared_position": row["cleared_position"],
        }


def _promises(
    reading: Reading, after: Sequence[Any], limit: int | None, until: int
) -> Iterator[_Placed]:
    position, kind, order_id, _, _, line = after
    rows = reading.place.table(PROMISE_CHANGE).rows(
        reading.cursor,
        "WHERE notice IS NOT NULL AND position <= :until AND (position > :position "
        "OR (position = :position AND (:kind = 0 OR (order_id, line) > (:order_id, :line)))) "
        "ORDER BY position, order_id, line"
        + _most(limit), position=position, kind=kind, order_id=order_id, line=line,
        until=until, **_parameter(limit),
    )
    for row in rows:
        yield (row["position"], 1, row["order_id"], "", "", row["line"]), _promise(row)


def _most(limit: int | None) -> str:
    return "" if limit is None else " LIMIT :most"


def _parameter(limit: int | None) -> dict[str, int]:
    return {} if limit is None else {"most": limit + 1}


def _promise(row: Row) -> dict[str, Any]:
    return {
        "kind": row["notice"],
        "sku": row["sku"],
        "customer": row["customer"],
        "order": row["order_id"],
        "line": row["line"],
        "quantity": to_number(row["quantity"]),
        "old_date": row["old_date"],
        "new_date": row["new_date"],
        "told_date": row["told_date"],
        "days": row["days"],
        **uncertainty_of_change(row),
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
