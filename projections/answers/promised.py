"""What a line is promised, part by part, and how that changed: shared by reports about orders."""

from collections.abc import Collection
from datetime import date
from typing import Any

from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.stock.open_lines import OpenLine
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.dates import iso
from stocktrail.projections.models.orders import OrderLineView, OrderView
from stocktrail.projections.models.overdue import all_of, read_overdue, uncertainty
from stocktrail.projections.models.promised_lines import PromisedLine


def that_ships_any_time(
    view: OrderView, line: OrderLineView, others: Collection[PromisedLine]
) -> PromisedLine:
    """Return a line accepted while stock was not managed as one that waits for nothing.

    It waits for the other lines of its order all the same where that ships complete.
    """
    waits_for = [each for each in others if view.ship_policy == "complete"]
    dates = [line.requested_date, *(each.promise_date for each in waits_for)]
    known = [each for each in dates if each is not None]
    open_line = OpenLine(
        view.order_id, line.line, view.pool, line.remaining, 0, view.priority,
        line.requested_date, view.position,
    )
    return PromisedLine(
        open_line, line.sku, view.customer, view.ship_policy, view.position, line.requested_date,
        managed=False,
        promise_date=max(known) if len(known) == len(dates) else None,
        rests_on=all_of(each.rests_on for each in waits_for),
    )


def promised_for(line: PromisedLine, today: date) -> date | None:
    """Return the day for which a line is promised: never before today; ``None`` while uncovered."""
    return None if line.promise_date is None else max(line.promise_date, today)


def ready_on(line: PromisedLine, today: date) -> date | None:
    """Return when the last part of a line can be picked; ``None`` while a part is uncovered."""
    return None if line.uncovered else max([today, *(peg.ready for peg in line.pegs)])


def is_late(line: PromisedLine, today: date) -> bool:
    """Return whether a line is promised after the day it was requested for, or that day is past.

    A line that lost the date that was told is late too, though its day may still be to come: nobody
    knows of any day any more.
    """
    return line.told.lost or (promised_for(line, today) or today) > line.requested_date


def parts_of(line: PromisedLine, today: date) -> list[dict[str, Any]]:
    """List the parts of a line: units that can ship, pegged to purchase lines, and uncovered.

    ``ready_date`` is when they can be picked, ``promise_date`` when they ship: not before the
    requested date, and all together where the order ships complete; it is ``uncertain`` where it
    rests on an overdue receipt.
    """
    found: list[tuple[int, date | None, str | None, int | None, bool]] = []
    together = line.ships_complete and line.uncertain
    ready_now = line.allocated if line.managed else line.remaining
    if ready_now:
        found.append((ready_now, today, None, None, together))
    for peg in line.pegs:
        ready = max(peg.ready, today)
        uncertain = together or peg.overdue_since is not None
        found.append((peg.quantity, ready, peg.purchase_order, peg.purchase_line, uncertain))
    if line.uncovered:
        found.append((line.uncovered, None, None, None, together))
    return [
        {
            "quantity": to_number(quantity), "ready_date": iso(ready),
            "promise_date": iso(_promised(line, ready, today)),
            "uncertain": uncertain,
            "purchase_order": purchase_order, "purchase_line": purchase_line,
        }
        for quantity, ready, purchase_order, purchase_line, uncertain in found
    ]


def _promised(line: PromisedLine, ready: date | None, today: date) -> date | None:
    if line.ships_complete:
        return promised_for(line, today)
    return None if ready is None else max(ready, line.requested_date)


def change_row(row: Row) -> dict[str, Any]:
    """Put together a change of a promise, with its cause.

    ``notice`` says as what its customer was told, if they were; ``days`` are then those since
    ``told_date``, the date that they had been told before.
    """
    return {
        "position": row["position"],
        "recorded_at": to_iso(row["recorded_at"]),
        "command_id": row["command_id"],
        "quantity": to_number(row["quantity"]),
        "old_date": row["old_date"],
        "new_date": row["new_date"],
        "told_date": row["told_date"],
        "slip": bool(row["is_slip"]),
        "notice": row["notice"],
        "days": row["days"],
        **uncertainty_of_change(row),
        "cause": cause_of_change(row),
    }


def uncertainty_of_change(row: Row) -> dict[str, Any]:
    """Return whether a change's new date is uncertain, and on which overdue receipts."""
    return uncertainty(read_overdue(row["rests_on"]), date.fromisoformat(row["today"]))


def cause_of_change(row: Row) -> dict[str, Any]:
    """Put together what moved a promise: its kind, the keys that lead to it, and a sentence."""
    kind = row["cause_kind"]
    keys: dict[str, Any] = {}
    if kind == "purchase_line":
        keys = {"purchase_order": row["cause_key"], "purchase_line": row["cause_line"]}
    elif kind == "order" and row["cause_key"] is not None:
        keys = {"order": row["cause_key"], "line": row["cause_line"]}
    text: str = row["cause"]
    return {"kind": kind, **keys, "sentence": f"{text[:1].upper()}{text[1:]}."}
