"""Pay units of an order back: released before shipment, returned, or written off."""

from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from stocktrail.commands.fields import MAX_LINES, Key, LineNumber, Quantity, Text
from stocktrail.commands.model import Body, Part, content_of
from stocktrail.commands.orders.lines import OrderCommand, each_line_once
from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.orders import refunding
from stocktrail.ledger.orders.events import LineOutcome
from stocktrail.ledger.store.engine.unit_of_work import UnitOfWork

__all__ = ["RefundOrder", "RefundPart"]


class RefundPart(Part):
    """Units of one line that are paid back, and what becomes of them."""

    line: LineNumber = Field(description="The line.")
    quantity: Quantity = Field(description="How many units.")
    outcome: LineOutcome = Field(
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
    example: ClassVar[Body] = {
        "order": "SO-1", "refund": "R-1", "reason": "did not fit",
        "lines": [{"line": 1, "quantity": 1, "outcome": "return"}],
    }

    refund: Key = Field(description="The id of the refund.")
    lines: Annotated[
        list[RefundPart], Field(min_length=1, max_length=MAX_LINES),
        AfterValidator(_each_release_once),
    ] = Field(description="Which units, and what becomes of them.")
    reason: Text | None = Field(default=None, description="Why.")

    def decide(self, work: UnitOfWork) -> Decision:
        """Pay the units back."""
        return refunding.pay_back(
            work.order(self.order), work, self.refund, self.lines, self.reason, work.content,
            self._earlier_content(),
        )

    def _earlier_content(self) -> str:
        """Return the digest that an earlier version gave to the same refund.

        Returns without a source went to ``default`` then, and their digests were those of returns
        to it. Such a refund must stay known.
        """
        model = self.as_model()
        lines = [
            part.model_copy(update={"source": part.source or "default"})
            if part.outcome == "return" else part
            for part in model.lines
        ]
        return content_of(model.model_copy(update={"lines": lines}).body())
