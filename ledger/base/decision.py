"""Decisions: what follows from a request, as events for each stream; nothing is recorded yet."""

from collections.abc import Sequence
from typing import NamedTuple, Self

from stocktrail.ledger.base.aggregate import Aggregate
from stocktrail.ledger.base.event import Event


class Decision(NamedTuple):
    """The events of each aggregate, in the order in which they are recorded.

    An aggregate may come more than once: what is taken back stands before a change, what is given
    after it. ``messages`` are for whoever asked.
    """

    changes: Sequence[tuple[Aggregate, Sequence[Event]]] = ()
    messages: Sequence[str] = ()

    @classmethod
    def about(cls, aggregate: Aggregate, events: Sequence[Event]) -> Self:
        """Return the decision that changes one aggregate alone."""
        return cls(((aggregate, events),))


class AlreadyRecorded(Exception):
    """A business id that is known with the same content; the event that recorded it is named."""

    def __init__(self, stream: str, version: int) -> None:
        super().__init__(f"{stream} version {version}")
        self.stream = stream
        self.version = version
