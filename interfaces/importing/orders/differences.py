"""Differences: what a file says of orders that the ledger has already.

The same file again agrees: what it shows as open is what was placed. A later one agrees where it
shows what is open now. Any other is a difference, which is said and never written: an order is not
placed twice, and what became of it is told by the commands that say so.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple, Protocol

from stocktrail.interfaces.importing.orders.lines import LineToCome
from stocktrail.ledger.purchase_orders.events import PurchaseOrderPlaced
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.quantity import to_text
from stocktrail.ledger.store import Ledger


class OrderDifference(NamedTuple):
    """One thing in which a file and the ledger do not agree about an order."""

    key: str
    row: int | None
    about: str
    in_file: str
    in_ledger: str

    def as_json(self) -> dict[str, Any]:
        """Return the difference as JSON values."""
        return self._asdict()


class KeptLine(Protocol):
    """A line of an order as the ledger has it."""

    @property
    def sku(self) -> str:
        """The item."""

    @property
    def ordered(self) -> int:
        """Units that were placed."""

    @property
    def remaining(self) -> int:
        """Units that are still to come."""


def unit_differences(
    key: str, row: int | None, lines: Sequence[LineToCome], kept: Iterable[KeptLine], verb: str
) -> list[OrderDifference]:
    """Return in which items the open units of a file are neither those placed nor those open now.

    ``verb`` says what became of the others in the ledger, such as ``shipped or cancelled``.
    """
    listed: Counter[str] = Counter()
    placed: Counter[str] = Counter()
    remaining: Counter[str] = Counter()
    for line in lines:
        listed[line.sku] += line.quantity
    for each in kept:
        placed[each.sku] += each.ordered
        remaining[each.sku] += each.remaining
    found = []
    for sku in dict.fromkeys([*listed, *placed]):
        if listed[sku] not in (placed[sku], remaining[sku]):
            found.append(OrderDifference(
                key, row, sku, f"{to_text(listed[sku])} open",
                f"{to_text(remaining[sku])} open" + (
                    f" of {to_text(placed[sku])}, the others {verb}"
                    if placed[sku] > remaining[sku] else ""
                ),
            ))
    return found


def still_open(
    key: str, reason: str, kept: Iterable[KeptLine]
) -> list[OrderDifference]:
    """Return what is open in the ledger of an order that is closed by the file."""
    waiting = [line for line in kept if line.remaining]
    return [
        OrderDifference(key, None, line.sku, reason, f"{to_text(line.remaining)} open")
        for line in waiting
    ]


def date_differences(
    ledger: Ledger, row: int | None, lines: Sequence[LineToCome], order: PurchaseOrder
) -> list[OrderDifference]:
    """Return which lines a file expects on another day than the ledger does, or did at first."""
    found: list[OrderDifference] = []
    first: dict[int, date | None] | None = None
    for line in lines:
        kept = order.lines.get(line.line)
        if kept is None or kept.sku != line.sku or not kept.remaining:
            continue
        if line.day == kept.expected_date:
            continue
        first = _first_dates(ledger, order) if first is None else first
        if line.day != first.get(line.line):
            found.append(OrderDifference(
                order.key, row, line.sku, f"expected {line.day or 'without a date'}",
                f"expected {kept.expected_date or 'without a date'}",
            ))
    return found


def _first_dates(ledger: Ledger, order: PurchaseOrder) -> dict[int, date | None]:
    """Return when the lines were expected when the purchase order was placed."""
    return {
        line.line: line.expected_date
        for event in ledger.read_stream(order.id, up_to_version=1)
        if isinstance(event.payload, PurchaseOrderPlaced) for line in event.payload.lines
    }


def in_units(lines: Sequence[LineToCome], most: int = 3) -> str:
    """Return what is open of an order, in words."""
    shown = ", ".join(f"{to_text(line.quantity)} of {line.sku}" for line in lines[:most])
    return f"{shown} and {len(lines) - most:,} more lines" if len(lines) > most else shown
