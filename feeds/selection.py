"""The filter of a subscriber: types and subjects of events."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from stocktrail.feeds.cloud_events import TYPE_PREFIX, current_topic
from stocktrail.ledger.catalogue import CATALOGUE
from stocktrail.ledger.quantity import shortened
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.spelling import composed
from stocktrail.projections.event_search.wanted import WHATEVER_FOLLOWS, Wanted


@dataclass(frozen=True, slots=True)
class Selection:
    """A filter by name and version, and by subject; an empty one selects everything.

    A ``subject`` is a whole stream, such as ``order/SO-1``, or a prefix of streams when it ends
    with ``*``, such as ``stock/*``.
    """

    topics: frozenset[str] = frozenset()
    subject: str | None = None
    _beginning: str | None = field(init=False, repr=False, compare=False)
    _whole: str | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Prepare what every event is compared with."""
        whole = None if self.subject is None else composed(self.subject)
        prefix = whole is not None and whole.endswith(WHATEVER_FOLLOWS)
        object.__setattr__(self, "_whole", whole)
        object.__setattr__(self, "_beginning", whole[:-1] if prefix else None)  # type: ignore[index]

    @property
    def wants_everything(self) -> bool:
        """Return whether every event is selected."""
        return not self.topics and self.subject is None

    @property
    def wanted(self) -> Wanted:
        """What to search the log for."""
        names = frozenset(topic.rpartition(".")[0] for topic in self.topics)
        return Wanted(names, self.subject)

    def wants(self, topic: str, subject: str) -> bool:
        """Return whether an event of this stored name and this stream is selected.

        >>> Selection(subject="stock/*").wants("StockReceived.v1", "stock/WIDGET-1")
        True
        >>> Selection(subject="stock/W").wants("StockReceived.v1", "stock/WIDGET-1")
        False
        """
        if self.topics and current_topic(topic) not in self.topics:
            return False
        if self.subject is None:
            return True
        subject = composed(subject)
        if self._beginning is not None:
            return subject.startswith(self._beginning)
        return subject == self._whole


EVERYTHING = Selection()
"""The selection of every event."""


def select(types: Iterable[str] = (), subject: str | None = None) -> Selection:
    """Return the selection that a subscriber wrote.

    A type is written ``OrderPlaced`` (its current version), ``OrderPlaced.v1``, or in full as in a
    CloudEvent; several may be separated by commas. Refuses a type that is not in the catalogue
    (``unknown_type``).

    >>> sorted(select(["OrderPlaced,stocktrail.StockReceived.v1"]).topics)
    ['OrderPlaced.v1', 'StockReceived.v1']
    """
    written = [each.strip() for part in types for each in part.split(",") if each.strip()]
    return Selection(frozenset(map(_topic, written)), subject or None)


def _topic(written: str) -> str:
    known = CATALOGUE.classes()
    name = written.removeprefix(TYPE_PREFIX)
    if name in known:
        return name
    for topic in known:
        if topic.rpartition(".")[0] == name:
            return topic
    raise Refusal(
        "unknown_type",
        f"There is no type of event named {shortened(written)}; they are "
        f"{', '.join(topic.rpartition('.')[0] for topic in known)}.",
        type=shortened(written),
    )
