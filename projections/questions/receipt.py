"""The receipt report: what came with one receipt of a purchase order, and who got what of it.

Goods serve the queue in the moment they are put on hand, so who got them is in the log, in the
events of the command that received them. What has become of it since (still to be shipped, shipped,
taken away again) is told beside it, as of the moment that is asked about.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.purchase_orders.events import PurchaseOrderReceived
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.stock.open_lines import LineKey
from stocktrail.projections.answers.cursor import read_cursor, write_cursor
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.answers.shipping.ready_lines import ReadyLines
from stocktrail.projections.answers.shipping.receipts import find_receipt
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.models.orders import OrderView
from stocktrail.projections.questions.fields import PurchaseOrderId, ReceiptId
from stocktrail.projections.questions.question import AsOf, Example, Paged, Question, Report
from stocktrail.projections.read_models import ReadModels


class ReceivedLineReport(Shape):
    """What came of one line of the purchase order, and where it went."""

    line: int
    sku: str
    name: str | None
    quantity: Number
    over: Number
    served: Number
    left: Number


class ServedRow(Shape):
    """An order line that got units of the receipt, and how it stands now."""

    order: str
    line: int
    customer: str
    sku: str
    pool: str
    priority: int
    requested_date: date
    quantity: Number
    remaining: Number
    ready: Number
    backordered: Number
    ships: bool


class ReceiptReport(Shape):
    """A receipt: what came, and who got what of it; ``total`` counts the rows of all pages."""

    purchase_order: str
    receipt: str
    vendor: str
    source: str
    recorded_at: datetime
    occurred_at: datetime
    position: Position
    actor: str | None
    lines: list[ReceivedLineReport]
    orders: int
    orders_ready: int
    total: int
    rows: list[ServedRow]
    next: str | None
    as_of: Position


class ReceiptDetails(Paged, AsOf, Question[ReceiptReport]):
    """Who got what of a receipt, and whether it can ship now."""

    question: ClassVar[str] = "receipt"
    address: ClassVar[str | None] = "/purchase-orders/{purchase_order}/receipts/{receipt}"
    example: ClassVar[Example] = {"purchase_order": "PO-1", "receipt": "GR-1"}

    purchase_order: PurchaseOrderId
    receipt: ReceiptId

    def answer(self, models: ReadModels) -> Report:
        """Report who got what; refuses what nobody received, and an unknown position."""
        return receipt(models, self)


def receipt(models: ReadModels, asked: ReceiptDetails) -> dict[str, Any]:
    """Report a receipt, with what it gave to waiting lines, the first in the queue first.

    ``served`` is what of a line waiting orders got, ``left`` what nobody waited for. A row
    ``ships`` where its order can; ``ready`` counts its units that can. ``orders`` counts the orders
    that got anything, ``orders_ready`` those of them that can ship now. Refuses an unknown purchase
    order (``unknown_purchase_order``) or receipt (``unknown_receipt``), and an ``after`` that no
    page gave (``bad_page``).
    """
    listed = ["receipt", asked.purchase_order, asked.receipt]
    begin = (read_cursor(listed, asked.after, (int,)) or (0,))[0]
    with open_as_of(models, asked.position(models)) as (reading, past):
        position = reading.position if past is None else past.position
        received = find_receipt(
            models.ledger, asked.purchase_order, asked.receipt, position
        )
        order, recorded, gains = received
        event = received.event
        ready = ReadyLines(reading, past)
        orders = ready.orders(list(dict.fromkeys(order_id for order_id, _ in gains)))
        rows = list(gains)
        end = len(rows) if asked.limit is None else begin + asked.limit
        return {
            "purchase_order": order.key, "receipt": asked.receipt, "vendor": order.vendor,
            "source": event.source, "recorded_at": to_iso(recorded.recorded_at),
            "occurred_at": to_iso(recorded.occurred_at), "position": recorded.position,
            "actor": recorded.actor,
            "lines": _lines(event, _by_item(gains, orders), ready.names(
                [part.sku for part in event.lines]
            )),
            "orders": len(orders),
            "orders_ready": sum(ready.ships(view) for view in orders.values()),
            "total": len(rows),
            "rows": [_row(orders[key[0]], key[1], gains[key], ready) for key in rows[begin:end]],
            "next": write_cursor(listed, [end]) if end < len(rows) else None,
            "as_of": position,
        }


def _by_item(
    gains: Mapping[LineKey, int], orders: Mapping[str, OrderView]
) -> dict[str, int]:
    found: dict[str, int] = {}
    for (order_id, line), gained in gains.items():
        sku = orders[order_id].lines[line].sku
        found[sku] = found.get(sku, 0) + gained
    return found


def _lines(
    event: PurchaseOrderReceived, served: dict[str, int], names: Mapping[str, str | None]
) -> list[dict[str, Any]]:
    """Return what came line by line; of an item on several lines the first serves first."""
    found = []
    for part in event.lines:
        gave = min(served.get(part.sku, 0), part.quantity)
        served[part.sku] = served.get(part.sku, 0) - gave
        found.append({
            "line": part.line, "sku": part.sku, "name": names[part.sku],
            "quantity": to_number(part.quantity), "over": to_number(part.over),
            "served": to_number(gave), "left": to_number(part.quantity - gave),
        })
    return found


def _row(view: OrderView, number: int, gained: int, ready: ReadyLines) -> dict[str, Any]:
    line = view.lines[number]
    return {
        "order": view.order_id, "line": number, "customer": view.customer, "sku": line.sku,
        "pool": view.pool, "priority": view.priority,
        "requested_date": line.requested_date.isoformat(), "quantity": to_number(gained),
        "remaining": to_number(line.remaining),
        "ready": to_number(ready.units(view)[number]),
        "backordered": to_number(line.backordered), "ships": ready.ships(view),
    }
