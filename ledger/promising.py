"""Available to promise: how much more of an item can be promised, and from which day on.

    P(t)    = supply + receipts until t - demand until t
    signed(t) = the least of P(u) for all u from t to the horizon
    ATP(t)  = max(0, signed(t))

This is the cumulative available-to-promise with look-ahead: nothing is promised on a day that a
later promise needs. Rule 5.6 is the source.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple


class Transaction(NamedTuple):
    """Units that come (positive) or go (negative) on a day, and what they belong to.

    Those of a receipt that is blocked come, and do not count: nobody can be sold them.
    """

    day: date
    quantity: int
    kind: str
    reference: str
    line: int
    counts: bool = True

    @property
    def moves(self) -> int:
        """By how many units the balance moves."""
        return self.quantity if self.counts else 0


class FlowStep(NamedTuple):
    """A transaction with the balance that is expected after it."""

    transaction: Transaction
    balance: int


class AvailableToPromise(NamedTuple):
    """From this day on, until the next step: the signed figure and what may be promised."""

    day: date
    projected: int
    signed: int

    @property
    def available(self) -> int:
        """What may be promised: never negative."""
        return max(0, self.signed)


def expected_flow(supply: int, transactions: Iterable[Transaction]) -> list[FlowStep]:
    """Put future transactions in date order with the running balance; receipts first on a day.

    The balance begins with the supply: what is allocated is part of it, and goes with its line.
    """
    balance = supply
    flow = []
    for transaction in sorted(
        transactions,
        key=lambda each: (each.day, -each.quantity, each.kind, each.reference, each.line),
    ):
        balance += transaction.moves
        flow.append(FlowStep(transaction, balance))
    return flow


def available_to_promise(
    supply: int, transactions: Iterable[Transaction], today: date
) -> list[AvailableToPromise]:
    """Compute the available-to-promise, day by day on which something changes, from today on.

    Demand that was due before today still goes today. Overdue receipts come with the day on which
    they are counted (:func:`~stocktrail.ledger.pegging.counted_on`). The horizon is the last
    transaction.
    """
    changes: dict[date, int] = {today: 0}
    for transaction in transactions:
        day = max(transaction.day, today)
        changes[day] = changes.get(day, 0) + transaction.moves
    days = sorted(changes)
    projected, balance = [], supply
    for day in days:
        balance += changes[day]
        projected.append(balance)
    steps: list[AvailableToPromise] = []
    least = projected[-1]
    for day, figure in zip(reversed(days), reversed(projected), strict=True):
        least = min(least, figure)
        steps.append(AvailableToPromise(day, figure, least))
    return steps[::-1]


def suggested_order_quantity(
    notify_below: int, demand: int, supply: int, open_supply: int, uncovered: int = 0
) -> int:
    """Return how many units to order: what lifts the item to its notify-below threshold.

    ``max(uncovered, notify_below + demand - supply - open supply, 0)``, rule 5.8: never less
    than what nothing covers. Of the open supply only that counts which can reach whoever asks.

    >>> suggested_order_quantity(10, demand=30, supply=12, open_supply=20)
    8
    >>> suggested_order_quantity(10, demand=30, supply=12, open_supply=90, uncovered=4)
    4
    """
    return max(uncovered, notify_below + demand - supply - open_supply, 0)
