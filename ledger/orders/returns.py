"""Returns: to which sources the units of a line go back when nobody says where.

They go back to those that the line was shipped from, what left last first, and never more to a
source than left it for the line, less what came back to it before. An aggregate would have to keep
the picks of every line for ever to know that, so they are looked up in the log.

Rule 4.10 is the source.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.orders.events import OrderRefunded
from stocktrail.ledger.stock.events import StockShipped, UnmanagedUnitsShipped


class MovedUnits(NamedTuple):
    """Units of a line that left a source or came back to it.

    ``None`` is no source: units that left while the stock of their item was not managed.
    """

    source: str | None
    quantity: int


@dataclass(slots=True)
class LineMoves:
    """What left and came back of a line so far, the first first."""

    left: list[MovedUnits] = field(default_factory=list)
    came_back: list[MovedUnits] = field(default_factory=list)


def moves_of(order: str, events: Iterable[Event]) -> dict[int, LineMoves]:
    """Find what left and came back of each line of an order, among events in their order."""
    moves: dict[int, LineMoves] = {}
    for event in events:
        if isinstance(event, StockShipped) and event.order == order:
            moves.setdefault(event.line, LineMoves()).left += [
                MovedUnits(pick.source, pick.quantity) for pick in event.picks
            ]
        elif isinstance(event, UnmanagedUnitsShipped) and event.order == order:
            moves.setdefault(event.line, LineMoves()).left.append(MovedUnits(None, event.quantity))
        elif isinstance(event, OrderRefunded) and event.order == order:
            for part in event.lines:
                if part.outcome == "return":
                    moves.setdefault(part.line, LineMoves()).came_back.append(
                        MovedUnits(part.source, part.quantity)
                    )
    return moves


def places_to_return_to(
    left: Sequence[MovedUnits], came_back: Iterable[MovedUnits], quantity: int
) -> list[MovedUnits]:
    """Divide returned units among the places that the line's units left, the last one first.

    What came back to a place is taken off what left it last. Units beyond all that is known to have
    left are not divided.

    >>> left = [MovedUnits("east", 2), MovedUnits("west", 3), MovedUnits("east", 1)]
    >>> places_to_return_to(left, [MovedUnits("west", 1)], 4)
    [MovedUnits(source='east', quantity=2), MovedUnits(source='west', quantity=2)]
    """
    returned: dict[str | None, int] = {}
    for source, units in came_back:
        returned[source] = returned.get(source, 0) + units
    found: dict[str | None, int] = {}
    for source, units in reversed(left):
        before = min(units, returned.get(source, 0))
        returned[source] = returned.get(source, 0) - before
        part = min(units - before, quantity)
        if part:
            found[source] = found.get(source, 0) + part
            quantity -= part
    return [MovedUnits(*each) for each in found.items()]
