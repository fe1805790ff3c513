"""Decisions about the places of orders in the queues, and about whose the units of an item are.

Rules 4.8 and 4.11 are the source.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.line_units import LineKey
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.reallocation import Strategy
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock import reallocations, reservations
from stocktrail.ledger.stock.product import require, require_quantity
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.stock.stocks import Stocks


def reschedule(
    order: Order, stocks: Stocks, dates: Sequence[tuple[int, date]], reason: str
) -> Decision:
    """Ask for lines on other dates, and move them to their places in the queues."""
    events = order.reschedule(dates, reason)
    days: dict[str, dict[int, date]] = {}
    for part in (part for event in events for part in event.lines):
        line = order.lines[part.line]
        if line.managed:
            days.setdefault(line.sku, {})[part.line] = part.requested_date
    return Decision([(order, events), *(
        (stock := stocks.stock(sku), reservations.reschedule(stock, order.key, of_item))
        for sku, of_item in days.items()
    )])


def prioritise(order: Order, stocks: Stocks, priority: int, reason: str) -> Decision:
    """Change the priority of an order and of all its open lines."""
    events = order.prioritise(priority, reason)
    if not events:
        return Decision()
    return Decision([(order, events), *(
        (stock := stocks.stock(sku), reservations.prioritise(stock, lines, priority))
        for sku, lines in order.lines_by_item.items()
    )])


def move_allocation(
    stock: ProductStock, settings: Settings, giver: Order, taker: Order, quantity: int,
    reason: str, pool: str | None,
) -> Decision:
    """Move allocated units of one order to another that waits for them.

    Refuses an item, orders and a pool that nobody knows, and what
    :func:`~ledger.stock.reservations.move` refuses.
    """
    require(stock)
    giver.require()
    taker.require()
    if pool is not None:
        settings.require_pool(pool)
    require_quantity(stock, quantity)
    return Decision.about(stock, reservations.move(
        stock, settings, giver.lines_of(stock.key), taker.lines_of(stock.key), quantity, reason,
        pool,
    ))


def reallocate(
    stock: ProductStock, settings: Settings, orders: Mapping[str, Order], strategy: Strategy,
    named: Mapping[LineKey, Strategy], pool: str | None,
) -> Decision:
    """Distribute the units of an item among the lines that want them, each by its strategy.

    Lines that are ``named`` have one of their own. ``orders`` are those of the named lines; refuses
    one of them, or a line, that is not there.
    """
    for order, number in named:
        orders[order].require()
        orders[order].require_line(number)
    return Decision.about(stock, reallocations.reallocate_lines(
        stock, settings, strategy, named, pool
    ))
