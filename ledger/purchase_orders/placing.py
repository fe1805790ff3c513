"""Ordering goods from a vendor, to be delivered to one source."""

from collections.abc import Iterable, Iterator, Sequence

from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.purchase_orders.events import PurchaseLineTerms, PurchaseOrderPlaced
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.refusal import Refusal, refuse_all
from stocktrail.ledger.stock.product import carry, require, require_quantity
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.stock.stocks import Stocks


def place(
    order: PurchaseOrder, stocks: Stocks, vendor: str, source: str,
    lines: Sequence[PurchaseLineTerms], content: str,
) -> Decision:
    """Order goods, which their destination carries from now on.

    Refuses unknown items and sources. Raises
    :class:`~stocktrail.ledger.base.decision.AlreadyRecorded` for the same order once more.
    """
    order.require_new("purchase_order", content)
    stocks.settings().require_source(source)
    refusals = []
    for line in lines:
        try:
            require(stocks.stock(line.sku))
            require_quantity(stocks.stock(line.sku), line.quantity)
        except Refusal as refusal:
            refusals.append(refusal)
    refuse_all(refusals)
    order.require_countable((line.sku, line.quantity) for line in lines)
    event = PurchaseOrderPlaced(
        purchase_order=order.key, vendor=vendor, source=source, lines=tuple(lines),
        content=content,
    )
    carried = carry_at_destination(stocks, source, (line.sku for line in lines))
    return Decision([(order, [event]), *carried])


def carry_at_destination(
    stocks: Stocks, source: str, skus: Iterable[str]
) -> Iterator[tuple[ProductStock, list[Event]]]:
    """Let a source carry items that are to come: goods on order make an item sellable.

    It does from the purchase order on; where an earlier version placed it, from when the vendor is
    next heard of.
    """
    for sku in dict.fromkeys(skus):
        stock = stocks.stock(sku)
        yield stock, carry(stock, stocks.settings(), source)
