"""The search: whatever has a part of a number or a name in it, in any case, kind by kind."""

from typing import Annotated, ClassVar, Self

from pydantic import Field

from stocktrail.projections.answers.search.matches import Kind, Match, SearchOfNumbers, event_at
from stocktrail.projections.answers.search.searched_text import SearchedText
from stocktrail.projections.answers.shapes.shape import Position, Shape
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.questions.question import AsOf, Example, Question, Report
from stocktrail.projections.read_models import Reading, ReadModels

KINDS: tuple[Kind, ...] = (
    "order", "purchase_order", "item", "customer", "vendor", "shipment", "receipt", "event",
)
"""What is searched, in the order in which it is told."""


class FoundRow(Shape):
    """One thing that was found."""

    kind: Kind
    key: str = Field(description="Its number or id; of an event its position.")
    name: str | None = Field(
        description="The name of an item, of a customer where it may be known; what an event says."
    )
    belongs_to: str | None = Field(
        description="The customer of an order, the vendor of a purchase order, the order of a "
        "shipment, the purchase order of a receipt, the stream of an event."
    )
    whole: bool = Field(description="Whether the text is all of its number or name.")


class SearchReport(Shape):
    """What was found, the kinds one after the other, the best of each first."""

    text: str
    as_of: Position
    names_searched: int | None = Field(
        description="How many names of customers were looked at: at most the 5,000 that were given "
        "last. Null: whoever asks may not know them."
    )
    more: list[Kind] = Field(description="The kinds of which there is more than is listed.")
    rows: list[FoundRow]


class SearchEverything(AsOf, Question[SearchReport]):
    """Whatever has a part of a number or a name in it, in any case.

    Orders, purchase orders, items, customers, vendors, shipments, receipts, and the event at a
    position. Of several words each must occur. Customers are found by their names where the scope
    `admin` allows to know them.
    """

    question: ClassVar[str] = "search"
    address: ClassVar[str | None] = "/search"
    is_personal: ClassVar[bool] = True
    example: ClassVar[Example] = {"text": "LAMP"}

    text: Annotated[str, Field(max_length=200)] = Field(
        alias="q", description="A part of a number or a name, or several."
    )
    limit: int = Field(default=10, ge=1, le=1000, description="At most so many of each kind.")
    names: bool = Field(
        default=True, description="Look at the names of customers too, where they may be known."
    )

    @classmethod
    def about(cls) -> tuple[str, ...]:
        """Return the text, which is typed without a flag."""
        return ("text",)

    def seen_by(self, *, is_admin: bool) -> Self:
        """Return the question without names for whoever may not know who somebody is."""
        return self if is_admin else self.model_copy(update={"names": False})

    def answer(self, models: ReadModels) -> Report:
        """Find what matches best of each kind; refuses an unknown position."""
        with open_as_of(models, self.position(models)) as (reading, past):
            until = reading.position if past is None else past.position
            text = SearchedText(self.text)
            found: dict[Kind, list[Match]] = {}
            looked_at = 0
            if text.words:
                found, looked_at = self._found(models, reading, text, until)
        return {
            "text": self.text, "as_of": until,
            "names_searched": looked_at if self.names else None,
            "more": [kind for kind in KINDS if len(found.get(kind, ())) > self.limit],
            "rows": [
                {
                    "kind": kind, "key": each.key, "name": each.name,
                    "belongs_to": each.belongs_to, "whole": _is_whole(text, each),
                }
                for kind in KINDS for each in found.get(kind, [])[: self.limit]
            ],
        }

    def _found(
        self, models: ReadModels, reading: Reading, text: SearchedText, until: int
    ) -> tuple[dict[Kind, list[Match]], int]:
        numbers = SearchOfNumbers(reading, text, until)
        found: dict[Kind, list[Match]] = {
            kind: event_at(models.ledger, text, until) if kind == "event"
            else numbers.of(kind, self.limit) for kind in KINDS
        }
        if not self.names:
            return found, 0
        named, looked_at = numbers.named_customers(models.ledger)
        named.sort(key=lambda each: (not _is_whole(text, each), -each.position, each.key))
        merged = {each.key: each for each in [*found["customer"], *named]}
        found["customer"] = sorted(
            merged.values(), key=lambda each: not _is_whole(text, each)
        )[: self.limit + 1]
        return found, looked_at


def _is_whole(text: SearchedText, found: Match) -> bool:
    is_named = found.kind in ("item", "customer") and found.name is not None
    return text.is_whole([found.key, found.name] if is_named and found.name else [found.key])
