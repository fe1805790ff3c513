"""What can happen to a purchase order. Quantities are never negative."""

from datetime import date

from pydantic import Field

from stocktrail.ledger.base.event import Event, Fact
from stocktrail.ledger.quantity import Quantity


class PurchaseLineTerms(Fact):
    """What holds for a line: how many are ordered in all, and when they are expected.

    Without an expected date the line is undated until the vendor says. Where some of it has come
    or was cancelled, the date is about the ``remaining`` ones; earlier versions did not say so.
    """

    line: int
    sku: str
    quantity: Quantity
    expected_date: date | None
    remaining: Quantity | None = Field(None, exclude_if=lambda units: units is None)


class PurchaseOrderPlaced(Event):
    """Goods were ordered from a vendor, to be delivered to one source."""

    purchase_order: str
    vendor: str
    source: str
    lines: tuple[PurchaseLineTerms, ...]
    content: str


class PurchaseOrderConfirmed(Event):
    """The vendor confirmed, as ordered or with other dates or quantities."""

    purchase_order: str
    lines: tuple[PurchaseLineTerms, ...]
    reason: str | None = None


class PurchaseOrderDelayed(Event):
    """The vendor moved the expected date of open lines, or gave undated ones their first."""

    purchase_order: str
    lines: tuple[PurchaseLineTerms, ...]
    reason: str | None = None


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


EVENTS: tuple[type[Event], ...] = (
    PurchaseOrderPlaced, PurchaseOrderConfirmed, PurchaseOrderDelayed, PurchaseOrderReceived,
    PurchaseOrderCancelled,
)
