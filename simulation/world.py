"""The world of one episode: its scheduler, its disk, its faults, and where the ledger lies."""

from pathlib import Path
from random import Random

from simulation.disk.files import Disk
from simulation.faults import Faults
from simulation.scheduling.scheduler import Scheduler
from simulation.scheduling.tasks import Killed, Process
from simulation.surroundings import Fault, Operation

OPENED = 1_772_366_400_000_000
"""2026-03-01 at noon: when every episode begins."""


class World:
    """Everything that surrounds the programs of one episode, made from its seed."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.random = Random(seed)
        self.scheduler = Scheduler(self.random.getrandbits(64), OPENED)
        self.faults = Faults(Random(self.random.getrandbits(64)))
        self.disk = Disk(Random(self.random.getrandbits(64)), self)
        self.folder = folder
        self.path = folder / "shop.db"
        self.url = f"sqlite:///{self.path}"
        self.is_ending = self.is_closing = False
        self.failures: list[Exception] = []
        """What programs ended with while they lived, other than what a failing disk excuses."""

    # ------------------------------------------------------------------ what the disk asks

    def process(self) -> Process | None:
        """Return the process that runs now; ``None`` outside of the simulation."""
        task = self.scheduler.current()
        return None if task is None else task.process

    def before(self, operation: Operation) -> Fault:
        """Let others run first, and say what becomes of an operation."""
        if self.process() is None:
            return Fault.NONE
        return self.faults.of_disk(operation, self.scheduler.pause, self.scheduler.sleep)

    def sleep(self, microseconds: int) -> None:
        """Let virtual time pass for the process that runs now."""
        self.scheduler.sleep(microseconds / 1_000_000)

    def now(self) -> int:
        """Return the time of day that the process that runs now sees."""
        process = self.process()
        return self.scheduler.now if process is None else process.time_of_day()

    def died(self, process: Process) -> None:
        """Let a process die of a fault of the disk; the disk's own call returns first."""
        try:
            process.kill()
        except Killed:
            return
