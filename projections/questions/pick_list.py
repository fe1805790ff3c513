"""The pick list: what to fetch where, for orders that can ship.

Every row is units of an item at one source for one order line, as the shipments of the orders will
take them if they are sent in this order (:mod:`stocktrail.projections.answers.shipping.picking`).
One walk holds so many orders at most; the others follow when these have shipped.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, ClassVar

from pydantic import Field

from stocktrail.ledger.quantity import to_number
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.answers.shipping.picking import LinePick, line_picks
from stocktrail.projections.answers.shipping.ready_lines import ReadyLines
from stocktrail.projections.answers.shipping.ready_orders import ReadyOrder
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.questions.fields import SourceId
from stocktrail.projections.questions.question import AsOf, Example, Question, Report
from stocktrail.projections.questions.ready_to_ship import MOST_NAMED, OfReadyOrders
from stocktrail.projections.read_models import ReadModels

ORDERS_AT_ONCE = 100
"""How many orders are picked in one walk unless another number is asked for."""


class PickRow(Shape):
    """Units of an item to be picked at a source for an order line.

    Units of an item whose stock is not managed may leave without a source.
    """

    source: str | None
    sku: str
    name: str | None
    quantity: Number
    order: str
    line: int
    customer: str
    requested_date: date


class PickedOrder(Shape):
    """An order of the list: what is picked of it, and whether anything of it stays."""

    order: str
    customer: str
    requested_date: date
    lines: int
    quantity: Number
    whole: bool


class PickListReport(Shape):
    """What to pick for some ``orders``; ``left_out`` counts those beyond the limit."""

    as_of: Position
    left_out: int
    orders: list[PickedOrder]
    rows: list[PickRow]


class PickList(OfReadyOrders, AsOf, Question[PickListReport]):
    """What to pick where, for the orders that can ship."""

    question: ClassVar[str] = "pick-list"
    example: ClassVar[Example] = {"limit": 1}

    source: SourceId | None = Field(default=None, description="Only what is picked here.")
    limit: int = Field(
        default=ORDERS_AT_ONCE, ge=1, le=MOST_NAMED, description="At most so many orders."
    )

    def answer(self, models: ReadModels) -> Report:
        """List what to pick; refuses an unknown position, receipt or source."""
        with open_as_of(models, self.position(models)) as (reading, past):
            ready = ReadyLines(reading, past)
            if self.source is not None:
                ready.settings.require_source(self.source)
            found = self.those_asked_for(models.ledger, reading, past)
            chosen = found[: self.limit]
            picked = [
                pick for pick in line_picks(reading, past, [each.order for each in chosen])
                if self.source in (None, pick.source)
            ]
            names = ready.names(list({pick.sku for pick in picked}))
            return {
                "as_of": ready.position, "left_out": len(found) - len(chosen),
                "orders": list(_orders(chosen, picked)),
                "rows": [_row(pick, names[pick.sku]) for pick in _as_walked(picked, chosen)],
            }


def _as_walked(
    picked: Iterable[LinePick], chosen: Sequence[ReadyOrder]
) -> list[LinePick]:
    """Sort picks by source, then by item, then as the orders go."""
    place = {each.order: number for number, each in enumerate(chosen)}
    return sorted(picked, key=lambda pick: (
        pick.source is None, pick.source or "", pick.sku, place[pick.order.order_id], pick.line,
    ))


def _orders(
    chosen: Iterable[ReadyOrder], picked: Sequence[LinePick]
) -> Iterable[dict[str, Any]]:
    lines: dict[str, set[int]] = {}
    units: dict[str, int] = {}
    for pick in picked:
        order_id = pick.order.order_id
        lines.setdefault(order_id, set()).add(pick.line)
        units[order_id] = units.get(order_id, 0) + pick.quantity
    for each in chosen:
        if each.order in lines:
            yield {
                "order": each.order, "customer": each.customer,
                "requested_date": each.requested.isoformat(), "lines": len(lines[each.order]),
                "quantity": to_number(units[each.order]),
                "whole": each.remaining == units[each.order],
            }


def _row(pick: LinePick, name: str | None) -> dict[str, Any]:
    line = pick.order.lines[pick.line]
    return {
        "source": pick.source, "sku": pick.sku, "name": name, "quantity": to_number(pick.quantity),
        "order": pick.order.order_id, "line": pick.line, "customer": pick.order.customer,
        "requested_date": line.requested_date.isoformat(),
    }
