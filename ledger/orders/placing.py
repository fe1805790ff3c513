"""Placing an order: all of its lines are accepted or none, and what is short is backordered.

Rule 4.1 is the source.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import repeat
from operator import attrgetter
from typing import NamedTuple, Protocol

from stocktrail.ledger.base.aggregate import Aggregate
from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.configuration import Policy
from stocktrail.ledger.orders.events import LinePlaced, OrderPlaced, ShipPolicy
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.refusal import Refusal, refuse_all
from stocktrail.ledger.salability import backorder_message
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock import reservations
from stocktrail.ledger.stock.events import StockReserved
from stocktrail.ledger.stock.reservations import Wanted
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


class _Sold(NamedTuple):
    """What an order gets of one item: the lines as they are placed, and the units they reserve."""

    stock: ProductStock
    policy: Policy
    placed: Sequence[LinePlaced]
    reserved: Sequence[StockReserved]


def place(
    order: Order, stocks: Stocks, asked: AskedOrder, content: str, occurred_at: int
) -> Decision:
    """Judge all lines, then reserve them and capture the amount.

    Refuses with every rule that any of the lines fails. Raises
    :class:`~stocktrail.ledger.base.decision.AlreadyRecorded` for the same order once more.
    """
    order.require_new("order", content)
    settings = stocks.settings()
    settings.require_pool(asked.pool)
    today = day_in(occurred_at, settings.time_zone)
    refusals: list[Refusal] = []
    sold = []
    for sku, lines in _by_item(asked.lines).items():
        try:
            sold.append(_sell(order, stocks.stock(sku), settings, asked, lines, today, refusals))
        except Refusal as refusal:
            refusals.append(refusal)
    refuse_all(refusals)
    changes: list[tuple[Aggregate, Sequence[Event]]] = [
        (order, (_placed(order, asked, content, sold),))
    ]
    messages = []
    for stock, policy, _, reserved in sold:
        changes.append((stock, reserved))
        backordered = sum([event.backordered for event in reserved])
        message = backorder_message(stock.key, backordered, policy)
        if message is not None:
            messages.append(message)
    return Decision(changes, messages)


def _by_item(lines: Iterable[AskedLine]) -> dict[str, list[AskedLine]]:
    lines_of: dict[str, list[AskedLine]] = {}
    for line in lines:
        lines_of.setdefault(line.sku, []).append(line)
    return lines_of


def _sell(
    order: Order, stock: ProductStock, settings: Settings, asked: AskedOrder,
    lines: Sequence[AskedLine], today: date, refusals: list[Refusal],
) -> _Sold:
    """Judge the lines of one item together, add what forbids them, and reserve their units."""
    pool = asked.pool
    verdict = stock.verdict(settings, pool)
    if len(lines) > 1:
        lines = sorted(lines, key=_by_number)
    refusals += reservations.check(stock, pool, verdict, [line.quantity for line in lines])
    wanted = [
        Wanted(line.line or 0, line.quantity, line.requested_date or today) for line in lines
    ]
    managed, policy = verdict.managed, verdict.policy
    reserved = reservations.reserve(
        stock, pool, verdict.figures, order.key, asked.priority, wanted
    ) if managed else []
    waits = [event.backordered for event in reserved] or repeat(0)
    backorders, level = policy.backorders
    return _Sold(stock, policy, [
        LinePlaced.decided(
            line=number, sku=stock.key, quantity=quantity, unit_price=line.unit_price,
            requested_date=requested, managed=managed, backordered=backordered,
            backorders=backorders, backorders_level=level,
        )
        for line, (number, quantity, requested), backordered
        in zip(lines, wanted, waits, strict=False)
    ], reserved)


def _placed(
    order: Order, asked: AskedOrder, content: str, sold: Sequence[_Sold]
) -> OrderPlaced:
    placed = sorted([line for each in sold for line in each.placed], key=_by_number)
    captured = amount_of([(line.quantity, line.unit_price) for line in placed])
    if captured is not None:
        require_amount(order.key, captured)
    return OrderPlaced.decided(
        order=order.key, customer=asked.customer, pool=asked.pool, priority=asked.priority,
        ship_policy=asked.ship_policy, currency=asked.currency,
        captured_amount=captured, lines=tuple(placed), content=content,
    )


_by_number = attrgetter("line")
