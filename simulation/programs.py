"""The programs of an episode: they open the real ledger, use it, die, and are started again."""

from abc import ABC, abstractmethod
from random import Random

from eventsourcing.persistence import IntegrityError

from simulation.checks.violation import require
from simulation.clients import ScriptClient
from simulation.scheduling.tasks import Process
from simulation.world import World
from stocktrail.commands.scripts.submission import submit
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger, StorageError, open_ledger
from stocktrail.projections import ReadModels

_DELAYS = ("freeze", "slow")
_TRANSIENT = frozenset(("storage_failed", "storage_busy", "storage_full"))
"""What the ledger may say of a disk that fails; to say more would be wrong: the file is whole."""


class Program(ABC):
    """A program: one process after another, each as good as new."""

    def __init__(self, name: str, world: World, random: Random) -> None:
        self.name = name
        self.world = world
        self.random = random
        self.process: Process | None = None
        self.starts = 0

    @property
    def is_running(self) -> bool:
        """Whether its process lives."""
        return self.process is not None and self.process.is_alive

    @property
    def has_work(self) -> bool:
        """Whether it is to be started again when it has ended."""
        return True

    def start(self) -> None:
        """Start it in a new process."""
        self.starts += 1
        process = self.process = self.world.scheduler.process(self.name)
        process.at_death.append(lambda: self.world.disk.release(process))
        self.world.scheduler.spawn(process, "main", lambda: self._live(process))

    @abstractmethod
    def run(self) -> None:
        """Do what the program does, until it ends by itself."""

    def _live(self, process: Process) -> None:
        try:
            self.nap(self.random.choice((0.01, 0.1, 3)))
            self.run()
        except StorageError as error:
            self.require_transient(error)
        process.kill()

    def require_transient(self, error: StorageError) -> None:
        """Take note of an error, unless it is one that the faults so far excuse."""
        is_alive = self.process is not None and self.process.is_alive
        if is_alive and not self._is_excused(error):
            self.world.failures.append(error)

    def _is_excused(self, error: StorageError) -> bool:
        if isinstance(error.__cause__, IntegrityError):
            return False                 # nobody's key is a fault of the disk
        if error.code == "storage_busy" and "locked" in str(error.__cause__):
            return any(self.world.faults.happened[kind] for kind in _DELAYS)
        return error.code in _TRANSIENT

    def nap(self, seconds: float) -> None:
        """Do nothing for a while, up to so many seconds."""
        self.world.scheduler.sleep(self.random.uniform(0, seconds))


class ScriptProgram(Program):
    """Submits a client's script through a writer of its own, as the command line does."""

    def __init__(self, name: str, world: World, random: Random, client: ScriptClient) -> None:
        super().__init__(name, world, random)
        self.client = client

    @property
    def has_work(self) -> bool:
        """Whether its client waits for answers."""
        return not self.client.is_done

    def run(self) -> None:
        """Send rows until all is answered; an error of storage ends it, or it goes on."""
        capacity = self.random.choice((2, 10, 10_000))
        with open_ledger(self.world.url, capacity=capacity) as ledger:
            models = ReadModels(ledger)
            while not self.client.is_done:
                try:
                    self._send(ledger)
                    if self.random.random() < 0.3:
                        models.catch_up()
                except StorageError as error:
                    self.require_transient(error)
                    if self.random.random() < 0.5:
                        raise
                self.nap(0.2)
                if self.random.random() < 0.05:
                    return

    def _send(self, ledger: Ledger) -> None:
        faults = self.world.faults
        sent = self.client.next(again=faults.strikes("again"))
        if self.random.random() < 0.1:
            list(submit(ledger, sent.read(), mode=sent.mode, dry_run=True))
        answers = [result.as_json() for result in submit(ledger, sent.read(), mode=sent.mode)]
        if not faults.strikes("lost_reply"):
            self.client.take_answers(sent, answers)


class Operator(Program):
    """Looks after the read models: rebuilds them, while others write."""

    def run(self) -> None:
        """Rebuild once, or catch up."""
        self.nap(5)
        if self.world.is_ending:
            return
        with open_ledger(self.world.url) as ledger:
            models = ReadModels(ledger)
            try:
                if self.random.random() < 0.5:
                    models.rebuild()
                else:
                    models.catch_up()
            except Refusal as refusal:
                require(refusal.code == "rebuild_overtaken", "errors", f"rebuild: {refusal}")
        self.nap(20)
