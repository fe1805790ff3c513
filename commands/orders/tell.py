"""Record that a customer was told when an order comes."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from stocktrail.commands.fields import MAX_LINES, Day, LineNumber, Text
from stocktrail.commands.model import Body, Part
from stocktrail.commands.orders.lines import OrderCommand, each_line_once
from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.orders.events import How
from stocktrail.ledger.store.engine.unit_of_work import UnitOfWork

__all__ = ["MarkTold", "ToldPart"]


class ToldPart(Part):
    """A line of whose promise the customer was told."""

    line: LineNumber = Field(description="The line.")
    told_date: Day | Literal["none"] | None = Field(
        default=None,
        description="The day they were told, or none: nobody knows. Default: what is promised.",
    )


class MarkTold(OrderCommand):
    """Record that the customer of an order was told when its lines come, and how."""

    command: ClassVar[str] = "mark-told"
    example: ClassVar[Body] = {
        "order": "SO-1", "how": "phone", "note": "she will wait",
        "lines": [{"line": 1, "told_date": "2026-03-06"}],
    }

    how: How = Field(description="e-mail, phone, letter or other.")
    note: Text | None = Field(
        default=None,
        description="What was said. No names: it is kept in clear for ever, whoever may read the "
        "ledger sees it, and erase-customer leaves it.",
    )
    lines: Annotated[
        list[ToldPart], Field(min_length=1, max_length=MAX_LINES), AfterValidator(each_line_once)
    ] | None = Field(
        default=None, description="Which lines; default: all of which anything is still to come."
    )

    def decide(self, work: UnitOfWork) -> Decision:
        """Record the telling; of what was promised by then, where it does not say of what."""
        order = work.order(self.order)
        told = None if self.lines is None else {part.line: part.told_date for part in self.lines}
        return Decision.about(order, order.tell(told, self.how, self.note))
