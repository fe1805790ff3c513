"""Placing an order: all of its lines are accepted or none, and what is short is backordered.

Rule 4.1 is the source.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from operator import attrgetter
from typing import Protocol

from stocktrail.ledger.base.aggregate import Aggregate
from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.orders.events import LinePlaced, OrderPlaced, ShipPolicy
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.refusal import Refusal, refuse_all
from stocktrail.ledger.salability import backorder_message
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock import reservations
from stocktrail.ledger.stock.events import StockReserved
from stocktrail.ledger.stock.kept_figures import KeptFigures
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.stock.stocks import Stocks
from stocktrail.ledger.sums import amount_of, require_amount
from stocktrail.ledger.time_zone import day_in


class AskedLine(Protocol):
    """A line as it is asked for; without a requested date it is wanted on the day of the order."""

    @property
    def line(self) -> int | None:
        """Its number."""

    @property
    def sku(self) -> str:
        """The item."""

    @property
    def quantity(self) -> int:
        """How many units."""

    @property
    def unit_price(self) -> int | None:
        """The price of one unit, if it has one."""

    @property
    def requested_date(self) -> date | None:
        """When it is wanted, if that was said."""


class AskedOrder(Protocol):
    """An order as it is asked for."""

    @property
    def customer(self) -> str:
        """Who ordered."""

    @property
    def pool(self) -> str:
        """The pool that it is sold from."""

    @property
    def priority(self) -> int:
        """Its place in the queues."""

    @property
    def ship_policy(self) -> ShipPolicy:
        """Whether it may ship in parts."""

    @property
    def currency(self) -> str | None:
        """The currency of the prices, if they have one."""

    @property
    def lines(self) -> Sequence[AskedLine]:
        """What was ordered; each line has a number of its own."""


_Sold = tuple[ProductStock, KeptFigures, list[AskedLine]]
"""An item of an order: what may be sold of it, and the lines that ask for it."""


def place(
    order: Order, stocks: Stocks, asked: AskedOrder, content: str, occurred_at: int
) -> Decision:
    """Judge all lines, then reserve them and capture the amount.

    Refuses with every rule that any of the lines fails. Raises
    :class:`~stocktrail.ledger.base.decision.AlreadyRecorded` for the same order once more.
    """
    order.require_new("order", content)
    settings, pool = stocks.settings(), asked.pool
    settings.require_pool(pool)
    refusals: list[Refusal] = []
    sold: list[_Sold] = []
    for sku, lines in _by_item(asked.lines).items():
        stock = stocks.stock(sku)
        figures = stock.for_sale(settings, pool)
        demand = stock.demand.get(pool, 0)
        if len(lines) > 1 or not figures.allow(lines[0].quantity, demand):
            refusals += _refusals(stock, settings, pool, lines)
        sold.append((stock, figures, lines))
    refuse_all(refusals)
    today = day_in(occurred_at, settings.time_zone)
    return _reserve(order, asked, content, sold, today)


def _by_item(lines: Iterable[AskedLine]) -> dict[str, list[AskedLine]]:
    lines_of: dict[str, list[AskedLine]] = {}
    for line in lines:
        lines_of.setdefault(line.sku, []).append(line)
    return lines_of


def _refusals(
    stock: ProductStock, settings: Settings, pool: str, lines: Iterable[AskedLine]
) -> list[Refusal]:
    """List what forbids the lines of one item, which are judged together."""
    wanted = [line.quantity for line in sorted(lines, key=_by_number)]
    try:
        return reservations.check(stock, pool, stock.verdict(settings, pool), wanted)
    except Refusal as refusal:
        return [refusal]


def _reserve(
    order: Order, asked: AskedOrder, content: str, sold: Iterable[_Sold], today: date
) -> Decision:
    """Accept the lines: what is free of an item goes to its lines in queue order, the rest waits.

    That is the earlier requested date first, then the lower number. They are recorded by number,
    however they were written down: lines placed together stand so in the queue.
    """
    key, pool, priority = order.key, asked.pool, asked.priority
    placed: list[LinePlaced] = []
    changes: list[tuple[Aggregate, Sequence[Event]]] = []
    messages = []
    for stock, figures, lines in sold:
        sku, managed = stock.key, figures.managed
        free = figures.supply - stock.allocated.get(pool, 0)
        backorders, level = figures.policy.backorders
        if len(lines) > 1:
            lines.sort(key=lambda line: (line.requested_date or today, line.line))
        reserved = []
        backordered = 0
        for line in lines:
            number, quantity, day = line.line or 0, line.quantity, line.requested_date or today
            allocated = quantity if quantity < free else free
            free -= allocated
            waits = quantity - allocated
            backordered += waits
            placed.append(LinePlaced(
                line=number, sku=sku, quantity=quantity, unit_price=line.unit_price,
                requested_date=day, managed=managed, backordered=waits,
                backorders=backorders, backorders_level=level,
            ))
            if managed:
                reserved.append(StockReserved(
                    sku=sku, pool=pool, order=key, line=number, quantity=quantity,
                    allocated=allocated, backordered=waits, priority=priority, requested_date=day,
                ))
        if len(lines) > 1:
            reserved.sort(key=_by_number)
        changes.append((stock, reserved))
        if backordered:
            message = backorder_message(sku, backordered, figures.policy)
            if message is not None:
                messages.append(message)
    placed.sort(key=_by_number)
    return Decision([(order, (_placed(order, asked, content, placed),)), *changes], messages)


def _placed(
    order: Order, asked: AskedOrder, content: str, placed: Sequence[LinePlaced]
) -> OrderPlaced:
    captured = amount_of([(line.quantity, line.unit_price) for line in placed])
    if captured is not None:
        require_amount(order.key, captured)
    return OrderPlaced(
        order=order.key, customer=asked.customer, pool=asked.pool, priority=asked.priority,
        ship_policy=asked.ship_policy, currency=asked.currency,
        captured_amount=captured, lines=tuple(placed), content=content,
    )


_by_number = attrgetter("line")
