"""The faults of an episode: which kinds there are, and how often, drawn once from its seed.

Every episode leaves some kinds out ("swarm testing"), because faults that never occur alone hide
each other: a shop whose disk fails at every tenth write never comes to its third group.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from random import Random

from simulation.surroundings import Fault, Operation

_WRITES = ("write", "sync", "truncate", "delete")
_PAUSES = {"write": 0.1, "sync": 0.5, "lock": 0.1, "open": 0.3}
"""How often somebody else runs before an operation of a disk; reading matters to nobody else."""

_RATES: Mapping[str, tuple[float, ...]] = {
    "crash": (0, 0, 0.001, 0.005),
    "io_error": (0, 0, 0.001, 0.005),
    "sync_error": (0, 0, 0.02, 0.1),
    "full": (0, 0, 0.002),
    "slow": (0, 0.002, 0.01),
    "freeze": (0, 0, 0.05, 0.15),
    "kill": (0, 0.05, 0.2),
    "power": (0, 0, 0.02, 0.1),
    "clock": (0, 0, 0.05, 0.2),
    "receiver": (0, 0.1, 0.4),
    "vanish": (0, 0.05, 0.2),
    "lost_reply": (0, 0.05, 0.2),
    "again": (0.02, 0.1, 0.3),
}
"""The rates that an episode draws from: an operation of the disk, a step, a request, an answer."""

KINDS = tuple(_RATES)


class Faults:
    """What goes wrong in one episode, how often; and what did, by kind.

    While it is ``calm`` nothing goes wrong.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self.rates = {kind: random.choice(rates) for kind, rates in _RATES.items()}
        self.happened: Counter[str] = Counter()
        self.calm = False

    def strikes(self, kind: str, share: float = 1.0) -> bool:
        """Return whether a fault of a kind happens now, and count it."""
        if self.calm or self._random.random() >= self.rates[kind] * share:
            return False
        self.happened[kind] += 1
        return True

    def of_disk(
        self, operation: Operation, pause: Callable[[], None], wait: Callable[[float], None]
    ) -> Fault:
        """Let others run, perhaps, and say what becomes of an operation of a disk."""
        if self._random.random() < _PAUSES.get(operation.kind, 0):
            pause()
        if self.calm:
            return Fault.NONE
        if operation.kind in _WRITES:
            if self.strikes("crash"):
                return self._random.choice((Fault.CRASH_BEFORE, Fault.CRASH_AFTER))
            if operation.kind == "sync" and self.strikes("sync_error"):
                return Fault.IO_ERROR
            if operation.kind == "write" and self.strikes("full"):
                return Fault.FULL
        if operation.kind != "read" and self.strikes("slow"):
            wait(self._random.choice((0.01, 0.3, 2)))
        if self.strikes("io_error", 1.0 if operation.kind in _WRITES else 0.1):
            return Fault.IO_ERROR
        return Fault.NONE
