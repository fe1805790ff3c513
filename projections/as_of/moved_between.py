"""What moved between two moments: of all else, what is kept of one of them holds at the other.

Between moments that are not far from each other few items change. The events between them tell
which: those of an item, and those of orders and purchase orders with a line of it. Items of which a
receipt is overdue are promised otherwise on every day. A line of an order that ships complete moves
with the others of its order, so that the items of these are looked at too.
"""

from collections.abc import Collection, Sequence
from datetime import date

from stocktrail.ledger.customer import Customer
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.webhook import Webhook
from stocktrail.projections.as_of.ledger_as_of import LedgerAsOf
from stocktrail.projections.as_of.moment import recorded_together
from stocktrail.projections.as_of.open_then import OpenThen
from stocktrail.projections.models.open_spans import PURCHASE, SALE, spans_of

MOST_EVENTS = 2_000
"""How many events may lie between two moments: to read them takes 20 us each."""

_OF_ITEMS, _OF_LINES, _OF_PURCHASES = (
    each.category for each in (ProductStock, Order, PurchaseOrder)
)
_OF_NO_ITEM = frozenset(each.category for each in (Customer, Webhook))


def items_moved(
    past: LedgerAsOf, near: OpenThen, position: int, days: Collection[date]
) -> set[str] | None:
    """Return the items that may not be as they were at another position, ``None`` for too many.

    ``near`` is what was open there; promised are lines for these days. All that was recorded
    together is judged together, so events are read from the beginning of that.
    """
    first, last = sorted((past.position, position))
    if last - first > MOST_EVENTS:
        return None
    skus = set[str]()
    if first < last:
        began, ended = recorded_together(past.ledger, first)
        streams = _streams_between(past, began - 1 if first < ended else first, last)
        if streams is None:
            return None
        skus, orders, purchases = streams
        tables, cursor, _ = past.now
        for kind, references in ((SALE, orders), (PURCHASE, purchases)):
            skus |= {row["sku"] for row in spans_of(tables, cursor, kind, references)}
    if len(set(days)) > 1:
        latest = max(days)
        skus |= {
            sku for sku, receipt, *_ in near.receipts
            if receipt.expected_date is not None and receipt.expected_date < latest
        }
    return skus


def _streams_between(
    past: LedgerAsOf, after: int, until: int
) -> tuple[set[str], Sequence[str], Sequence[str]] | None:
    """Return the items, orders and purchase orders with events; ``None`` if settings have any."""
    found: dict[str, set[str]] = {_OF_ITEMS: set(), _OF_LINES: set(), _OF_PURCHASES: set()}
    for recorded in past.ledger.read(max(after, 0), until - max(after, 0), until):
        category, _, key = recorded.originator_id.partition("/")
        if category in found:
            found[category].add(key)
        elif category not in _OF_NO_ITEM:
            return None
    return found[_OF_ITEMS], sorted(found[_OF_LINES]), sorted(found[_OF_PURCHASES])
