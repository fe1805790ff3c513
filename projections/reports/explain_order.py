"""Why an order stands as it does: its events, the policy it was accepted under, the arithmetic."""

from typing import Any

from ledger.base.aggregate import RecordedEvent
from ledger.order import Order
from ledger.quantity import to_number, to_text
from ledger.stock.state import OpenLine, ProductStock
from projections.changes import changes_of
from projections.orders import OrderLineView, OrderView
from projections.read_models import ReadModels
from projections.reports.known import stock_at
from projections.reports.narrative import LEVELS, tell_recorded
from projections.reports.order import know_order, order
from projections.spelling import in_any_spelling


@in_any_spelling
def explain_order(
    models: ReadModels, order_id: str, as_of: int | None = None
) -> dict[str, Any]:
    """Explain an order, now or as of a position.

    ``sentences`` tell how remaining, allocated and backordered units of each line come about and
    what it waits behind; ``events`` are those of the order and of the units bound to its lines.
    Refuses an unknown order or position.
    """
    view, position = know_order(models, order_id, as_of)
    stocks = {
        sku: stock_at(models, sku, position)
        for sku in dict.fromkeys(line.sku for line in view.lines.values())
    }
    events = _events(models, view, position)
    return {
        "order": order_id,
        "as_of": position,
        "sentences": [
            *_header(view),
            *(
                sentence for line in view.lines.values()
                for sentence in _line(view, line, stocks[line.sku])
            ),
        ],
        "arithmetic": [_arithmetic(line) for line in view.lines.values()],
        "report": order(models, order_id, as_of),
        "events": [tell_recorded(recorded) for recorded in events],
    }


def _events(models: ReadModels, view: OrderView, position: int) -> list[RecordedEvent]:
    ledger = models.ledger
    found = ledger.read_stream(Order.stream_of(view.order_id), until=position)
    for sku in dict.fromkeys(line.sku for line in view.lines.values() if line.managed):
        found += [
            recorded
            for recorded in ledger.read_stream(ProductStock.stream_of(sku), until=position)
            if _is_about(recorded, view.order_id)
        ]
    return sorted(found, key=lambda recorded: recorded.position)


def _is_about(recorded: RecordedEvent, order_id: str) -> bool:
    event = recorded.payload
    if getattr(event, "order", None) == order_id:
        return True
    return any(line[0] == order_id for line in changes_of(event).lines)


def _header(view: OrderView) -> list[str]:
    sentences = [
        f"Order {view.order_id} of {view.customer} in pool {view.pool} is {view.status}; priority "
        f"{view.priority}, ship policy {view.ship_policy}."
    ]
    if view.captured_amount is not None:
        currency = f" {view.currency}" if view.currency else ""
        refunded = view.refunded_amount
        back = f", {refunded}{currency} of it refunded" if refunded else ""
        sentences.append(f"{view.captured_amount}{currency} were captured{back}.")
    return sentences


def _line(view: OrderView, line: OrderLineView, stock: ProductStock) -> list[str]:
    name = f"Line {line.line} ({line.sku})"
    taken = "".join(
        f" - {what} {to_text(quantity)}"
        for what, quantity in (
            ("shipped", line.shipped), ("cancelled", line.cancelled), ("released", line.released)
        )
        if quantity
    )
    sentences = [
        f"{name}: remaining = ordered {to_text(line.ordered)}{taken}"
        + (f" = {to_text(line.remaining)}." if taken else "."),
        f"{name} was accepted with backorders {line.backorders}, {LEVELS[line.backorders_level]}.",
    ]
    if not line.managed:
        sentences.append(
            f"{name} was accepted while stock was not managed: nothing is allocated or "
            "backordered, and it ships any time."
        )
    elif line.remaining:
        sentences.append(
            f"{name}: backordered = remaining {to_text(line.remaining)} - allocated "
            f"{to_text(line.allocated)} = {to_text(line.backordered)}."
        )
    if line.backordered:
        sentences.append(_queue(name, view.order_id, line, stock))
    return sentences


def _queue(name: str, order_id: str, line: OrderLineView, stock: ProductStock) -> str:
    own = stock.lines.get((order_id, line.line))
    waiting = [other for other in stock.lines.values() if other.backordered]
    before = [] if own is None else [other for other in waiting if other.place < own.place]
    where = _where(line, before)
    return f"{name} waits for {to_text(line.backordered)} units, {where}."


def _where(line: OrderLineView, before: list[OpenLine]) -> str:
    asked = f"requested for {line.requested_date}"
    if not before:
        return f"{asked}, first in the queue"
    units = sum(other.backordered for other in before)
    lines = "1 line that waits" if len(before) == 1 else f"{len(before)} lines that wait"
    return f"{asked}, behind {lines} for {to_text(units)}"


def _arithmetic(line: OrderLineView) -> dict[str, Any]:
    return {
        "line": line.line,
        "ordered": to_number(line.ordered),
        "shipped": to_number(line.shipped),
        "cancelled": to_number(line.cancelled),
        "released": to_number(line.released),
        "remaining": to_number(line.remaining),
        "allocated": to_number(line.allocated),
        "backordered": to_number(line.backordered),
    }
