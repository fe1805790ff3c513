"""What a dry run would do to who waits: who gains, who loses, and whose promise moves.

The events of the dry run are folded on top of the read models by the one projector there is, and
thrown away: what would be recorded is exactly what is shown.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.orders.events import OrderPlaced
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.stock.events import StockShipped
from stocktrail.ledger.stock.open_lines import LineKey
from stocktrail.ledger.store.tables import Row
from stocktrail.ledger.time_zone import day_in
from stocktrail.projections.answers.promised import cause_of_change, uncertainty_of_change
from stocktrail.projections.dates import iso
from stocktrail.projections.folding.projector import Projector
from stocktrail.projections.models.changes import changes_of
from stocktrail.projections.models.orders import OrderView, load_orders
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.models.setting_levels import load_settings
from stocktrail.projections.read_models import ReadModels


def reallocation_preview(
    models: ReadModels, events: Sequence[RecordedEvent]
) -> dict[str, Any]:
    """Show what the events of one command, decided in a dry run, would change.

    ``gains`` and ``loses`` list lines whose allocated units change (what ships is no loss),
    ``slips`` and ``moves`` those whose promise does, later (or to no date) and otherwise, with what
    their customers know (rule 5.10). Nothing is recorded. The read models must have come as far as
    the log, else a later event may be missing from the answer.
    """
    with models.reading() as reading:
        projector = Projector(reading.place)
        if events:
            projector.fold(reading.cursor, [list(events)])
        moved = projector.promise_changes if events else []
        allocated = _allocated(events)
        order_ids = list(dict.fromkeys(
            [order_id for order_id, _ in allocated] + [row["order_id"] for _, row in moved]
        ))
        orders = load_orders(reading.place, reading.cursor, order_ids)
        placed = {
            recorded.payload.order: recorded.payload for recorded in events
            if isinstance(recorded.payload, OrderPlaced)
        }
        zone = load_settings(reading.place, reading.cursor).time_zone
        return {
            "as_of": reading.position,
            "today": day_in(events[0].occurred_at, zone).isoformat() if events else None,
            "gains": [
                _allocation(orders, placed, key, change)
                for key, change in allocated.items() if change > 0
            ],
            "loses": [
                _allocation(orders, placed, key, change)
                for key, change in allocated.items() if change < 0
            ],
            "slips": [_move(*each) for each in moved if each[1]["is_slip"]],
            "moves": [_move(*each) for each in moved if not each[1]["is_slip"]],
        }


def _allocated(events: Sequence[RecordedEvent]) -> dict[LineKey, int]:
    """Add up what each line gains in allocated units."""
    found: dict[LineKey, int] = {}
    for recorded in events:
        if isinstance(recorded.payload, StockShipped):
            continue
        for order_id, line, change in changes_of(recorded.payload).lines:
            found[order_id, line] = found.get((order_id, line), 0) + change
    return {key: change for key, change in found.items() if change}


def _allocation(
    orders: Mapping[str, OrderView], placed: Mapping[str, OrderPlaced], key: LineKey, change: int
) -> dict[str, Any]:
    """Return how a line's allocated units change; an order only placed now is in no view."""
    order_id, number = key
    order, new = orders.get(order_id), placed.get(order_id)
    before = order.lines[number].allocated if order else 0
    skus = {} if new is None else {each.line: each.sku for each in new.lines}
    return {
        "order": order_id,
        "line": number,
        "customer": order.customer if order else new and new.customer,
        "sku": order.lines[number].sku if order else skus.get(number),
        "before": to_number(before),
        "after": to_number(before + change),
        "change": to_number(change),
    }


def _move(before: PromisedLine, row: Row) -> dict[str, Any]:
    known = before.told.known
    return {
        "order": row["order_id"],
        "line": row["line"],
        "customer": row["customer"],
        "sku": row["sku"],
        "quantity": to_number(row["quantity"]),
        "old_date": row["old_date"],
        "old_uncertain": before.uncertain,
        "new_date": row["new_date"],
        "told_date": row["told_date"],
        "known_date": iso(known),
        "nobody_knows": known is None and before.told.marked is not None,
        "notice": row["notice"],
        "days": row["days"],
        **uncertainty_of_change(row),
        "cause": cause_of_change(row),
    }
