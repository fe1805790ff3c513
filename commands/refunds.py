"""Pay units of an order back: released before shipment, returned to a source, or written off."""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from commands.fields import MAX_LINES, Key, LineNumber, Quantity, Text
from commands.model import Part
from commands.order_lines import (
    OrderCommand,
    each_line_once,
    managed_by_sku,
    require_whole,
    stop_if_recorded,
)
from ledger.order import LineRefunded, Order, OrderRefunded, Take
from ledger.stock import movements, reservations
from ledger.stock.events import StockReturned
from ledger.store.work import Work


class RefundPart(Part):
    """Units of one line that are paid back, and what becomes of them."""

    line: LineNumber = Field(description="The line.")
    quantity: Quantity = Field(description="How many units.")
    outcome: Literal["release", "return", "write_off"] = Field(
        description="release (not shipped yet), return (to a source) or write_off."
    )
    source: Key | None = Field(None, description="Where returned units go; default: default.")

    @model_validator(mode="after")
    def _source_for_returns(self) -> Self:
        if self.source is not None and self.outcome != "return":
            raise PydanticCustomError("no_source", "only a return goes to a source")
        return self


def _destination(part: RefundPart) -> str | None:
    return (part.source or "default") if part.outcome == "return" else None


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
    reason: Text | None = Field(None, description="Why.")

    def content(self) -> bytes:
        """Write the refund as JSON; a return to ``default`` is the same said or unsaid."""
        lines = [
            part.model_copy(update={"source": _destination(part)}) for part in self.lines
        ]
        return super(RefundOrder, self.model_copy(update={"lines": lines})).content()

    def decide(self, work: Work) -> None:
        """Pay the units back, and let released and returned ones serve the queue."""
        order = work.order(self.order)
        order.require()
        content = work.content
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
            if part.outcome == "return":
                settings.require_source(part.source or "default")
        returned = self._returned(zip(given_back, backs, strict=True))
        returns = {
            sku: movements.take_back(work.stock(sku), settings, events)
            for sku, events in returned.items()
        }
        work.record(order, [self._refunded(order, takes, backs, content)])
        for sku, events in returns.items():
            work.record(work.stock(sku), events)
        for sku, taken in managed_by_sku(takes).items():
            stock = work.stock(sku)
            work.record(stock, reservations.release(
                stock, settings, self.order, taken, "released"
            ))

    def _returned(
        self, backs: Iterable[tuple[RefundPart, Take]]
    ) -> dict[str, list[StockReturned]]:
        """Give what comes back to sources, by item; unmanaged units move nothing on hand."""
        returned: dict[str, list[StockReturned]] = {}
        for part, take in backs:
            if part.outcome == "return" and take.managed:
                returned.setdefault(take.sku, []).append(StockReturned(
                    sku=take.sku, source=part.source or "default", quantity=take.quantity,
                    order=self.order, line=take.line, refund=self.refund,
                ))
        return returned

    def _refunded(
        self, order: Order, takes: list[Take], backs: list[Take], content: str
    ) -> OrderRefunded:
        return OrderRefunded(
            order=self.order, refund=self.refund, reason=self.reason, content=content,
            refunded_amount=order.amount_of([*takes, *backs]), status=order.status_after(takes),
            lines=tuple(
                LineRefunded(
                    line=part.line, sku=order.lines[part.line].sku, quantity=part.quantity,
                    outcome=part.outcome,
                    source=_destination(part),
                )
                for part in self.lines
            ),
        )
