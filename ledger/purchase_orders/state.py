"""The state of a purchase order: what a vendor owes, until when, and what has come of it.

What arrives is put on hand by :class:`~stocktrail.ledger.stock.state.ProductStock`. Which waiting
lines an open receipt is pegged to is a conclusion of the read models, never kept here.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar, NamedTuple, Self

from stocktrail.ledger.base.document import Document
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.line_units import AskedUnits
from stocktrail.ledger.purchase_orders.events import (
    PurchaseOrderCancelled,
    PurchaseOrderConfirmed,
    PurchaseOrderDelayed,
    PurchaseOrderPlaced,
    PurchaseOrderReceived,
)
from stocktrail.ledger.quantity import LIMIT, to_number, to_text
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.sums import too_large


class PurchaseOrderLine(NamedTuple):
    """One line as it stands; quantities in ten-thousandths. It may be undated."""

    sku: str
    ordered: int
    expected_date: date | None
    received: int = 0
    cancelled: int = 0

    @property
    def remaining(self) -> int:
        """Units that are still to come: never negative, even after an over-receipt."""
        return max(self.ordered - self.received - self.cancelled, 0)


class PurchaseOrder(Document):
    """A purchase order with its lines."""

    __slots__ = ("confirmed", "lines", "source", "vendor")

    category = "purchase-order"

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.vendor: str = ""
        self.source: str = ""
        self.confirmed: bool = False
        self.lines: dict[int, PurchaseOrderLine] = {}

    def _placed(self, event: PurchaseOrderPlaced) -> None:
        self.vendor, self.source = event.vendor, event.source
        self.contents["purchase_order"] = (event.content, self.version)
        self.lines = {
            line.line: PurchaseOrderLine(line.sku, line.quantity, line.expected_date)
            for line in event.lines
        }

    def _terms_changed(self, event: PurchaseOrderConfirmed | PurchaseOrderDelayed) -> None:
        self.confirmed = self.confirmed or isinstance(event, PurchaseOrderConfirmed)
        for part in event.lines:
            self.lines[part.line] = self.lines[part.line]._replace(
                ordered=part.quantity, expected_date=part.expected_date
            )

    def _received(self, event: PurchaseOrderReceived) -> None:
        self.contents[f"receipt/{event.receipt}"] = (event.content, self.version)
        for part in event.lines:
            line = self.lines[part.line]
            self.lines[part.line] = line._replace(received=line.received + part.quantity)

    def _cancelled(self, event: PurchaseOrderCancelled) -> None:
        for part in event.lines:
            line = self.lines[part.line]
            self.lines[part.line] = line._replace(cancelled=line.cancelled + part.quantity)

    appliers: ClassVar[Mapping[type[Event], Any]] = {
        PurchaseOrderPlaced: _placed,
        PurchaseOrderConfirmed: _terms_changed,
        PurchaseOrderDelayed: _terms_changed,
        PurchaseOrderReceived: _received,
        PurchaseOrderCancelled: _cancelled,
    }

    def to_state(self) -> dict[str, Any]:
        """Return the purchase order and its lines as JSON values."""
        return {
            "vendor": self.vendor, "source": self.source, "confirmed": self.confirmed,
            "contents": self.contents,
            "lines": [
                [number, line.sku, line.ordered, _iso(line.expected_date), *line[3:]]
                for number, line in self.lines.items()
            ],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take over the purchase order and its lines."""
        self.vendor, self.source = state["vendor"], state["source"]
        self.confirmed = state["confirmed"]
        self.contents.update(
            (what, (text, at)) for what, (text, at) in state["contents"].items()
        )
        self.lines = {
            number: PurchaseOrderLine(sku, ordered, day and date.fromisoformat(day), *rest)
            for number, sku, ordered, day, *rest in state["lines"]
        }

    def clone(self) -> Self:
        """Copy the purchase order."""
        copy = self.blank_copy()
        copy.vendor, copy.source, copy.confirmed = self.vendor, self.source, self.confirmed
        copy.contents, copy.lines = dict(self.contents), dict(self.lines)
        return copy

    @property
    def is_cancelled(self) -> bool:
        """Whether nothing came and nothing is to come any more."""
        return not any(line.remaining or line.received for line in self.lines.values())

    # -------------------------------------------------------------- what is refused

    def require_line(self, number: int) -> PurchaseOrderLine:
        """Return a line, or refuse a number that the purchase order does not have."""
        if number not in self.lines:
            self.refuse_unknown_line(number, self.lines)
        return self.lines[number]

    def require_countable(self, ordered: Iterable[tuple[str, int]]) -> None:
        """Refuse lines that together ask for more of an item than the ledger counts."""
        totals: dict[str, int] = {}
        for sku, quantity in ordered:
            totals[sku] = total = totals.get(sku, 0) + quantity
            if total >= LIMIT:
                raise too_large(
                    f"Purchase order {self.key} would ask for", sku, total,
                    purchase_order=self.key,
                )

    def all_open(self, doing: str) -> list[AskedUnits]:
        """Ask for all that is to come of every line; refuses when that is nothing."""
        asked: list[AskedUnits] = [
            (number, None) for number, line in self.lines.items() if line.remaining
        ]
        if not asked:
            raise self.nothing_remains(doing)
        return asked

    def not_so_many_open(self, number: int, quantity: int) -> Refusal:
        """Return the refusal of units of a line that are not to come."""
        line = self.lines[number]
        return Refusal(
            "not_enough_remaining",
            f"Line {number} of purchase order {self.key} ({line.sku}): {to_text(line.remaining)} "
            "remain open.",
            purchase_order=self.key, line=number, sku=line.sku, quantity=to_number(quantity),
            remaining=to_number(line.remaining),
            shortfall=to_number(max(quantity - line.remaining, 0)),
        )


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
