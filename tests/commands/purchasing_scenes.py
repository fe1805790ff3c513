"""Words for scenes about purchase orders and about units that are distributed anew."""

from typing import Any, cast

from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.store import Ledger
from tests.commands.scenes import Command


def purchase(name: str = "PO-1", *lines: Any, **more: Any) -> Command:
    """Order from a vendor: a quantity is a line of item A for the 14th, or a line is given."""
    written = [
        line if isinstance(line, dict)
        else {"sku": "A", "quantity": line, "expected_date": "2026-03-14"} for line in lines
    ]
    return {
        "command": "place-purchase-order", "purchase_order": name, "vendor": "Acme",
        "lines": written, **more,
    }


def goods(receipt: str = "GR-1", name: str = "PO-1", **more: Any) -> Command:
    """Receive goods of a purchase order."""
    return {"command": "receive-goods", "purchase_order": name, "receipt": receipt, **more}


def about(name: str, purchase_order: str = "PO-1", **more: Any) -> Command:
    """Confirm, delay or cancel a purchase order."""
    return {"command": f"{name}-purchase-order", "purchase_order": purchase_order, **more}


def line(number: int, **more: Any) -> Command:
    """Name a line, and what is to become of it."""
    return {"line": number, **more}


def vendor_order(ledger: Ledger, name: str = "PO-1") -> PurchaseOrder:
    """Fold a purchase order from the log."""
    return cast(PurchaseOrder, ledger.aggregate(PurchaseOrder.stream_of(name)))


def to_come(ledger: Ledger, name: str = "PO-1") -> dict[int, Any]:
    """Return what is still to come of each line, in units."""
    lines = vendor_order(ledger, name).lines.items()
    return {number: to_number(each.remaining) for number, each in lines}


def expected(ledger: Ledger, name: str = "PO-1") -> dict[int, str | None]:
    """Return the day on which each line is expected, ``None`` where it is undated."""
    lines = vendor_order(ledger, name).lines.items()
    return {
        number: None if each.expected_date is None else each.expected_date.isoformat()
        for number, each in lines
    }
