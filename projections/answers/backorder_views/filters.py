"""Which open lines a backorder view shows."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

from stocktrail.ledger.settings import Settings
from stocktrail.projections.answers.shapes.promises import PromiseState

WhetherTold = Literal["no", "yes", "either"]
"""Whether customers were told: not of what is promised now, of just that, or ever of anything."""


class MovedSince(NamedTuple):
    """A position after which a promise must have moved, and the shop's day of that moment.

    A promise moves by news of it, and on the day after which a receipt it rests on is overdue.
    """

    position: int
    day: date


@dataclass(frozen=True)
class Filters:
    """What is asked for; what is left out filters nothing.

    By customer the lines of an item, customer, pool, or of pools that a source serves, pegged to
    receipts of a vendor or to overdue ones, waiting for units, promised late, slipped, uncertain
    (resting on overdue receipts), uncovered, requested before the cutoff, by whether the customer
    was told and by how sure the promise is, and moved since a position. By vendor the lines of an
    item, vendor or destination source, or of sources that serve a pool, that a customer, or
    anybody, waits for, that are overdue, come late, were put off (slipped), make a promise
    uncertain, of items that are uncovered, expected before the cutoff. By item the items that have
    such a line; the pool and the cutoff also choose what their columns add up.
    """

    item: str | None = None
    customer: str | None = None
    vendor: str | None = None
    pool: str | None = None
    source: str | None = None
    waiting: bool = False
    overdue: bool = False
    late: bool = False
    slipped: bool = False
    uncertain: bool = False
    uncovered: bool = False
    cutoff: date | None = None
    told: WhetherTold | None = None
    promise: PromiseState | None = None
    moved_since: MovedSince | None = None

    def check(self, settings: Settings) -> None:
        """Refuse a pool or source that nobody knows (``unknown_pool``, ``unknown_source``)."""
        if self.pool is not None:
            settings.require_pool(self.pool)
        if self.source is not None:
            settings.require_source(self.source)

    @property
    def before(self) -> str | None:
        """The cutoff as it is compared with stored dates."""
        return None if self.cutoff is None else self.cutoff.isoformat()

    def pools(self, settings: Settings) -> list[str] | None:
        """Return the pools whose lines are asked for, ``None`` for all."""
        if self.source is None:
            return None if self.pool is None else [self.pool]
        served = settings.pools_with(self.source)
        return [pool for pool in served if self.pool in (None, pool)]

    def destinations(self, settings: Settings) -> list[str] | None:
        """Return the sources whose receipts are asked for, ``None`` for all."""
        if self.pool is None:
            return None if self.source is None else [self.source]
        serving = settings.sources_of(self.pool)
        return [source for source in serving if self.source in (None, source)]


NO_FILTERS = Filters()
"""Every open line is asked for."""


class Conditions:
    """Conditions in SQL with their parameters, to be met all together."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.parameters: dict[str, Any] = {}

    def add(self, part: str, **parameters: Any) -> None:
        """Add a condition."""
        self.parts.append(part)
        self.parameters |= parameters

    def equal(self, column: str, value: str | None) -> None:
        """Let a column have one value, if one is asked for."""
        if value is not None:
            self.add(f"{column} = :{column}", **{column: value})

    def one_of(self, column: str, values: list[str] | None) -> None:
        """Let a column have one of some values, if they are asked for; none of none."""
        if values is not None:
            names = {f"{column}_{number}": value for number, value in enumerate(values)}
            listed = ", ".join(f":{name}" for name in names)
            self.add(f"{column} IN ({listed})" if names else "1 = 0", **names)

    def where(self, *more: str) -> str:
        """Write all conditions, and some more, as a WHERE."""
        parts = [*self.parts, *more]
        return f"WHERE {' AND '.join(parts)}" if parts else ""
