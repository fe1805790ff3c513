"""What lines of an item are pegged to, kept so that only lines are looked at that may change.

Of each pool it is known which lines each receipt covers alone, as two places in the queue. When
pegs are laid again, a line that is covered by the same receipt as before, wholly and alone, keeps
its peg. All others are looked at: those at which one receipt ends and the next begins, those that
come under another receipt or under none, and those that changed themselves.

So an order behind all that is covered costs nothing, and a line that comes between others costs
those that stand where receipts meet, however many lines wait.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date
from typing import NamedTuple

from stocktrail.ledger.pegging import Reach
from stocktrail.ledger.waiting_units import END, Place, Waiting, WaitingUnits, just_behind
from stocktrail.projections.models.promised_lines import PromisedLine

PeggedTo = tuple[str, int, date, date | None]
"""A receipt as lines are pegged to it: its purchase line, when it is ready, since when overdue."""

NOWHERE: Place = ()
"""The place before every line."""


class Laid(NamedTuple):
    """The pegs of one pool: what each receipt covers alone, from one place up to another.

    No line from the place ``stop`` on is pegged to anything. At that place, or just before, stands
    the first line of the pool that lacks units: what comes behind it can change no pegs at all.
    """

    covered: Mapping[PeggedTo, tuple[Place, Place]]
    stop: Place


NOTHING_LAID = Laid({}, NOWHERE)


class LookedAt(NamedTuple):
    """A line that may have other pegs: its place, its pool, and what lines before it wait for."""

    place: Place
    pool: str
    begin: int


class LaidPegs:
    """The lines of an item that wait, by pool, and what they were pegged to the last time."""

    __slots__ = ("_changed", "_in_order", "_laid", "_waiting")

    def __init__(self, lines: Iterable[PromisedLine]) -> None:
        by_pool: dict[str, list[tuple[Place, int]]] = {}
        stops: dict[str, Place] = {}
        for line in lines:
            if units := line.waits_for:
                by_pool.setdefault(line.pool, []).append((line.queue_key, units))
            if line.pegs:
                stops[line.pool] = max(stops.get(line.pool, NOWHERE), just_behind(line.queue_key))
        self._waiting = {pool: WaitingUnits(places) for pool, places in by_pool.items()}
        self._in_order: WaitingUnits | None = None
        self._laid = {pool: Laid({}, stop) for pool, stop in stops.items()}
        self._changed: dict[Place, str] = {}

    def waiting(self, pool: str) -> WaitingUnits:
        """Return the units that lines of a pool wait for."""
        found = self._waiting.get(pool)
        if found is None:
            found = self._waiting[pool] = WaitingUnits()
        return found

    def in_order(self) -> WaitingUnits:
        """Return the units that lines of all pools wait for; kept from the first time on."""
        if self._in_order is None:
            self._in_order = WaitingUnits(
                (line.place, line.units) for units in self._waiting.values()
                for line in units.between(NOWHERE, END)
            )
        return self._in_order

    def put(self, line: PromisedLine) -> None:
        """Put a line in where none stands; it is looked at the next time."""
        units = line.waits_for
        if units:
            self.waiting(line.pool).put(line.queue_key, units)
            if self._in_order is not None:
                self._in_order.put(line.queue_key, units)
        if units or line.pegs:
            self._changed[line.queue_key] = line.pool

    def take_out(self, line: PromisedLine) -> None:
        """Take a line out; those behind it may come under another receipt."""
        if line.waits_for:
            self._waiting[line.pool].take_out(line.queue_key)
            if self._in_order is not None:
                self._in_order.take_out(line.queue_key)
            self._changed[line.queue_key] = line.pool

    def changed_only_behind(self, pools: Set[str]) -> bool:
        """Return whether what changed stands behind all that is covered; it is forgotten then.

        In ``pools``, those that have lines, pegs must have been laid before.
        """
        if pools != self._laid.keys():
            return False
        if any(place <= self._laid[pool].stop for place, pool in self._changed.items()):
            return False
        self._changed.clear()
        return True

    def lay(self, reaching: Mapping[str, Sequence[Reach]]) -> list[LookedAt]:
        """Lay pegs again by how far receipts reach in each pool that has lines.

        Returns where lines may have other pegs, in queue order: a place that a line has left, too.
        """
        found: dict[Place, LookedAt] = {}
        laid = {}
        for pool, reach in reaching.items():
            units = self.waiting(pool)
            now, ends = _covered(units, reach)
            for line in (*ends, *_moved(units, self._laid.get(pool, NOTHING_LAID), now)):
                found[line.place] = LookedAt(line.place, pool, line.begin)
            laid[pool] = now
        for place, pool in self._changed.items():
            if place not in found:
                found[place] = LookedAt(place, pool, self.waiting(pool).before(place))
        self._laid = laid
        self._changed.clear()
        return sorted(found.values())


def _covered(units: WaitingUnits, reaching: Sequence[Reach]) -> tuple[Laid, list[Waiting]]:
    """Return what each receipt covers alone, and the lines that are covered but in part."""
    covered: dict[PeggedTo, tuple[Place, Place]] = {}
    ends = []
    start = NOWHERE
    for until, purchase_order, number, ready, overdue_since in reaching:
        line = units.at(until)
        pegged_to = (purchase_order, number, ready, overdue_since)
        covered[pegged_to] = (start, END if line is None else line.place)
        if line is None:
            start = END
            break
        start = line.place
        if line.begin < until:
            ends.append(line)
            start = just_behind(line.place)
    if start == NOWHERE:
        first = units.at(0)
        start = END if first is None else first.place
    return Laid(covered, start), ends


def _moved(units: WaitingUnits, before: Laid, now: Laid) -> Iterator[Waiting]:
    """Yield the lines that came under another receipt than before, or under none."""
    for pegged_to, (start, stop) in now.covered.items():
        started, stopped = before.covered.get(pegged_to, (stop, stop))
        yield from units.between(start, min(started, stop))
        yield from units.between(max(start, stopped), stop)
    yield from units.between(now.stop, before.stop)
