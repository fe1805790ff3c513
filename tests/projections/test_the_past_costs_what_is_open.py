"""A question about the past costs what was open then, not what had happened until then."""

import sys
from collections.abc import Callable
from typing import Any

from stocktrail.projections.answers.backorder_views.filters import Filters
from stocktrail.projections.questions.backorders import backorders
from stocktrail.projections.questions.low_stock import low_stock
from stocktrail.projections.questions.overview import overview
from stocktrail.projections.questions.stock_list import stock_list
from tests.projections.purchasing import Purchasing

Question = Callable[[Purchasing, int], Any]


def happened(shop: Purchasing, position: int) -> dict[str, Any]:
    """Ask about what had happened when a position was recorded."""
    [recorded] = shop.ledger.read(position - 1, 1)
    return {"occurred_until": recorded.occurred_at}


QUESTIONS: dict[str, Question] = {
    "overview": lambda shop, at: overview(shop.models, as_of=at),
    "low stock": lambda shop, at: low_stock(shop.models, as_of=at),
    "stock of all": lambda shop, at: stock_list(shop.models, as_of=at),
    "late lines": lambda shop, at: backorders(
        shop.models, "customer", Filters(late=True), as_of=at
    ),
    "items": lambda shop, at: backorders(shop.models, "item", sort="-supply", as_of=at),
    "happened": lambda shop, at: backorders(shop.models, "customer", **happened(shop, at)),
    "items happened": lambda shop, at: backorders(shop.models, "item", **happened(shop, at)),
    "stock happened": lambda shop, at: stock_list(shop.models, **happened(shop, at)),
}


def history_of(shop: Purchasing, orders: int) -> int:
    """Let orders come and go on another day, which go before who waits; return the end of it."""
    shop.on_day(shop.today + 1)
    for number in range(orders):
        name = f"SO-{shop.ledger.head().position}"
        shop.order_of(name, 2, 2, priority=1)
        shop.send("receive-stock", sku="A", quantity=2)
        shop.send("ship-order", order=name, shipment=f"S-{name}-{number}")
    return shop.ledger.head().position


def calls_of(question: Question, shop: Purchasing, position: int) -> int:
    """Count the functions that run while a question is answered."""
    calls = 0

    def count(_: Any, event: str, __: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        question(shop, position)
    finally:
        sys.setprofile(None)
    return calls


def test_what_was_over_by_then_costs_nothing(purchasing: Purchasing) -> None:
    purchasing.order_of("SO-1", 4, 2)
    purchasing.order_of("SO-2", 3, 2)
    purchasing.buy("PO-1", 4, 6)
    moments = [history_of(purchasing, orders) for orders in (8, 40)]
    history_of(purchasing, 2)
    for name, question in QUESTIONS.items():
        for moment in moments:
            question(purchasing, moment)
        few, many = (calls_of(question, purchasing, moment) for moment in moments)
        assert many < 1.5 * few, name        # five times the log is two more classes of spans
