"""Pay units of an order back: released before shipment, returned, or written off.

Returned units go to the source that is named, else to those that they were shipped from.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from stocktrail.commands.fields import MAX_LINES, Key, LineNumber, Quantity, Text
from stocktrail.commands.model import Part, digest
from stocktrail.commands.orders.lines import (
    OrderCommand,
    each_line_once,
    managed_by_sku,
    require_whole,
    stop_if_recorded,
)
from stocktrail.ledger.orders.events import LineRefunded, OrderRefunded
from stocktrail.ledger.orders.returns import LineMoves, MovedUnits, moves_of, places_to_return_to
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.stock import movements, reservations
from stocktrail.ledger.stock.events import StockReturned
from stocktrail.ledger.store.engine.unit_of_work import UnitOfWork

__all__ = ["RefundOrder", "RefundPart"]


class RefundPart(Part):
    """Units of one line that are paid back, and what becomes of them."""

    line: LineNumber = Field(description="The line.")
    quantity: Quantity = Field(description="How many units.")
    outcome: Literal["release", "return", "write_off"] = Field(
        description="release (not shipped yet), return (to a source) or write_off."
    )
    source: Key | None = Field(
        default=None, description="Where returned units go; default: where they were shipped from."
    )

    @model_validator(mode="after")
    def _source_for_returns(self) -> Self:
        if self.source is not None and self.outcome != "return":
            raise PydanticCustomError("no_source", "only a return goes to a source")
        return self


def _each_release_once(lines: list[RefundPart]) -> list[RefundPart]:
    each_line_once([line for line in lines if line.outcome == "release"])
    return lines


class RefundOrder(OrderCommand):
    """Pay back units of an order: released before shipment, returned, or written off."""

    command: ClassVar[str] = "refund-order"

    refund: Key = Field(description="The id of the refund.")
    lines: Annotated[
        list[RefundPart], Field(min_length=1, max_length=MAX_LINES),
        AfterValidator(_each_release_once),
    ] = Field(description="Which units, and what becomes of them.")
    reason: Text | None = Field(default=None, description="Why.")

    def decide(self, work: UnitOfWork) -> None:
        """Pay the units back, and let released and returned ones serve the queue."""
        order = work.order(self.order)
        order.require()
        content = self._content(work, order)
        stop_if_recorded(order, f"refund/{self.refund}", content)
        released = [part for part in self.lines if part.outcome == "release"]
        given_back = [part for part in self.lines if part.outcome != "release"]
        takes = order.takes(((part.line, part.quantity) for part in released), "released")
        backs = order.takes(
            ((part.line, part.quantity) for part in given_back), "given back", at_most="shipped"
        )
        require_whole(work, [*takes, *backs])
        settings = work.settings()
        for part in given_back:
            if part.source is not None:
                settings.require_source(part.source)
        refunded = self._refunded(work, order)
        returns = {
            sku: movements.take_back(stock := work.stock(sku), settings, events, work.when(stock))
            for sku, events in self._returned(order, refunded).items()
        }
        work.record(order, [OrderRefunded(
            order=self.order, refund=self.refund, reason=self.reason, content=content,
            refunded_amount=order.amount_of([*takes, *backs]), status=order.status_after(takes),
            lines=tuple(refunded),
        )])
        for sku, events in returns.items():
            work.record_moved(work.stock(sku), events)
        for sku, taken in managed_by_sku(takes).items():
            stock = work.stock(sku)
            work.record(stock, reservations.release(
                stock, settings, self.order, taken, "released"
            ))

    def _content(self, work: UnitOfWork, order: Order) -> str:
        """Return the digest of the refund, or the one that an earlier version gave to it.

        Returns without a source went to ``default`` then, and their digests were those of returns
        to it. Such a refund must stay known.
        """
        known, _ = order.contents.get(f"refund/{self.refund}", (None, 0))
        lines = [
            part.model_copy(update={"source": part.source or "default"})
            if part.outcome == "return" else part
            for part in self.lines
        ]
        before = digest(self.model_copy(update={"lines": lines}).content())
        return before if known == before else work.content

    def _refunded(self, work: UnitOfWork, order: Order) -> list[LineRefunded]:
        """Return what becomes of the units, line by line, and to which sources returned ones go."""
        refunded: list[LineRefunded] = []
        came_back: dict[int, list[MovedUnits]] = {}
        moves: dict[int, LineMoves] | None = None
        for part in self.lines:
            line = order.lines[part.line]
            places = [MovedUnits(part.source, part.quantity)]
            if part.outcome == "return" and line.managed and part.source is None:
                if moves is None:
                    recorded = work.recorded_with(order.id)
                    moves = moves_of(order.key, (each.payload for each in recorded))
                before = came_back.get(part.line, [])
                places = _places(part, moves.get(part.line, LineMoves()), before)
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

    def _returned(
        self, order: Order, refunded: Iterable[LineRefunded]
    ) -> dict[str, list[StockReturned]]:
        """Return what comes back to sources, by item; unmanaged units move nothing on hand."""
        returned: dict[str, list[StockReturned]] = {}
        for part in refunded:
            if part.outcome != "return" or part.source is None:
                continue
            if order.lines[part.line].managed:
                returned.setdefault(part.sku, []).append(StockReturned(
                    sku=part.sku, source=part.source, quantity=part.quantity,
                    order=self.order, line=part.line, refund=self.refund,
                ))
        return returned


def _places(part: RefundPart, moves: LineMoves, before: Sequence[MovedUnits]) -> list[MovedUnits]:
    """Choose where returned units of a line go, after what the same refund returns already."""
    places = places_to_return_to(moves.left, [*moves.came_back, *before], part.quantity)
    # A shipment that the library alone recorded, without a command, is not found in the log.
    unknown = part.quantity - sum(place.quantity for place in places)
    return [*places, MovedUnits("default", unknown)] if unknown else places
