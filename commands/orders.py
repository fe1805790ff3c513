"""Place an order: all of its lines are accepted or none, and what is short is backordered."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Annotated, ClassVar, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from commands.fields import MAX_LINES, Day, Key, LineNumber, Price, Quantity
from commands.model import Part
from commands.order_lines import OrderCommand, stop_if_recorded
from ledger.configuration import Policy
from ledger.instant import day_of
from ledger.order import LinePlaced, OrderPlaced, ShipPolicy
from ledger.quantity import SCALE
from ledger.refusal import Refusal, refuse_all
from ledger.salability import Figures, backorder_message
from ledger.settings import Settings
from ledger.stock import reservations
from ledger.stock.events import StockReserved
from ledger.stock.reservations import Wanted
from ledger.stock.state import ProductStock
from ledger.store.work import Work


class NewLine(Part):
    """One line of a new order."""

    line: LineNumber | None = Field(None, description="Its number; default: 1, 2, 3 in order.")
    sku: Key = Field(description="The item.")
    quantity: Quantity = Field(description="How many units.")
    unit_price: Price | None = Field(None, description="The price of one unit.")
    requested_date: Day | None = Field(None, description="Wanted on; default: the occurred date.")


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


class _Asked(NamedTuple):
    """What an order asks of one item, and what is known of it at that moment."""

    stock: ProductStock
    policy: Policy
    figures: Figures
    lines: Sequence[NewLine]
    wanted: Sequence[Wanted]


class PlaceOrder(OrderCommand):
    """Accept an order, all of its lines or none; what is short is backordered."""

    command: ClassVar[str] = "place-order"

    customer: Key = Field(description="Who ordered.")
    lines: Annotated[
        list[NewLine], Field(min_length=1, max_length=MAX_LINES), BeforeValidator(_numbered),
        AfterValidator(_each_number_once),
    ] = Field(description="What was ordered.")
    pool: Key = Field("default", description="The pool it is sold from.")
    priority: Annotated[int, Field(ge=1, le=999)] = Field(
        5, description="Place in the queues; 1 is first."
    )
    ship_policy: ShipPolicy = Field("partial", description="partial, or complete: only whole.")
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = Field(
        None, description="ISO 4217 code of the prices."
    )

    def streams(self) -> Sequence[str]:
        """Name the order's stream and those of its items."""
        stocks = [ProductStock.stream_of(line.sku) for line in self.lines]
        return [self.stream(), *stocks]

    def decide(self, work: Work) -> None:
        """Judge all lines, then reserve them and capture the amount."""
        order = work.order(self.order)
        stop_if_recorded(order, "order", work.content)
        settings = work.settings()
        settings.require_pool(self.pool)
        asked = self._asked(work, settings)
        refuse_all([refusal for each in asked for refusal in self._refusals(each)])
        reserved = [self._reserve(each) for each in asked]
        work.record(order, [self._placed(work.content, asked, reserved)])
        for each, events in zip(asked, reserved, strict=True):
            work.record(each.stock, events)
            backordered = sum(event.backordered for event in events)
            message = backorder_message(each.stock.key, backordered, each.policy)
            if message is not None:
                work.tell(message)

    def _asked(self, work: Work, settings: Settings) -> list[_Asked]:
        """Gather what is asked for by item, with what is known of the item."""
        today = day_of(work.occurred_at)
        lines_of: dict[str, list[NewLine]] = {}
        for line in self.lines:
            lines_of.setdefault(line.sku, []).append(line)
        asked = []
        for sku, lines in lines_of.items():
            stock = work.stock(sku)
            wanted = [
                Wanted(line.line or 0, line.quantity, line.requested_date or today)
                for line in lines
            ]
            policy, figures = stock.policy(settings, self.pool), stock.figures(settings, self.pool)
            asked.append(_Asked(stock, policy, figures, lines, wanted))
        return asked

    def _refusals(self, asked: _Asked) -> list[Refusal]:
        stock, policy, figures, _, wanted = asked
        try:
            quantities = [each.quantity for each in wanted]
            return reservations.check(stock, self.pool, figures, policy, quantities)
        except Refusal as refusal:
            return [refusal]

    def _reserve(self, asked: _Asked) -> list[StockReserved]:
        stock, policy, figures, _, wanted = asked
        if policy.manage_stock.value != "on":
            return []
        return reservations.reserve(stock, self.pool, figures, self.order, self.priority, wanted)

    def _placed(
        self, content: str, asked: Sequence[_Asked], reserved: Sequence[Sequence[StockReserved]]
    ) -> OrderPlaced:
        backordered = {event.line: event.backordered for events in reserved for event in events}
        placed: list[LinePlaced] = []
        amounts = []
        for stock, policy, _, lines, wanted in asked:
            managed = policy.manage_stock.value == "on"
            for line, want in zip(lines, wanted, strict=True):
                price = line.unit_price
                if price is not None:
                    amounts.append(want.quantity * price // SCALE)
                placed.append(LinePlaced.decided(
                    line=want.line, sku=stock.key, quantity=want.quantity, unit_price=price,
                    requested_date=want.requested_date, managed=managed,
                    backordered=backordered.get(want.line, 0), backorders=policy.backorders.value,
                    backorders_level=policy.backorders.level,
                ))
        placed.sort(key=_by_number)
        return OrderPlaced.decided(
            order=self.order, customer=self.customer, pool=self.pool, priority=self.priority,
            ship_policy=self.ship_policy, currency=self.currency,
            captured_amount=sum(amounts) if amounts else None, lines=tuple(placed),
            content=content,
        )


_by_number = attrgetter("line")
