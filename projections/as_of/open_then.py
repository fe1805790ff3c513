"""Everything that was open at a moment, as it was read and promised; kept for its next page.

Once it is there it is never changed: who promises lines for another day does so with copies.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from stocktrail.ledger.stock.open_lines import LineKey
from stocktrail.projections.as_of.every_line import LineThen, ReceiptThen
from stocktrail.projections.as_of.ledger_as_of import WholePromise
from stocktrail.projections.models.overdue import RestsOn

BYTES_OF_LINE, BYTES_OF_RECEIPT = 600, 550
"""What a line and a receipt take, promised (``tracemalloc``, 100,000 open lines, 2026-11-30)."""

OwnPromise = tuple[int | None, RestsOn]
"""The day for which a line is promised by itself, and the overdue receipts that rests on."""

_DAYS = 2
"""For so many days the lines of a moment are kept as they were promised."""

_AS_READ = attrgetter(*LineThen.__struct_fields__[:14])


class PromisedThen:
    """The lines of a moment as they are promised on a day, and what came of every receipt.

    ``pegged`` counts the units of each purchase line that lines waited for, ``sharing`` are the
    items that lines in pools which share sources want, ``whole_orders`` what orders that ship
    complete are promised, and ``own`` what their lines were promised each by itself. What several
    pages ask of all lines is found once.
    """

    def __init__(
        self, lines: Sequence[LineThen], pegged: Mapping[LineKey, int], sharing: Sequence[str],
        whole_orders: Mapping[str, WholePromise], own: Mapping[LineKey, OwnPromise],
    ) -> None:
        self.lines = lines
        self.pegged = pegged
        self.sharing = sharing
        self.whole_orders = whole_orders
        self.own = own

    @cached_property
    def items(self) -> Set[str]:
        """The items that lines are of."""
        return {line.sku for line in self.lines}

    @cached_property
    def shipping_complete(self) -> Sequence[LineThen]:
        """The lines of orders that ship complete."""
        return [line for line in self.lines if line.ships_complete]

    @cached_property
    def by_order(self) -> Mapping[str, Sequence[LineThen]]:
        """The lines by order."""
        found: dict[str, list[LineThen]] = defaultdict(list)
        for line in self.lines:
            found[line.order].append(line)
        return found

    @cached_property
    def orders_waiting(self) -> Mapping[str, int]:
        """How many orders wait for each purchase order; one that none waits for is not there."""
        orders: dict[str, set[str]] = defaultdict(set)
        for line in self.lines:
            for each in line.pegged_to:
                orders[each.purchase_order].add(line.order)
        return {name: len(each) for name, each in orders.items()}

    @cached_property
    def units_wanted(self) -> Mapping[tuple[str, str], tuple[int, int]]:
        """How many units lines wanted, and how many they had, by pool and item."""
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for line in self.lines:
            place = (line.pool, line.sku)
            wanted, had = found.get(place, (0, 0))
            found[place] = wanted + line.remaining, had + line.allocated
        return found


class OpenThen(NamedTuple):
    """The lines that were open at a moment, the receipts to come, and what they were promised."""

    lines: Sequence[LineThen]
    receipts: Sequence[ReceiptThen]
    promised: Mapping[date, PromisedThen]

    @property
    def bytes(self) -> int:
        """How much memory it takes, about."""
        return (
            len(self.lines) * max(len(self.promised), 1) * BYTES_OF_LINE
            + len(self.receipts) * BYTES_OF_RECEIPT
        )

    @property
    def stood(self) -> Sequence[LineThen]:
        """The lines, of each of which it is known whether stock of its item was managed."""
        return next(iter(self.promised.values())).lines

    def unpromised(self) -> list[LineThen]:
        """Return copies of the lines as they were read."""
        return [LineThen(*_AS_READ(line)) for line in self.lines]

    def with_promised(self, today: date, found: PromisedThen) -> "OpenThen":
        """Return it with what was promised on one more day; the day before the last is dropped."""
        others = [(day, each) for day, each in self.promised.items() if day != today]
        return self._replace(promised=dict([*others[-(_DAYS - 1):], (today, found)]))


def own_promises(lines: Iterable[LineThen]) -> dict[LineKey, OwnPromise]:
    """Return what lines of orders that ship complete are promised by themselves, as they are."""
    return {line.key: (line.promised, line.rests_on) for line in lines if line.ships_complete}
