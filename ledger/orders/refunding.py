"""Refunding units of an order: released before shipment, returned to a source, or written off.

Rule 4.10 is the source.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.line_units import LineUnits, managed_by_item
from stocktrail.ledger.orders.events import LineOutcome, LineRefunded, OrderRefunded
from stocktrail.ledger.orders.returns import LineMoves, MovedUnits, moves_of, places_to_return_to
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.stock import movements, reservations
from stocktrail.ledger.stock.events import StockReturned
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.stock.stocks import Stocks, require_whole_units, warnings_about_the_past


class AskedRefund(Protocol):
    """Units of one line that are to be paid back, and what becomes of them."""

    @property
    def line(self) -> int:
        """The line."""

    @property
    def quantity(self) -> int:
        """How many units."""

    @property
    def outcome(self) -> LineOutcome:
        """Whether they are released, returned or written off."""

    @property
    def source(self) -> str | None:
        """Where returned units go, if that was said."""


class StocksAndLog(Stocks, Protocol):
    """What a refund reads: stocks, and the log, to know what lines were shipped from."""

    def recorded_with(self, stream: str) -> Iterator[RecordedEvent]:
        """Return whatever was recorded together with an event of a stream, as the log has it."""


def pay_back(
    order: Order, stocks: StocksAndLog, refund: str, asked: Sequence[AskedRefund],
    reason: str | None, content: str, *earlier_content: str,
) -> Decision:
    """Pay units back, and let released and returned ones serve the queues.

    Returned units go to the source that is named, else to those that they were shipped from.
    ``earlier_content`` are digests that earlier versions gave to the same refund. Raises
    :class:`~stocktrail.ledger.base.decision.AlreadyRecorded` for the same refund once more.
    """
    order.require()
    order.require_new(f"refund/{refund}", content, *earlier_content)
    released = order.taken_off(_units_asked(asked, released=True), "released")
    given_back = order.taken_off(
        _units_asked(asked, released=False), "given back", at_most="shipped"
    )
    require_whole_units(stocks, [*released, *given_back])
    settings = stocks.settings()
    for part in asked:
        if part.source is not None:
            settings.require_source(part.source)
    lines = _lines(order, stocks, asked)
    returns = _returns(order, stocks, refund, lines)
    event = OrderRefunded(
        order=order.key, refund=refund, reason=reason, content=content,
        refunded_amount=order.amount_of([*released, *given_back]),
        status=order.status_after(released), lines=tuple(lines),
    )
    return Decision(
        [(order, [event]), *returns, *_releases(order, stocks, released, returns)],
        warnings_about_the_past(stocks, returns),
    )


def _units_asked(asked: Iterable[AskedRefund], *, released: bool) -> list[tuple[int, int]]:
    return [
        (part.line, part.quantity) for part in asked if (part.outcome == "release") == released
    ]


def _lines(
    order: Order, stocks: StocksAndLog, asked: Iterable[AskedRefund]
) -> list[LineRefunded]:
    """Return what becomes of the units, line by line, with the sources of returned ones."""
    refunded: list[LineRefunded] = []
    came_back: dict[int, list[MovedUnits]] = {}
    moves: dict[int, LineMoves] | None = None
    for part in asked:
        line = order.lines[part.line]
        places = [MovedUnits(part.source, part.quantity)]
        if part.outcome == "return" and line.managed and part.source is None:
            if moves is None:
                recorded = stocks.recorded_with(order.id)
                moves = moves_of(order.key, (each.payload for each in recorded))
            before = came_back.get(part.line, [])
            places = _places(part.quantity, moves.get(part.line, LineMoves()), before)
        if part.outcome == "return":
            came_back.setdefault(part.line, []).extend(places)
        refunded += [
            LineRefunded(
                line=part.line, sku=line.sku, quantity=quantity, outcome=part.outcome,
                source=source,
            )
            for source, quantity in places
        ]
    return refunded


def _places(
    quantity: int, moves: LineMoves, before: Sequence[MovedUnits]
) -> list[MovedUnits]:
    """Choose where returned units of a line go, after what the same refund returns already."""
    places = places_to_return_to(moves.left, [*moves.came_back, *before], quantity)
    # A shipment that the library alone recorded, without a command, is not found in the log.
    unknown = quantity - sum(place.quantity for place in places)
    return [*places, MovedUnits("default", unknown)] if unknown else places


def _returns(
    order: Order, stocks: Stocks, refund: str, lines: Iterable[LineRefunded]
) -> list[tuple[ProductStock, list[Event]]]:
    """Put returned units on hand, item by item; unmanaged ones move nothing there."""
    returned: dict[str, list[StockReturned]] = {}
    for part in lines:
        if part.outcome != "return" or part.source is None:
            continue
        if order.lines[part.line].managed:
            returned.setdefault(part.sku, []).append(StockReturned(
                sku=part.sku, source=part.source, quantity=part.quantity,
                order=order.key, line=part.line, refund=refund,
            ))
    settings = stocks.settings()
    return [
        (stock := stocks.stock(sku), movements.take_back(
            stock, settings, events, stocks.when(stock)
        ))
        for sku, events in returned.items()
    ]


def _releases(
    order: Order, stocks: Stocks, released: Iterable[LineUnits],
    returns: Iterable[tuple[ProductStock, Sequence[Event]]],
) -> Iterator[tuple[ProductStock, Sequence[Event]]]:
    """Release units, of each item as it is once what is returned of it has come back."""
    came_back = {stock.key: events for stock, events in returns}
    for sku, units in managed_by_item(released).items():
        stock = stocks.stock(sku)
        by_then = stock.after(came_back[sku]) if sku in came_back else stock
        yield stock, reservations.release(
            by_then, stocks.settings(), order.key, units, "released"
        )
