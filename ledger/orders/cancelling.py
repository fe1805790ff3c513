"""Cancelling an order, or units of its lines; what has been shipped is never cancelled.

Rule 4.9 is the source.
"""

from collections.abc import Sequence

from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.line_units import AskedUnits, LineUnits, managed_by_item
from stocktrail.ledger.orders.events import OrderCancelled, quantities_of
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.stock import reservations
from stocktrail.ledger.stock.stocks import Stocks, require_whole_units


def cancel(
    order: Order, stocks: Stocks, asked: Sequence[AskedUnits] | None, reason: str | None
) -> Decision:
    """Take units off the lines, refund them, and give those that become free to the queue.

    ``None`` cancels all that remains; an order that is cancelled already stays as it is.
    """
    order.require()
    units = _units(order, asked)
    if not units:
        return Decision()
    require_whole_units(stocks, units)
    event = OrderCancelled(
        order=order.key, lines=quantities_of(units), reason=reason,
        refunded_amount=order.amount_of(units), status=order.status_after(units),
    )
    settings = stocks.settings()
    released = [
        (stock := stocks.stock(sku),
         reservations.release(stock, settings, order.key, of_item, "cancelled"))
        for sku, of_item in managed_by_item(units).items()
    ]
    return Decision([(order, [event]), *released])


def _units(order: Order, asked: Sequence[AskedUnits] | None) -> list[LineUnits]:
    if asked is not None:
        return order.taken_off(asked, "cancelled")
    remaining = [(number, None) for number, line in order.lines.items() if line.remaining]
    if not remaining and order.status_after([]) == "complete":
        raise order.nothing_remains("cancelled")
    return order.taken_off(remaining, "cancelled")
