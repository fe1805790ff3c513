"""What had happened by an instant: what was recorded by a position, and what was recorded late.

Everything up to the position had happened, and of what came after only late events had
(:mod:`stocktrail.projections.models.late_events`). They are read from the log by their positions.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.models.late_events import reached_by, runs_at
from stocktrail.projections.read_models import Reading

_NEAR = 50
"""Runs that are no further apart are read together: one read more takes as long as 50 events."""


class Happened(NamedTuple):
    """The position by which all had happened, and the late events after it, by stream."""

    position: int
    late: Mapping[str, Sequence[RecordedEvent]]


def happened_by(ledger: Ledger, now: Reading, instant: int, until: int) -> Happened:
    """Return what had happened by an instant, as far as it was recorded by a position."""
    base = _last_in_order(ledger, now, instant, until)
    late: dict[str, list[RecordedEvent]] = {}
    runs = runs_at(now.place, now.cursor, instant, until)
    for first, last in _joined(runs):
        for recorded in ledger.read(first - 1, last - first + 1, stop=until):
            if recorded.occurred_at <= instant and recorded.position > base:
                late.setdefault(recorded.originator_id, []).append(recorded)
    return Happened(base, late)


def _last_in_order(ledger: Ledger, now: Reading, instant: int, until: int) -> int:
    """Return the last position up to which everything had occurred by an instant."""
    first, last = 0, until
    while first < last:
        middle = (first + last + 1) // 2
        [recorded] = ledger.read(middle - 1, 1)
        if reached_by(now.place, now.cursor, middle, recorded.occurred_at) <= instant:
            first = middle
        else:
            last = middle - 1
    return first


def _joined(runs: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """Yield the first and last position of runs, those that are near each other together."""
    first = last = None
    for run in runs:
        if first is not None and last is not None and run["first_position"] - last > _NEAR:
            yield first, last
            first = None
        first = run["first_position"] if first is None else first
        last = run["last_position"]
    if first is not None and last is not None:
        yield first, last
