"""Why an order stands as it does: its events, the policy it was accepted under, the arithmetic."""

from itertools import takewhile
from typing import Any, ClassVar, NamedTuple

from stocktrail.ledger.quantity import to_text
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.projections.answers.narrative import LEVELS, event_with_sentence
from stocktrail.projections.answers.order_events import events_of_order
from stocktrail.projections.answers.shapes.events import ToldEvent
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.as_of import LedgerAsOf
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.models.orders import OrderLineView, OrderView
from stocktrail.projections.models.queues import waiting_before
from stocktrail.projections.models.setting_levels import load_settings
from stocktrail.projections.models.stock_levels import load_items
from stocktrail.projections.questions.fields import OrderId
from stocktrail.projections.questions.order import OrderReport, know_order, order
from stocktrail.projections.questions.question import (
    AsOf,
    Example,
    LatestEventsFirst,
    Question,
    Report,
)
from stocktrail.projections.read_models import Reading, ReadModels


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
    earlier_events: int
    next: Position | None
    events: list[ToldEvent]


class ExplainOrder(AsOf, LatestEventsFirst, Question[OrderExplanation]):
    """Why an order stands as it does."""

    question: ClassVar[str] = "explain-order"
    address: ClassVar[str | None] = "/explain/order/{order}"
    tag: ClassVar[str] = "explanations"
    table: ClassVar[str] = "events"
    example: ClassVar[Example] = {"order": "SO-1", "as_of": "38"}

    order: OrderId

    def answer(self, models: ReadModels) -> Report:
        """Explain it; refuses an unknown order or position."""
        return explain_order(
            models, self.order, self.position(models), last=self.last, before=self.before
        )


def explain_order(
    models: ReadModels, order_id: str, as_of: int | None = None, *, last: int | None = None,
    before: int | None = None,
) -> dict[str, Any]:
    """Explain an order, now or as of a position.

    ``sentences`` tell how remaining, allocated and backordered units of each line come about and
    what it waits behind; ``events`` are those of the order and of the units bound to its lines:
    all, or the ``last`` so many, of those ``before`` a position. ``earlier_events`` counts those
    that are not shown, and ``next`` is what leads to them, given as ``before``. Refuses an unknown
    order or position.
    """
    with open_as_of(models, as_of) as (reading, past):
        view, position = know_order(reading, past, order_id)
        skus = dict.fromkeys(line.sku for line in view.lines.values() if line.managed)
        until = position if before is None else min(position, before - 1)
        events = events_of_order(models.ledger, reading, order_id, skus, until)
        waiting = _who_waits(reading, past, view)
    shown = events if last is None else events[max(len(events) - last, 0):]
    report = order(models, order_id, as_of)
    return {
        "order": order_id,
        "as_of": position,
        "sentences": [
            *_header(view),
            *(
                sentence for line in view.lines.values()
                for sentence in _line(view, line, waiting.get(line.line))
            ),
        ],
        "arithmetic": [
            {name: line[name] for name in LineArithmetic.model_fields} for line in report["lines"]
        ],
        "report": report,
        "earlier_events": len(events) - len(shown),
        "next": shown[0].position if len(shown) < len(events) and shown else None,
        "events": [event_with_sentence(recorded) for recorded in shown],
    }


class _Waiting(NamedTuple):
    """How a line waits: whether its item is managed, the lines before it, and their units."""

    is_managed: bool
    lines: int
    units: int


def _who_waits(
    reading: Reading, past: LedgerAsOf | None, view: OrderView
) -> dict[int, _Waiting]:
    """Return how each line that is backordered waits, by its number."""
    backordered = [line for line in view.lines.values() if line.backordered]
    if not backordered:
        return {}
    skus = list(dict.fromkeys(line.sku for line in backordered))
    if past is not None:
        stocks = past.stocks(skus)
        return {
            line.line: _waiting_then(stocks[line.sku], past.settings, view.order_id, line.line)
            for line in backordered
        }
    place, cursor, _ = reading
    settings = load_settings(place, cursor)
    items = load_items(place, cursor, skus)
    before = waiting_before(place, cursor, skus, view.order_id)
    return {
        line.line: _Waiting(
            items[line.sku].stock.is_managed(settings),
            *before.get(line.line, (0, 0)),
        )
        for line in backordered
    }


def _waiting_then(
    stock: ProductStock, settings: Settings, order_id: str, number: int
) -> _Waiting:
    own = stock.lines.get((order_id, number))
    before = () if own is None else takewhile(
        lambda line: line.queue_key < own.queue_key, stock.lines.waiting()
    )
    units = [line.backordered for line in before]
    return _Waiting(stock.is_managed(settings), len(units), sum(units))


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


def _line(view: OrderView, line: OrderLineView, waits: _Waiting | None) -> list[str]:
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
    if line.backordered and waits is not None and not waits.is_managed:
        sentences.append(
            f"Line {line.line} waits for nothing: stock of {line.sku} is not managed, and it ships "
            "any time."
        )
    elif line.backordered:
        before = (0, 0) if waits is None else waits[1:]
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
