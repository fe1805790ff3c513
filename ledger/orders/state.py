"""The state of an order: what was asked for, and what has been shipped, cancelled and paid back.

An order knows its lines and its money. How many units are allocated to a line is the business of
:class:`~stocktrail.ledger.stock.state.ProductStock`, where all lines of an item wait in one queue.

Rules 1.4 and 4.7 are the source.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Literal, Self

from msgspec import Struct, convert, to_builtins
from msgspec.structs import replace

from stocktrail.ledger.base.document import Document
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.line_units import AskedUnits, LineUnits, OrderLines
from stocktrail.ledger.orders.events import (
    CustomerTold,
    How,
    LineDate,
    LineTold,
    OrderCancelled,
    OrderPlaced,
    OrderPrioritised,
    OrderRefunded,
    OrderRescheduled,
    OrderShipped,
    ShipPolicy,
    Status,
    ToldDate,
)
from stocktrail.ledger.quantity import to_number, to_text
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.sums import amount_of

AtMost = Literal["remaining", "shipped"]
"""Of what a line has left no more can be taken: what it names is the end of a code."""


class OrderLine(Struct, frozen=True, array_like=True, gc=False):
    """One line as it stands: quantities in ten-thousandths, the price in hundred-millionths."""

    sku: str
    ordered: int
    unit_price: int | None
    requested_date: date
    managed: bool
    shipped: int = 0
    cancelled: int = 0
    released: int = 0
    given_back: int = 0

    @property
    def remaining(self) -> int:
        """Units that are still to be shipped."""
        return self.ordered - self.shipped - self.cancelled - self.released


class Order(Document):
    """An order with its lines."""

    __slots__ = ("lines", "pool", "priority", "ship_policy")

    category = "order"

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.pool: str = ""
        self.priority: int = 0
        self.ship_policy: ShipPolicy = "partial"
        self.lines: dict[int, OrderLine] = {}

    def _placed(self, event: OrderPlaced) -> None:
        self.pool = event.pool
        self.priority = event.priority
        self.ship_policy = event.ship_policy
        self.contents["order"] = (event.content, self.version)
        self.lines = {
            line.line: OrderLine(
                line.sku, line.quantity, line.unit_price, line.requested_date, line.managed
            )
            for line in event.lines
        }

    def _cancelled(self, event: OrderCancelled) -> None:
        for part in event.lines:
            line = self.lines[part.line]
            self.lines[part.line] = replace(line, cancelled=line.cancelled + part.quantity)

    def _shipped(self, event: OrderShipped) -> None:
        self.contents[f"shipment/{event.shipment}"] = (event.content, self.version)
        for part in event.lines:
            line = self.lines[part.line]
            self.lines[part.line] = replace(line, shipped=line.shipped + part.quantity)

    def _refunded(self, event: OrderRefunded) -> None:
        self.contents[f"refund/{event.refund}"] = (event.content, self.version)
        for part in event.lines:
            line = self.lines[part.line]
            if part.outcome == "release":
                line = replace(line, released=line.released + part.quantity)
            else:
                line = replace(line, given_back=line.given_back + part.quantity)
            self.lines[part.line] = line

    def _rescheduled(self, event: OrderRescheduled) -> None:
        for part in event.lines:
            line = self.lines[part.line]
            self.lines[part.line] = replace(line, requested_date=part.requested_date)

    def _prioritised(self, event: OrderPrioritised) -> None:
        self.priority = event.priority

    def _told(self, event: CustomerTold) -> None:
        """Change nothing: no decision reads what a customer was told."""

    appliers: ClassVar[Mapping[type[Event], Any]] = {
        OrderPlaced: _placed,
        OrderCancelled: _cancelled,
        OrderShipped: _shipped,
        OrderRefunded: _refunded,
        OrderRescheduled: _rescheduled,
        OrderPrioritised: _prioritised,
        CustomerTold: _told,
    }

    def to_state(self) -> dict[str, Any]:
        """Return the order and its lines as JSON values."""
        return {
            "pool": self.pool,
            "priority": self.priority,
            "ship_policy": self.ship_policy,
            "contents": self.contents,
            "lines": [[number, *to_builtins(line)] for number, line in self.lines.items()],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take over the order and its lines."""
        self.pool = state["pool"]
        self.priority = state["priority"]
        self.ship_policy = state["ship_policy"]
        self.contents.update(
            (what, (text, at)) for what, (text, at) in state["contents"].items()
        )
        self.lines = {number: convert(line, OrderLine) for number, *line in state["lines"]}

    def clone(self) -> Self:
        """Copy the order."""
        copy = self.blank_copy()
        copy.pool, copy.priority = self.pool, self.priority
        copy.ship_policy = self.ship_policy
        copy.contents, copy.lines = dict(self.contents), dict(self.lines)
        return copy

    @property
    def status(self) -> Status:
        """Processing until nothing remains; then complete if anything shipped, else cancelled."""
        for line in self.lines.values():
            if line.remaining:
                return "processing"
        return self.status_after(())

    @property
    def skus(self) -> list[str]:
        """The items of the order, each once, in the order of its lines."""
        return list(dict.fromkeys(line.sku for line in self.lines.values()))

    @property
    def lines_by_item(self) -> dict[str, OrderLines]:
        """The lines of the order by item, each item in the order of its first line."""
        numbers: dict[str, list[int]] = {}
        for number, line in self.lines.items():
            numbers.setdefault(line.sku, []).append(number)
        return {sku: OrderLines(self.key, of_item) for sku, of_item in numbers.items()}

    def lines_of(self, sku: str) -> OrderLines:
        """Return the lines of the order that are of an item."""
        return self.lines_by_item.get(sku, OrderLines(self.key, ()))

    # -------------------------------------------------------------- decisions

    def require_line(self, number: int) -> OrderLine:
        """Return a line, or refuse a number that the order does not have."""
        if number not in self.lines:
            self.refuse_unknown_line(number, self.lines)
        return self.lines[number]

    def taken_off(
        self, asked: Iterable[AskedUnits], doing: str, *, at_most: AtMost = "remaining"
    ) -> list[LineUnits]:
        """Check quantities against what each line has left, and return them line by line.

        ``None`` as a quantity means all that is left. Refuses more than ``remaining`` (or, for
        what comes back, more than was shipped and not given back before).
        """
        units = []
        left: dict[int, int] = {}
        for number, quantity in asked:
            line = self.require_line(number)
            most = line.remaining if at_most == "remaining" else line.shipped - line.given_back
            most = left.get(number, most)
            quantity = most if quantity is None else quantity
            if quantity > most or quantity <= 0:
                raise self._too_much(number, line.sku, quantity, most, doing, at_most)
            left[number] = most - quantity
            units.append(LineUnits(number, line.sku, quantity, line.managed))
        return units

    def _too_much(
        self, number: int, sku: str, quantity: int, most: int, doing: str, at_most: AtMost
    ) -> Refusal:
        what = "remain" if at_most == "remaining" else "were shipped and not given back"
        return Refusal(
            f"not_enough_{at_most}",
            f"Line {number} of order {self.key} ({sku}): {to_text(quantity or most)} cannot be "
            f"{doing}, {to_text(most)} {what}.",
            order=self.key, line=number, sku=sku,
            quantity=to_number(quantity), **{at_most: to_number(most)},
        )

    def status_after(self, units: Sequence[LineUnits], *, shipping: bool = False) -> Status:
        """Return what the order's status will be once these units are off its lines.

        Processing until nothing remains; then complete if anything shipped, else cancelled.
        """
        remaining = sum(line.remaining for line in self.lines.values())
        if remaining > sum(each.quantity for each in units):
            return "processing"
        shipped = shipping or any(line.shipped for line in self.lines.values())
        return "complete" if shipped else "cancelled"

    def amount_of(self, units: Iterable[LineUnits]) -> int | None:
        """Add up what was captured for these units, ``None`` where none has a price."""
        return amount_of([(each.quantity, self.lines[each.line].unit_price) for each in units])

    def reschedule(
        self, dates: Sequence[tuple[int, date]], reason: str
    ) -> list[OrderRescheduled]:
        """Ask for lines on other dates; dates that already stand change nothing."""
        self.require()
        news = []
        for number, day in dates:
            line = self.require_line(number)
            if not line.remaining:
                raise self._too_much(number, line.sku, 0, 0, "rescheduled", "remaining")
            if line.requested_date != day:
                news.append(LineDate(line=number, requested_date=day))
        if not news:
            return []
        return [OrderRescheduled(order=self.key, lines=tuple(news), reason=reason)]

    def prioritise(self, priority: int, reason: str) -> list[OrderPrioritised]:
        """Change the priority of the order; the one it has changes nothing."""
        self.require()
        if self.priority == priority:
            return []
        return [OrderPrioritised(order=self.key, priority=priority, reason=reason)]

    def tell(
        self, told: Mapping[int, ToldDate | None] | None, how: How, note: str | None
    ) -> list[CustomerTold]:
        """Record that the customer was told when lines come; ``None`` is all of which any remains.

        By line, the day they were told, ``none`` where they were told that nobody knows, ``None``
        where it is what is promised. Being told twice is two tellings. Refuses a line of which
        nothing remains, and an order of which nothing does (``nothing_to_tell``).
        """
        self.require()
        if told is None:
            told = {number: None for number, line in self.lines.items() if line.remaining}
        lines = []
        for number, day in told.items():
            line = self.require_line(number)
            if not line.remaining:
                raise self._nothing_to_tell(f"line {number} ({line.sku})", line=number)
            lines.append(LineTold(
                line=number, sku=line.sku, told_date=None if day == "none" else day,
                nobody_knows=day == "none",
            ))
        if not lines:
            raise self._nothing_to_tell("it")
        return [CustomerTold(order=self.key, lines=tuple(lines), how=how, note=note)]

    def _nothing_to_tell(self, what: str, **details: int) -> Refusal:
        return Refusal(
            "nothing_to_tell",
            f"Order {self.key}: nothing of {what} is still to come, so there is no promise to "
            "tell anybody of.", order=self.key, **details,
        )
