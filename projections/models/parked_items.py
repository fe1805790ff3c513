"""Parked items: those whose numbers no database can hold, set aside so that all others go on.

Sums are bounded when a command is decided (:mod:`stocktrail.ledger.sums`), but a ledger of an
earlier version may have accepted what passes every bound. At the event that takes a number of an
item too far, the item is parked: its levels are taken out, what comes after is not folded, and
whoever asks about it is told so (``item_parked``). It follows from the log alone, so a rebuild
parks the same items.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store.tables import Cursor, ReadModel, Table, TableSet
from stocktrail.projections.models.version import versioned

PARKED_ITEM = Table(
    versioned("parked_item"),
    {
        "sku": "TEXT NOT NULL", "position": "BIGINT NOT NULL", "recorded_at": "BIGINT NOT NULL",
        "reason": "TEXT NOT NULL",
    },
    ("sku",),
)
MODEL = ReadModel("parked_items", (PARKED_ITEM,))

MOST = 1 << 61
"""No number of an item gets so far: sums and differences of two still fit a database's integer."""

_REASON = "its quantities add up to more than a database can hold"


class Parked(NamedTuple):
    """An item that is parked: at which event, when that was recorded (an instant), and why."""

    sku: str
    position: int
    recorded_at: int
    reason: str = _REASON

    def sentence(self) -> str:
        """Return what that means, and what to do."""
        return (
            f"{self.sku} is parked since position {self.position}: {self.reason}. Nothing is said "
            "of its numbers; cancel or adjust what was too much, and register the item under "
            "another SKU."
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "sku": self.sku, "position": self.position, "recorded_at": to_iso(self.recorded_at),
            "reason": self.reason,
        }

    def refusal(self) -> Refusal:
        """Return the refusal of a question about it."""
        return Refusal("item_parked", self.sentence(), sku=self.sku, position=self.position)


def parked_items(tables: TableSet, cursor: Cursor) -> list[Parked]:
    """Read all parked items, in the order of their SKUs."""
    rows = tables.table(PARKED_ITEM).rows(cursor, "ORDER BY sku")
    return [Parked(**row) for row in rows]


def parked_of(tables: TableSet, cursor: Cursor, skus: Sequence[str]) -> dict[str, Parked]:
    """Read which of these items are parked."""
    rows = tables.table(PARKED_ITEM).rows_of(cursor, "sku", skus)
    return {row["sku"]: Parked(**row) for row in rows}


def fits(numbers: Sequence[int]) -> bool:
    """Return whether numbers of an item can be held, and added to each other.

    >>> fits([MOST - 1, 1 - MOST]), fits([0, MOST])
    (True, False)
    """
    return not numbers or (max(numbers) < MOST and min(numbers) > -MOST)


def stock_fits(stock: ProductStock) -> bool:
    """Return whether all numbers of an item can be held, whichever sources a pool adds up."""
    return fits((
        sum(stock.on_hand.values()), *stock.demand.values(), *stock.allocated.values()
    ))
