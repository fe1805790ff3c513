"""Place an order: all of its lines are accepted or none, and what is short is backordered."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from commands.fields import MAX_LINES, Day, Key, LineNumber, Price, Quantity
from commands.model import Part
from commands.order_lines import OrderCommand, stop_if_recorded
from ledger.instant import day_of
from ledger.order import LinePlaced, OrderPlaced, ShipPolicy
from ledger.quantity import SCALE
from ledger.refusal import Refusal, refuse_all
from ledger.salability import backorder_message
from ledger.stock import reservations
from ledger.stock.events import StockReserved
from ledger.stock.reservations import Wanted
from ledger.store.work import Work


class NewLine(Part):
    """One line of a new order."""

    line: LineNumber | None = Field(None, description="Its number; default: 1, 2, 3 in order.")
    sku: Key = Field(description="The item.")
    quantity: Quantity = Field(description="How many units.")
    unit_price: Price | None = Field(None, description="The price of one unit.")
    requested_date: Day | None = Field(None, description="Wanted on; default: the occurred date.")


def _numbered(lines: list[NewLine]) -> list[NewLine]:
    """Number lines without a number by their places: written out or not, it is the same order."""
    numbered = [
        line if line.line else line.model_copy(update={"line": place})
        for place, line in enumerate(lines, start=1)
    ]
    if len({line.line for line in numbered}) < len(numbered):
        raise PydanticCustomError(
            "repeated",
            "must number each line once; a line without a number has that of its place",
        )
    return numbered


class PlaceOrder(OrderCommand):
    """Accept an order, all of its lines or none; what is short is backordered."""

    command: ClassVar[str] = "place-order"

    customer: Key = Field(description="Who ordered.")
    lines: Annotated[
        list[NewLine], Field(min_length=1, max_length=MAX_LINES), AfterValidator(_numbered)
    ] = Field(description="What was ordered.")
    pool: Key = Field("default", description="The pool it is sold from.")
    priority: Annotated[int, Field(ge=1, le=999)] = Field(
        5, description="Place in the queues; 1 is first."
    )
    ship_policy: ShipPolicy = Field("partial", description="partial, or complete: only whole.")
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = Field(
        None, description="ISO 4217 code of the prices."
    )

    def decide(self, work: Work) -> None:
        """Judge all lines, then reserve them and capture the amount."""
        order = work.order(self.order)
        content = self.content()
        stop_if_recorded(order, "order", content)
        settings = work.settings()
        settings.require_pool(self.pool)
        wanted = self._wanted(day_of(work.occurred_at))
        self._judge(work, wanted)
        reserved = self._reserve(work, wanted)
        work.record(order, [self._placed(work, content, wanted, reserved)])
        for sku, events in reserved.items():
            stock = work.stock(sku)
            backordered = sum(event.backordered for event in events)
            message = backorder_message(sku, backordered, stock.policy(settings, self.pool))
            work.record(stock, events)
            if message is not None:
                work.tell(message)

    def _by_number(self) -> dict[int, NewLine]:
        return {line.line or place: line for place, line in enumerate(self.lines, start=1)}

    def _wanted(self, today: date) -> dict[str, list[Wanted]]:
        wanted: dict[str, list[Wanted]] = {}
        for number, line in self._by_number().items():
            day = line.requested_date or today
            wanted.setdefault(line.sku, []).append(Wanted(number, line.quantity, day))
        return wanted

    def _judge(self, work: Work, wanted: dict[str, list[Wanted]]) -> None:
        refusals: list[Refusal] = []
        for sku, lines in wanted.items():
            try:
                refusals += reservations.check(
                    work.stock(sku), work.settings(), self.pool, [line.quantity for line in lines]
                )
            except Refusal as refusal:
                refusals.append(refusal)
        refuse_all(refusals)

    def _reserve(
        self, work: Work, wanted: dict[str, list[Wanted]]
    ) -> dict[str, list[StockReserved]]:
        settings = work.settings()
        return {
            sku: reservations.reserve(
                work.stock(sku), settings, self.pool, self.order, self.priority, lines
            )
            for sku, lines in wanted.items()
            if work.stock(sku).policy(settings, self.pool).manage_stock.value == "on"
        }

    def _placed(
        self, work: Work, content: str, wanted: dict[str, list[Wanted]],
        reserved: dict[str, list[StockReserved]],
    ) -> OrderPlaced:
        settings = work.settings()
        backordered = {
            event.line: event.backordered for events in reserved.values() for event in events
        }
        prices = {number: line.unit_price for number, line in self._by_number().items()}
        placed = []
        for sku, lines in wanted.items():
            policy = work.stock(sku).policy(settings, self.pool).backorders
            placed += [
                LinePlaced(
                    line=line.line, sku=sku, quantity=line.quantity, unit_price=prices[line.line],
                    requested_date=line.requested_date, managed=sku in reserved,
                    backordered=backordered.get(line.line, 0), backorders=policy.value,
                    backorders_level=policy.level,
                )
                for line in lines
            ]
        placed.sort(key=lambda line: line.line)
        amounts = [
            line.quantity * line.unit_price // SCALE
            for line in placed if line.unit_price is not None
        ]
        return OrderPlaced(
            order=self.order, customer=self.customer, pool=self.pool, priority=self.priority,
            ship_policy=self.ship_policy, currency=self.currency,
            captured_amount=sum(amounts) if amounts else None, lines=tuple(placed),
            content=content,
        )
