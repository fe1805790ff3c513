"""Place an order: all of its lines are accepted or none, and what is short is backordered."""

from collections.abc import Sequence
from datetime import date
from itertools import repeat
from operator import attrgetter
from typing import Annotated, ClassVar, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from stocktrail.commands.fields import MAX_LINES, Day, Key, LineNumber, Price, Quantity
from stocktrail.commands.model import Part
from stocktrail.commands.orders.lines import OrderCommand, stop_if_recorded
from stocktrail.ledger.configuration import Policy
from stocktrail.ledger.orders.events import LinePlaced, OrderPlaced, ShipPolicy
from stocktrail.ledger.quantity import SCALE
from stocktrail.ledger.refusal import Refusal, refuse_all
from stocktrail.ledger.salability import backorder_message
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock import reservations
from stocktrail.ledger.stock.events import StockReserved
from stocktrail.ledger.stock.reservations import Wanted
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store.engine.unit_of_work import UnitOfWork
from stocktrail.ledger.sums import require_amount
from stocktrail.ledger.time_zone import day_in

__all__ = ["NewLine", "PlaceOrder"]


class NewLine(Part):
    """One line of a new order."""

    line: LineNumber | None = Field(
        default=None, description="Its number; default: 1, 2, 3 in order."
    )
    sku: Key = Field(description="The item.")
    quantity: Quantity = Field(description="How many units.")
    unit_price: Price | None = Field(default=None, description="The price of one unit.")
    requested_date: Day | None = Field(
        default=None, description="Wanted on; default: the occurred date."
    )


def _numbered(lines: object) -> object:
    """Number lines without a number by their places: written out or not, it is the same order."""
    if not isinstance(lines, list):
        return lines
    return [_with_number(line, place) for place, line in enumerate(lines, start=1)]


def _with_number(line: object, place: int) -> object:
    if isinstance(line, dict) and line.get("line") is None:
        return {**line, "line": place}
    if isinstance(line, NewLine) and line.line is None:
        return line.model_copy(update={"line": place})
    return line


def _each_number_once(lines: list[NewLine]) -> list[NewLine]:
    if len({line.line for line in lines}) < len(lines):
        raise PydanticCustomError(
            "repeated",
            "must number each line once; a line without a number has that of its place",
        )
    return lines


class _Sold(NamedTuple):
    """What an order gets of one item: the lines as they are placed, and the units they reserve."""

    stock: ProductStock
    policy: Policy
    placed: Sequence[LinePlaced]
    reserved: Sequence[StockReserved]


class PlaceOrder(OrderCommand):
    """Accept an order, all of its lines or none; what is short is backordered."""

    command: ClassVar[str] = "place-order"

    customer: Key = Field(description="Who ordered.")
    lines: Annotated[
        list[NewLine], Field(min_length=1, max_length=MAX_LINES), BeforeValidator(_numbered),
        AfterValidator(_each_number_once),
    ] = Field(description="What was ordered.")
    pool: Key = Field(default="default", description="The pool it is sold from.")
    priority: Annotated[int, Field(ge=1, le=999)] = Field(
        default=5, description="Place in the queues; 1 is first."
    )
    ship_policy: ShipPolicy = Field(
        default="partial", description="partial, or complete: only whole."
    )
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = Field(
        default=None, description="ISO 4217 code of the prices."
    )

    def streams(self) -> Sequence[str]:
        """Return the order's stream and those of its items."""
        stocks = [ProductStock.stream_of(line.sku) for line in self.lines]
        return [self.stream(), *stocks]

    def decide(self, work: UnitOfWork) -> None:
        """Judge all lines, then reserve them and capture the amount."""
        order = work.order(self.order)
        content = work.content
        stop_if_recorded(order, "order", content)
        settings = work.settings()
        settings.require_pool(self.pool)
        today = day_in(work.occurred_at, settings.time_zone)
        refusals: list[Refusal] = []
        sold = []
        for sku, lines in self._lines_by_item().items():
            try:
                sold.append(self._sell(work.stock(sku), settings, lines, today, refusals))
            except Refusal as refusal:
                refusals.append(refusal)
        refuse_all(refusals)
        work.record(order, [self._placed(content, sold)])
        for stock, policy, _, reserved in sold:
            work.record(stock, reserved)
            backordered = sum([event.backordered for event in reserved])
            message = backorder_message(stock.key, backordered, policy)
            if message is not None:
                work.add_message(message)

    def _lines_by_item(self) -> dict[str, list[NewLine]]:
        lines_of: dict[str, list[NewLine]] = {}
        for line in self.lines:
            lines_of.setdefault(line.sku, []).append(line)
        return lines_of

    def _sell(
        self, stock: ProductStock, settings: Settings, lines: Sequence[NewLine], today: date,
        refusals: list[Refusal],
    ) -> _Sold:
        """Judge the lines of one item together, add what forbids them, and reserve their units."""
        pool = self.pool
        verdict = stock.verdict(settings, pool)
        if len(lines) > 1:
            lines = sorted(lines, key=_by_number)
        refusals += reservations.check(stock, pool, verdict, [line.quantity for line in lines])
        wanted = [
            Wanted(line.line or 0, line.quantity, line.requested_date or today) for line in lines
        ]
        managed, policy = verdict.managed, verdict.policy
        reserved = reservations.reserve(
            stock, pool, verdict.figures, self.order, self.priority, wanted
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

    def _placed(self, content: str, sold: Sequence[_Sold]) -> OrderPlaced:
        placed = sorted([line for each in sold for line in each.placed], key=_by_number)
        amounts = [
            line.quantity * line.unit_price // SCALE
            for line in placed if line.unit_price is not None
        ]
        captured = sum(amounts) if amounts else None
        if captured is not None:
            require_amount(self.order, captured)
        return OrderPlaced.decided(
            order=self.order, customer=self.customer, pool=self.pool, priority=self.priority,
            ship_policy=self.ship_policy, currency=self.currency,
            captured_amount=captured, lines=tuple(placed), content=content,
        )


_by_number = attrgetter("line")
