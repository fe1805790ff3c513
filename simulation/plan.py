"""What an episode is to do, and what it did."""

from collections.abc import Mapping
from typing import NamedTuple

from simulation.checks.violation import Violation


class Plan(NamedTuple):
    """What an episode is to do; a shrunken one does less."""

    seed: int
    commands: int = 400
    without: tuple[str, ...] = ()
    """Kinds of faults that are left out."""


class Report(NamedTuple):
    """What an episode did, and the violation that it found, if any."""

    plan: Plan
    commands: int
    events: int
    steps: int
    switches: int
    images: int
    faults: Mapping[str, int]
    seconds: float
    digest: str
    violation: Violation | None
