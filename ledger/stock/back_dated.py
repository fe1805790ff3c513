"""Facts that are recorded late: what they change of the past, and what a count keeps as it is.

A count says what was there when it occurred. What is recorded later but had occurred before it was
counted too, whoever knew of it: it moves what the source held until the count, and the count takes
the difference, so that what it found stands. Only where no count followed does a back-dated fact
move what is on hand now.

Rule 4.14 is the source.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.quantity import LIMIT, to_text
from stocktrail.ledger.stock.events import StockCounted, StockMovement, StockRecounted
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.stock.timeline import NEVER, Movement, Timeline
from stocktrail.ledger.sums import too_large

Timelines = Mapping[str, Timeline]
"""The movements of an item, by source."""


class When(NamedTuple):
    """When a fact occurred; ``whole`` gives all movements of its item, for one far in the past.

    A count that occurs after ``until`` has not happened yet and keeps nothing as it is: ledgers of
    earlier versions may hold counts of any year.
    """

    occurred_at: int
    whole: Callable[[], Timelines]
    until: int = NEVER


class Past(NamedTuple):
    """What a back-dated fact meets at a source.

    ``held`` counts the units there when it occurred; ``start`` and ``end`` are the places in the
    timeline between which it changes what was held: from the first movement after it to the first
    count after it, which is ``next_count``, or to the last movement.
    """

    occurred_at: int
    held: int
    timeline: Timeline
    start: int
    end: int
    next_count: Movement | None

    def reaches(self, delta: int) -> tuple[int, int]:
        """Return the least and the most that the source held from then on, changed by a delta.

        Looked at closely, there may have been no such moment.
        """
        return self.timeline.bounds(self.held + delta, self.start, self.end)

    def moments(self, delta: int) -> Iterator[tuple[int, int]]:
        """Return each moment from then on, and what the source held then, changed by a delta."""
        yield self.occurred_at, self.held + delta
        yield from self.timeline.moments(self.held + delta, self.start, self.end)


def past_of(stock: ProductStock, source: str, when: When | None) -> Past | None:
    """Return what had happened at a source after a fact; ``None`` when nothing had."""
    kept = stock.timelines.get(source)
    if when is None or kept is None or when.occurred_at >= kept.latest:
        return None
    timeline = kept if kept.covers(when.occurred_at) else when.whole().get(source, kept)
    start = timeline.place_after(when.occurred_at)
    if start == len(timeline):
        return None
    held = stock.on_hand.get(source, 0) - timeline.gained_from(start)
    at = timeline.count_from(start)
    if at is None or timeline[at].occurred_at > when.until:
        return Past(when.occurred_at, held, timeline, start, len(timeline), None)
    count = timeline[at]
    end = timeline.place_at(count.occurred_at)
    return Past(when.occurred_at, held, timeline, start, end, count)


def gains_of(events: Iterable[Event]) -> dict[str, int]:
    """Add up what sources gain by events, without what counts take over of it."""
    gains: dict[str, int] = {}
    for event in events:
        if isinstance(event, StockMovement) and not isinstance(event, StockRecounted):
            for source, delta in event.gains:
                gains[source] = gains.get(source, 0) + delta
    return gains


def held_when(stock: ProductStock, source: str, when: When | None) -> int:
    """Count the units that a source held when a fact occurred, by all that is recorded so far."""
    past = past_of(stock, source, when)
    return stock.on_hand.get(source, 0) if past is None else past.held


def is_counted_after(stock: ProductStock, source: str, when: When | None) -> bool:
    """Return whether a source was counted after a fact: then its units of now stay as they are."""
    past = past_of(stock, source, when)
    return past is not None and past.next_count is not None


def recounts(
    stock: ProductStock, deltas: Mapping[str, int], when: When | None
) -> dict[str, StockRecounted]:
    """Return what counts have to take over for what sources gain by a back-dated fact, by source.

    Refuses what no quantity can say any more of a moment of the past (``quantity_too_large``).
    """
    found = {}
    for source, delta in deltas.items():
        past = past_of(stock, source, when) if delta else None
        if past is None:
            continue
        least, most = past.reaches(delta)
        if (most if delta > 0 else -least) >= LIMIT:
            _require_countable(stock, source, past, delta)
        if past.next_count is not None:
            found[source] = StockRecounted(
                sku=stock.key, source=source, delta=-delta,
                counted_at=past.next_count.occurred_at, count=past.next_count.counted_as,
            )
    return found


def with_recounts(
    facts: Iterable[Event], recounted: Mapping[str, StockRecounted]
) -> list[Event]:
    """Return facts with what counts take over, so that no source ever holds less than nothing.

    What a count gains comes before the facts, what it loses after them.
    """
    booked = list(recounted.values())
    return [
        *(event for event in booked if event.delta > 0), *facts,
        *(event for event in booked if event.delta < 0),
    ]


def past_below_zero(
    stock: ProductStock, events: Sequence[Event], when: When
) -> list[str]:
    """Return where, by events about to be recorded, a source held less than nothing in the past."""
    occurred_at = when.occurred_at
    for timeline in stock.timelines.values():
        if occurred_at < timeline.latest:
            break
    else:
        return []                   # in order, as nearly all that is recorded
    found = []
    for source, delta in gains_of(events).items():
        past = past_of(stock, source, when) if delta < 0 else None
        if past is None or past.reaches(delta)[0] >= 0:
            continue
        below = next((each for each in past.moments(delta) if each[1] < 0), None)
        if below is not None:
            instant, units = below
            found.append(
                f"past_below_zero: by what is recorded now, source {source} held {to_text(units)} "
                f"of {stock.key} at {to_iso(instant)}. Something that happened before is missing, "
                "or a time is wrong."
            )
    return found


def add_to_timelines(recorded: Iterable[RecordedEvent], into: dict[str, Timeline]) -> None:
    """Add what moved at the sources of an item to its whole timelines."""
    for each in recorded:
        event = each.payload
        if isinstance(event, StockMovement):
            count = each.originator_version if isinstance(event, StockCounted) else 0
            for source, delta in event.gains:
                timeline = into.setdefault(source, Timeline())
                timeline.add(each.occurred_at, delta, count, kept=len(timeline) + 1)


def _require_countable(stock: ProductStock, source: str, past: Past, delta: int) -> None:
    for instant, units in past.moments(delta):
        if (units if delta > 0 else -units) >= LIMIT:
            raise too_large(
                f"At {to_iso(instant)} source {source} would have held", stock.key, units,
                source=source, occurred_at=to_iso(instant),
            )
