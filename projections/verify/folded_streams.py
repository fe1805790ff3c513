"""The aggregates of a verification: items as long as it lasts, others while they are in use.

A log may have millions of orders, of which few change at any time. One that has long been at rest
is given up, and folded again from its stream if it goes on after all.
"""

from collections.abc import Callable
from typing import NamedTuple

from stocktrail.ledger.base.aggregate import Aggregate, RecordedEvent, new_aggregate
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store import Ledger

MOST_AT_HAND = 20_000
"""How many aggregates other than items are kept: about 40 MB of orders."""


class Folded(NamedTuple):
    """An aggregate, and the position of the last of its events that was folded."""

    aggregate: Aggregate
    position: int


class FoldedStreams:
    """Aggregates by stream, each folded up to the event before the one that it is asked for."""

    def __init__(
        self, ledger: Ledger, rest: Callable[[Folded], None], resume: Callable[[Folded], None]
    ) -> None:
        """Make it; ``rest`` is told what is given up, and ``resume`` what comes back."""
        self._ledger = ledger
        self._rest = rest
        self._resume = resume
        self._at_hand: dict[str, Folded] = {}
        self.items: dict[str, ProductStock] = {}

    def before(self, recorded: RecordedEvent) -> Aggregate:
        """Return the aggregate that an event belongs to, as it was before."""
        stream = recorded.originator_id
        item = self.items.get(stream)
        if item is not None:
            return item
        known = self._at_hand.pop(stream, None)
        if known is not None:
            return known.aggregate
        aggregate = new_aggregate(stream)
        if recorded.originator_version > 1:
            position = 0
            for each in self._ledger.read_stream(stream, until=recorded.position - 1):
                aggregate.apply(each.payload, each.occurred_at)
                position = each.position
            self._resume(Folded(aggregate, position))
        return aggregate

    def keep(self, aggregate: Aggregate, position: int) -> None:
        """Take back an aggregate whose last event is at a position."""
        if isinstance(aggregate, ProductStock):
            self.items[aggregate.id] = aggregate
            return
        self._at_hand[aggregate.id] = Folded(aggregate, position)
        if len(self._at_hand) > MOST_AT_HAND:
            self._rest(self._at_hand.pop(next(iter(self._at_hand))))

    def rest_all(self) -> None:
        """Release what is at hand, beside items."""
        for each in self._at_hand.values():
            self._rest(each)
        self._at_hand.clear()
