"""What the parts of the simulation ask of each other."""

from enum import Enum
from typing import Any, NamedTuple, Protocol


class Fault(Enum):
    """What becomes of one operation of a disk."""

    NONE = "none"
    IO_ERROR = "input/output error"
    FULL = "disk full"
    CRASH_BEFORE = "crash before it was done"
    CRASH_AFTER = "crash after it was done"


class Operation(NamedTuple):
    """An operation that a process asks of a disk: ``read``, ``write``, ``sync``, ``truncate`` ...

    ``size`` is in bytes, 0 where it has no meaning.
    """

    kind: str
    path: str
    size: int


class SimulatedProcess(Protocol):
    """A program that runs in the simulation; once it is dead, nothing of it has any effect."""

    name: str
    is_alive: bool


class Surroundings(Protocol):
    """What a disk needs to know of the world around it."""

    def process(self) -> SimulatedProcess | None:
        """Return the process that runs now; ``None`` outside of the simulation, without faults."""
        ...

    def before(self, operation: Operation) -> Fault:
        """Let others run first, and say what becomes of an operation."""
        ...

    def sleep(self, microseconds: int) -> None:
        """Let virtual time pass for the process that runs now."""
        ...

    def now(self) -> int:
        """Return the virtual time of day, in microseconds since 1970 in UTC."""
        ...

    def died(self, process: Any) -> None:
        """Take note that a process died of a fault that ``before`` had named."""
        ...
