"""An oracle for what sources hold: facts sorted by when they occurred, and counts that pin.

It knows nothing of deltas that are counted less, nor of what is booked on counts: it goes through
what was asked, in order of time, and lets a count say what there is.
"""

from typing import NamedTuple


class Fact(NamedTuple):
    """What happened at a source: units came or went, or were counted."""

    occurred_at: int
    source: str
    delta: int = 0
    counted: int | None = None


def held(facts: list[Fact], source: str, at: int | None = None) -> int:
    """Return what a source held at a time, or holds once all has happened."""
    units = 0
    for fact in sorted(facts, key=lambda fact: fact.occurred_at):
        if fact.source == source and (at is None or fact.occurred_at <= at):
            units = units + fact.delta if fact.counted is None else fact.counted
    return units


def is_refused(facts: list[Fact], news: list[Fact]) -> bool:
    """Return whether new facts would put a source below zero now."""
    return any(held([*facts, *news], fact.source) < 0 for fact in news)


def falls_below_zero(facts: list[Fact], news: list[Fact]) -> dict[str, int]:
    """Return the sources that new facts put below zero at a moment, and the first such moment."""
    after = [*facts, *news]
    found: dict[str, int] = {}
    for source in dict.fromkeys(fact.source for fact in news):
        for at in sorted({fact.occurred_at for fact in after}):
            units = held(after, source, at)
            if units < 0 and units < held(facts, source, at):
                found.setdefault(source, at)
    return found
