"""Cancelling what a vendor still owes, or part of it."""

from collections.abc import Sequence

from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.line_units import AskedUnits
from stocktrail.ledger.purchase_orders.events import PurchaseLineCancelled, PurchaseOrderCancelled
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.stock.product import require_quantity
from stocktrail.ledger.stock.stocks import Stocks


def cancel(
    order: PurchaseOrder, stocks: Stocks, asked: Sequence[AskedUnits] | None, reason: str | None
) -> Decision:
    """Cancel open units; refuses more than are open.

    ``None`` cancels all that is to come; a purchase order that is cancelled already stays as it is.
    """
    order.require()
    if asked is None:
        if order.is_cancelled:
            return Decision()
        asked = order.all_open("cancelled")
    for number, quantity in asked:
        if quantity is not None:
            require_quantity(stocks.stock(order.require_line(number).sku), quantity)
    lines = []
    for number, quantity in asked:
        line = order.require_line(number)
        taken = line.remaining if quantity is None else quantity
        if taken > line.remaining or not taken:
            raise order.not_so_many_open(number, taken)
        lines.append(PurchaseLineCancelled(line=number, sku=line.sku, quantity=taken))
    return Decision.about(order, [
        PurchaseOrderCancelled(purchase_order=order.key, lines=tuple(lines), reason=reason)
    ])
