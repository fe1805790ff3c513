"""Surroundings with one process and one chosen fault at a time."""

from collections.abc import Callable
from typing import Any

from simulation.disk.quiet import QuietSurroundings
from simulation.surroundings import Fault, Operation, SimulatedProcess


class LoneProcess:
    """The one process of a trial."""

    def __init__(self, name: str = "writer") -> None:
        self.name = name
        self.is_alive = True


class OneProcess(QuietSurroundings):
    """Lets ``choose`` say what becomes of each operation of the one process there is.

    Time stands still while it works, and passes when it waits.
    """

    def __init__(self, choose: Callable[[Operation], Fault]) -> None:
        self.choose = choose
        self.lone_process = LoneProcess()
        self._now = 1_780_000_000_000_000

    def process(self) -> SimulatedProcess | None:
        """Return the process, whoever asks."""
        return self.lone_process

    def before(self, operation: Operation) -> Fault:
        """Ask what becomes of an operation."""
        return self.choose(operation)

    def sleep(self, microseconds: int) -> None:
        """Let time pass at once."""
        self._now += microseconds

    def now(self) -> int:
        """Return the time, a microsecond later each time."""
        self._now += 1
        return self._now

    def died(self, process: Any) -> None:
        """Take note that the process is dead."""
        self.lone_process.is_alive = False
