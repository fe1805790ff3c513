"""What can happen to a purchase order. Quantities are never negative."""

from collections.abc import Iterable
from datetime import date

from stocktrail.ledger.base.event import Event, Fact
from stocktrail.ledger.quantity import Quantity, to_text
from stocktrail.ledger.wording import because, parts_of


class PurchaseLineTerms(Fact, omit_defaults=True):
    """What holds for a line: how many are ordered in all, and when they are expected.

    Without an expected date the line is undated until the vendor says. Where some of it has come
    or was cancelled, the date is about the ``remaining`` ones; earlier versions did not say so.
    """

    line: int
    sku: str
    quantity: Quantity
    expected_date: date | None
    remaining: Quantity | None = None


class PurchaseOrderPlaced(Event):
    """Goods were ordered from a vendor, to be delivered to one source."""

    purchase_order: str
    vendor: str
    source: str
    lines: tuple[PurchaseLineTerms, ...]
    content: str

    @property
    def sentence(self) -> str:
        return f"{self.vendor} was asked to deliver {_terms_of(self.lines)} to {self.source}."


class PurchaseOrderConfirmed(Event):
    """The vendor confirmed, as ordered or with other dates or quantities."""

    purchase_order: str
    lines: tuple[PurchaseLineTerms, ...]
    reason: str | None = None

    @property
    def sentence(self) -> str:
        terms = f": {_terms_of(self.lines)}" if self.lines else " as ordered"
        return f"The vendor confirmed{terms}{because(self.reason)}."


class PurchaseOrderDelayed(Event):
    """The vendor moved the expected date of open lines, or gave undated ones their first."""

    purchase_order: str
    lines: tuple[PurchaseLineTerms, ...]
    reason: str | None = None

    @property
    def sentence(self) -> str:
        return f"The vendor moved {_terms_of(self.lines)}{because(self.reason)}."


class PurchaseLineReceived(Fact):
    """Units of one line that arrived; ``over`` counts those beyond what was still open."""

    line: int
    sku: str
    quantity: Quantity
    over: Quantity


class PurchaseOrderReceived(Event):
    """Goods of a purchase order arrived with one receipt."""

    purchase_order: str
    receipt: str
    source: str
    lines: tuple[PurchaseLineReceived, ...]
    content: str

    @property
    def sentence(self) -> str:
        lines = ", ".join(
            parts_of([part])
            + (f", {to_text(part.over)} more than was ordered" if part.over else "")
            for part in self.lines
        )
        return f"Receipt {self.receipt} at {self.source}: {lines}."


class PurchaseLineCancelled(Fact):
    """Units of one line that will not come."""

    line: int
    sku: str
    quantity: Quantity


class PurchaseOrderCancelled(Event):
    """Open units of a purchase order were cancelled."""

    purchase_order: str
    lines: tuple[PurchaseLineCancelled, ...]
    reason: str | None = None

    @property
    def sentence(self) -> str:
        return f"Will not come: {parts_of(self.lines)}{because(self.reason)}."


def _terms_of(lines: Iterable[PurchaseLineTerms]) -> str:
    return ", ".join(
        f"{_ordered(part)} "
        f"{f'for {part.expected_date}' if part.expected_date else 'without a date'} "
        f"(line {part.line})"
        for part in lines
    )


def _ordered(part: PurchaseLineTerms) -> str:
    ordered = to_text(part.quantity)
    if part.remaining is None:
        return f"{ordered} of {part.sku}"
    if not part.remaining:
        return f"{ordered} of {part.sku}, of which none remain,"
    return f"{to_text(part.remaining)} of {part.sku} that remain of {ordered}"
