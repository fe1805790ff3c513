"""What moved an item at a source since it was last counted there, and after the count at hand."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from stocktrail.ledger.quantity import parse_quantity, to_number
from stocktrail.projections.questions.history import history
from stocktrail.projections.read_models import ReadModels

MOST_MOVES = 500
"""How many of an item's latest changes are looked through for its last count."""

_KINDS: Mapping[str, str] = {
    "StockReceived": "received", "GoodsReceived": "received", "StockReturned": "returned",
    "StockShipped": "shipped", "UnmanagedUnitsShipped": "shipped", "StockAdjusted": "adjusted",
    "StockTransferred": "transferred", "StockCounted": "counted", "StockRecounted": "recounted",
}


class Moves(NamedTuple):
    """Changes of an item at a source, in the order in which they happened.

    ``last_count`` is the count that came before, with what was there by it, ``None`` where there is
    none among the latest changes; ``before`` happened between it and the count at hand, ``after``
    since then.
    """

    last_count: Mapping[str, Any] | None
    before: Sequence[Mapping[str, Any]]
    after: Sequence[Mapping[str, Any]]

    def by_kind(self) -> dict[str, int]:
        """Add up what happened before the count at hand, in ten-thousandths by what it was."""
        sums: dict[str, int] = {}
        for row in self.before:
            kind = _KINDS.get(row["type"])
            if kind is not None and row["delta"]:
                sums[kind] = sums.get(kind, 0) + parse_quantity(str(row["delta"]))
        return sums

    @property
    def moved_after(self) -> int:
        """The units gained since the count at hand, in ten-thousandths."""
        return sum(parse_quantity(str(row["delta"])) for row in self.after)


def moves_of(
    models: ReadModels, sku: str, source: str, on_hand: int, counted_at: str | None
) -> Moves:
    """Return what moved an item at a source, of which ``on_hand`` ten-thousandths are there now.

    ``counted_at`` is when the count at hand was taken, in ISO 8601 and UTC.
    """
    latest = history(models, sku, newest_first=True, limit=MOST_MOVES)["rows"]
    rows = sorted(
        (row for row in latest if row["source"] == source and _says_something(row)),
        key=lambda row: (row["occurred_at"], row["position"]),
    )
    at = len(rows)
    if counted_at is not None:
        at = sum(row["occurred_at"] <= counted_at for row in rows)
    counts = [place for place, row in enumerate(rows[:at]) if row["type"] == "StockCounted"]
    if not counts:
        return Moves(None, rows[:at], rows[at:])
    start = counts[-1] + 1
    held = on_hand - sum(parse_quantity(str(row["delta"])) for row in rows[start:])
    last_count = {**rows[start - 1], "quantity_after": to_number(held)}
    return Moves(last_count, rows[start:at], rows[at:])


def _says_something(row: Mapping[str, Any]) -> bool:
    return bool(row["delta"]) or row["type"] == "StockCounted"
