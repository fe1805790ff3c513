"""Receiving goods of a purchase order; they serve the waiting lines at once."""

from collections.abc import Iterable, Sequence

from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.line_units import AskedUnits
from stocktrail.ledger.purchase_orders.events import PurchaseLineReceived, PurchaseOrderReceived
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.quantity import LIMIT, to_text
from stocktrail.ledger.stock import movements
from stocktrail.ledger.stock.events import GoodsReceived
from stocktrail.ledger.stock.stocks import Stocks, warnings_about_the_past
from stocktrail.ledger.sums import too_large


def receive(
    order: PurchaseOrder, stocks: Stocks, receipt: str, source: str | None,
    asked: Sequence[AskedUnits] | None, content: str,
) -> Decision:
    """Put goods on hand and serve the queues; more than was ordered is accepted and flagged.

    They arrive at the source of the purchase order unless another is named; ``None`` receives all
    that is to come. Raises :class:`~stocktrail.ledger.base.decision.AlreadyRecorded` for the same
    receipt once more.
    """
    order.require()
    order.require_new(f"receipt/{receipt}", content)
    source = source or order.source
    arrived = _arrivals(order, order.all_open("received") if asked is None else asked)
    goods: dict[str, list[GoodsReceived]] = {}
    for each in arrived:
        goods.setdefault(each.sku, []).append(GoodsReceived(
            sku=each.sku, source=source, quantity=each.quantity, over=each.over,
            purchase_order=order.key, line=each.line, receipt=receipt,
        ))
    moves = []
    for sku, events in goods.items():
        stock = stocks.stock(sku)
        moves.append((stock, movements.receive_goods(
            stock, stocks.settings(), source, events, stocks.when(stock)
        )))
    received = PurchaseOrderReceived(
        purchase_order=order.key, receipt=receipt, source=source, lines=tuple(arrived),
        content=content,
    )
    return Decision(
        [(order, [received]), *moves],
        [*warnings_about_the_past(stocks, moves), *_more_than_ordered(order, arrived)],
    )


def _arrivals(
    order: PurchaseOrder, asked: Iterable[AskedUnits]
) -> list[PurchaseLineReceived]:
    """Return what arrives of each line, and how much of it is over what was open.

    ``None`` as a quantity means all that remains; refuses that when nothing does.
    """
    arrived = []
    for number, quantity in asked:
        line = order.require_line(number)
        taken = line.remaining if quantity is None else quantity
        if not taken:
            raise order.not_so_many_open(number, 0)
        if line.received + taken >= LIMIT:
            raise too_large(
                f"Line {number} of purchase order {order.key} would have received", line.sku,
                line.received + taken, purchase_order=order.key, line=number,
            )
        arrived.append(PurchaseLineReceived(
            line=number, sku=line.sku, quantity=taken, over=max(taken - line.remaining, 0)
        ))
    return arrived


def _more_than_ordered(
    order: PurchaseOrder, arrived: Iterable[PurchaseLineReceived]
) -> list[str]:
    return [
        f"{to_text(each.over)} of {each.sku} on line {each.line} of purchase order {order.key} "
        "are more than was ordered."
        for each in arrived if each.over
    ]
