"""What to order and to transfer, item by item, and as rows of commands that `submit` takes.

Ids follow from the position of the log: whoever asks twice, while nothing was recorded, gets the
same rows, and sending them twice orders nothing twice.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson

from stocktrail.ledger.quantity import to_number
from stocktrail.projections.answers.replenishment.deliveries import LastDelivery
from stocktrail.projections.answers.replenishment.needs import ItemFigures, Need, Shelves
from stocktrail.projections.answers.replenishment.spare import (
    Transfer,
    rounded_up,
    transfers_for,
)

MOST_LINES = 1000
"""How many lines a purchase order has at most; what is more goes on another one."""

REASON = "replenishment"


class Proposal(NamedTuple):
    """An item that lacks something: its needs, and what would meet them.

    ``orders`` are the units to order by destination.
    """

    item: ItemFigures
    name: str | None
    needs: Sequence[Need]
    last: LastDelivery | None
    transfers: Sequence[Transfer]
    orders: dict[str, int]
    days: int | None
    expected: date | None

    @property
    def sku(self) -> str:
        """The item's SKU."""
        return self.item.sku

    @property
    def vendor(self) -> str | None:
        """The vendor to order it from, if anybody ever delivered it or was to."""
        return None if self.last is None else self.last.vendor


def orders_of(
    item: ItemFigures, needs: Sequence[Need], shelves: Shelves, *, whole: bool
) -> tuple[list[Transfer], dict[str, int]]:
    """Return the transfers that meet needs of an item, and the units left to order by destination.

    What no source can sell is not ordered.
    """
    transfers = transfers_for(item, needs, shelves, whole=whole)
    missing: dict[str, int] = {}
    for need in needs:
        if need.destination is not None:
            missing[need.destination] = missing.get(need.destination, 0) + need.missing
    for each in transfers:
        missing[each.to_source] -= each.quantity
    return transfers, {
        source: rounded_up(units, whole=whole) for source, units in missing.items() if units > 0
    }


def purchase_order_id(position: int, vendor: str, destination: str, part: int = 0) -> str:
    """Return the id of the purchase order that is proposed at a position.

    >>> purchase_order_id(1207, "Lumen", "default")
    'PO-1207-5978'
    """
    return f"PO-{position}-{_digest([vendor, destination])[:4]}" + (f"-{part + 1}" if part else "")


def _digest(value: Any) -> str:
    return blake2b(orjson.dumps(value), digest_size=8).hexdigest()


def commands_for(proposals: Iterable[Proposal], position: int) -> Iterator[dict[str, Any]]:
    """Yield the commands of proposals: transfers, then an order for each vendor and destination.

    Items without a vendor are left out.
    """
    every = list(proposals)
    for each in every:
        for transfer in each.transfers:
            yield _with_id(position, {
                "command": "transfer-stock", "sku": each.sku,
                "quantity": to_number(transfer.quantity),
                "from_source": transfer.from_source, "to_source": transfer.to_source,
                "reason": REASON,
            })
    lines: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for each in every:
        for destination, units in each.orders.items():
            if each.vendor is not None:
                lines.setdefault((each.vendor, destination), []).append(_line(each, units))
    for (vendor, destination), ordered in sorted(lines.items()):
        for part, start in enumerate(range(0, len(ordered), MOST_LINES)):
            yield _with_id(position, {
                "command": "place-purchase-order",
                "purchase_order": purchase_order_id(position, vendor, destination, part),
                "vendor": vendor, "source": destination,
                "lines": ordered[start : start + MOST_LINES],
            })


def _line(each: Proposal, units: int) -> dict[str, Any]:
    line: dict[str, Any] = {"sku": each.sku, "quantity": to_number(units)}
    return line if each.expected is None else line | {"expected_date": each.expected.isoformat()}


def _with_id(position: int, row: dict[str, Any]) -> dict[str, Any]:
    command, *fields = row.items()
    return dict([command, ("id", f"replenish-{position}-{_digest(row)}"), *fields])
