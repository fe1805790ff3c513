"""Surroundings in which nothing fails and nobody else runs."""

from time import sleep, time_ns
from typing import Any

from simulation.surroundings import Fault, Operation, SimulatedProcess


class QuietSurroundings:
    """The time of this machine, and no faults; to be extended by what a trial is about."""

    def process(self) -> SimulatedProcess | None:
        """Return ``None``: everybody is outside of a simulation."""
        return None

    def before(self, operation: Operation) -> Fault:
        """Let every operation pass."""
        return Fault.NONE

    def sleep(self, microseconds: int) -> None:
        """Wait."""
        sleep(microseconds / 1_000_000)

    def now(self) -> int:
        """Return the time of day of this machine."""
        return time_ns() // 1_000

    def died(self, process: Any) -> None:
        """Take note of nothing: nobody dies here."""
