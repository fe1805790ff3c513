"""Why an order stands as it does: its events, the policy it was accepted under, the arithmetic."""

from bisect import bisect_left
from itertools import accumulate, groupby
from operator import attrgetter
from typing import Any, ClassVar

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.quantity import to_text
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.projections.answers.item_as_of import settings_at
from stocktrail.projections.answers.narrative import LEVELS, event_with_sentence
from stocktrail.projections.answers.shapes.events import ToldEvent
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.models.changes import changes_of
from stocktrail.projections.models.orders import OrderLineView, OrderView
from stocktrail.projections.questions.fields import OrderId
from stocktrail.projections.questions.order import OrderReport, know_order, order
from stocktrail.projections.questions.question import AsOf, Example, Question, Report
from stocktrail.projections.read_models import ReadModels


class LineArithmetic(Shape):
    """The numbers of a line of an order."""

    line: int
    ordered: Number
    shipped: Number
    cancelled: Number
    released: Number
    remaining: Number
    allocated: Number
    backordered: Number


class OrderExplanation(Shape):
    """Why an order stands as it does."""

    order: str
    as_of: Position
    sentences: list[str]
    arithmetic: list[LineArithmetic]
    report: OrderReport
    events: list[ToldEvent]


class ExplainOrder(AsOf, Question[OrderExplanation]):
    """Why an order stands as it does."""

    question: ClassVar[str] = "explain-order"
    address: ClassVar[str | None] = "/explain/order/{order}"
    tag: ClassVar[str] = "explanations"
    table: ClassVar[str] = "events"
    example: ClassVar[Example] = {"order": "SO-1", "as_of": "38"}

    order: OrderId

    def answer(self, models: ReadModels) -> Report:
        """Explain it; refuses an unknown order or position."""
        return explain_order(models, self.order, self.position(models))


def explain_order(
    models: ReadModels, order_id: str, as_of: int | None = None
) -> dict[str, Any]:
    """Explain an order, now or as of a position.

    ``sentences`` tell how remaining, allocated and backordered units of each line come about and
    what it waits behind; ``events`` are those of the order and of the units bound to its lines.
    Refuses an unknown order or position.
    """
    view, position = know_order(models, order_id, as_of)
    events, queues = _followed(models, view, position)
    report = order(models, order_id, as_of)
    return {
        "order": order_id,
        "as_of": position,
        "sentences": [
            *_header(view),
            *(
                sentence for line in view.lines.values()
                for sentence in _line(view, line, queues.get(line.sku))
            ),
        ],
        "arithmetic": [
            {name: line[name] for name in LineArithmetic.model_fields} for line in report["lines"]
        ],
        "report": report,
        "events": [event_with_sentence(recorded) for recorded in events],
    }


class _Waiting:
    """The lines of one item that wait, so that each finds how much waits before it at once."""

    def __init__(self, stock: ProductStock, settings: Settings) -> None:
        self.is_managed = stock.is_managed(settings)
        self._lines = stock.lines
        self._units = [0, *accumulate(line.backordered for line in stock.lines.waiting())]

    def before(self, order_id: str, line: int) -> tuple[int, int]:
        """Count the lines that wait before one, and the units that they wait for."""
        own = self._lines.get((order_id, line))
        count = 0 if own is None else bisect_left(self._lines.queue_keys, own.queue_key)
        return count, self._units[count]


def _followed(
    models: ReadModels, view: OrderView, position: int
) -> tuple[list[RecordedEvent], dict[str, _Waiting]]:
    """Read the events of an order and of the units bound to it, and who waits for its items.

    The log of each item is read once, however many lines of it the order has.
    """
    found = list(models.ledger.read_streams([Order.stream_of(view.order_id)], until=position))
    waiting = {line.sku for line in view.lines.values() if line.backordered}
    skus = dict.fromkeys(line.sku for line in view.lines.values() if line.managed)
    streams = [ProductStock.stream_of(sku) for sku in skus]
    queues: dict[str, _Waiting] = {}
    settings = settings_at(models, position)
    for stream, events in groupby(
        models.ledger.read_streams(streams, until=position), attrgetter("originator_id")
    ):
        stock = ProductStock(stream)
        is_waited_for = stock.key in waiting
        for recorded in events:
            if is_waited_for:
                stock.apply(recorded.payload)
            if _is_about(recorded, view.order_id):
                found.append(recorded)
        if is_waited_for:
            queues[stock.key] = _Waiting(stock, settings)
    return sorted(found, key=attrgetter("position")), queues


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


def _line(view: OrderView, line: OrderLineView, queue: _Waiting | None) -> list[str]:
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
    if line.backordered and queue is not None and not queue.is_managed:
        sentences.append(
            f"Line {line.line} waits for nothing: stock of {line.sku} is not managed, and it ships "
            "any time."
        )
    elif line.backordered:
        before = (0, 0) if queue is None else queue.before(view.order_id, line.line)
        sentences.append(
            f"{name} waits for {to_text(line.backordered)} units, {_where(line, *before)}."
        )
    return sentences


def _where(line: OrderLineView, count: int, units: int) -> str:
    asked = f"requested for {line.requested_date}"
    if not count:
        return f"{asked}, first in the queue"
    lines = "1 line that waits" if count == 1 else f"{count} lines that wait"
    return f"{asked}, behind {lines} for {to_text(units)}"
