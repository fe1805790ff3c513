"""Splits: how units of an item move between orders so that each gets what somebody wrote.

Who changes one number means the whole: what an order is to get more is taken from the orders last
in the queue of which nothing was said, and what it gives up goes to those first in the queue.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from stocktrail.ledger.quantity import from_number, to_text


class OrderShare(NamedTuple):
    """What an order wants of an item, and what it has, in ten-thousandths; and its first line."""

    order: str
    remaining: int
    allocated: int
    row: Mapping[str, Any]

    @property
    def backordered(self) -> int:
        """What it waits for."""
        return self.remaining - self.allocated


class UnitsMoved(NamedTuple):
    """Units that one order gives to another."""

    from_order: str
    to_order: str
    quantity: int


class CannotSplit(ValueError):
    """The units cannot be split so; says why in a sentence, and at which order, if at one."""

    def __init__(self, order: str, sentence: str) -> None:
        super().__init__(sentence)
        self.order = order


def shares_of(rows: Iterable[Mapping[str, Any]]) -> list[OrderShare]:
    """Return the shares of the orders of open lines, the first in the queue first."""
    found: dict[str, OrderShare] = {}
    queue = sorted(rows, key=lambda row: (row["priority"], row["requested_date"], row["order"]))
    for row in queue:
        share = found.get(row["order"], OrderShare(row["order"], 0, 0, row))
        found[share.order] = share._replace(
            remaining=share.remaining + from_number(row["remaining"]),
            allocated=share.allocated + from_number(row["allocated"]),
        )
    return list(found.values())


def moves_of(shares: Sequence[OrderShare], changes: Mapping[str, int]) -> list[UnitsMoved]:
    """Return the moves by which orders gain what ``changes`` say, in ten-thousandths.

    Raises :class:`CannotSplit` where an order would get more than it wants or less than nothing,
    and where the others cannot make up for it.

    >>> first, last = OrderShare("A", 50_000, 0, {}), OrderShare("B", 40_000, 40_000, {})
    >>> moves_of([first, last], {"A": 30_000})
    [UnitsMoved(from_order='B', to_order='A', quantity=30000)]
    """
    gains = dict(changes)
    for share in shares:
        _require_possible(share, gains.get(share.order, 0))
    others = [share for share in shares if share.order not in changes]
    missing = sum(gains.values())
    for share in reversed(others) if missing > 0 else others:
        part = min(share.allocated, missing) if missing > 0 else -min(share.backordered, -missing)
        if part:
            gains[share.order] = -part
            missing -= part
    if missing > 0:
        raise CannotSplit("", f"{to_text(missing)} more would be needed than the other orders "
                          "have: lower another number.")
    if missing < 0:
        raise CannotSplit("", f"Nobody waits for the {to_text(-missing)} that would be left over: "
                          "raise another number.")
    return list(_paired(gains))


def _require_possible(share: OrderShare, gain: int) -> None:
    if share.allocated + gain < 0:
        raise CannotSplit(share.order, "An order cannot get less than nothing.")
    if share.allocated + gain > share.remaining:
        raise CannotSplit(share.order, f"Order {share.order} wants {to_text(share.remaining)} in "
                          "all, no more.")


def _paired(gains: Mapping[str, int]) -> Iterable[UnitsMoved]:
    """Yield moves from those that lose to those that gain, each as large as can be."""
    giving = [(order, -gain) for order, gain in gains.items() if gain < 0]
    for to_order, wanted in ((order, gain) for order, gain in gains.items() if gain > 0):
        while wanted:
            from_order, has = giving.pop()
            part = min(has, wanted)
            yield UnitsMoved(from_order, to_order, part)
            wanted -= part
            if has > part:
                giving.append((from_order, has - part))
