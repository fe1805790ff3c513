"""Tasks and processes: what runs in a simulation, and what can be killed or frozen as a whole."""

import threading
from _thread import allocate_lock
from collections.abc import Callable
from enum import Enum
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulation.scheduling.scheduler import Scheduler

FIRST_PROCESS_ID = 1 << 23
"""Process ids of the simulation begin here, where Linux has none."""


class Killed(BaseException):
    """The process of this task is dead: raised at its next switch, and at every later one."""


class Caught:
    """Keeps what a block raises, for the thread that waits for it; a context manager."""

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def __enter__(self) -> "Caught":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self.error = error
        return True


class Phase(Enum):
    """What a task is doing."""

    READY = "could run"
    RUNNING = "runs"
    WAITING = "waits"
    FROZEN = "is frozen"
    DONE = "is done"


class Process:
    """A program of several tasks, with a clock of its own.

    ``clock_offset`` (microseconds) and ``clock_drift`` (microseconds a second) tell how far its
    time of day is from that of the simulation; both may be changed at any moment.
    """

    def __init__(self, scheduler: "Scheduler", number: int, name: str) -> None:
        self.scheduler = scheduler
        self.number = number
        self.id = FIRST_PROCESS_ID + number
        self.name = name
        self.is_alive = True
        self.clock_offset = 0
        self.clock_drift = 0
        self.frozen_until = 0
        self.tasks: dict[int, Task] = {}
        self.at_death: list[Callable[[], None]] = []
        """What is called when it is killed, before its tasks are told; it may not wait."""
        self._began = scheduler.now

    def time_of_day(self) -> int:
        """Return what its clock shows, in microseconds since 1970."""
        now = self.scheduler.now
        drift = (now - self._began) * self.clock_drift // 1_000_000
        return now + self.clock_offset + drift

    def kill(self) -> None:
        """End it at once: its tasks unwind, and what they still do is to have no effect.

        Called by one of its own tasks, it raises :class:`Killed` there.
        """
        self.scheduler.kill(self)

    def freeze(self, seconds: float) -> None:
        """Let none of its tasks run for that time, as a stopped or starved process does."""
        self.scheduler.freeze(self, seconds)

    def thaw(self) -> None:
        """Let it go on at once, if it is frozen."""
        self.scheduler.thaw(self)

    def __repr__(self) -> str:
        return f"<process {self.name}#{self.number}{'' if self.is_alive else ', dead'}>"


class Task:
    """A thread of the simulation: ``result`` or ``exception`` is set once it is done."""

    def __init__(
        self, process: Process, number: int, name: str, call: Callable[[], object]
    ) -> None:
        self.process = process
        self.scheduler = process.scheduler
        self.number = number
        self.name = name
        self.call: Callable[[], object] | None = call
        self.result: object = None
        self.exception: BaseException | None = None
        self.phase = Phase.READY
        self.has_begun = False
        self.waits_for = ""
        self.is_woken = False
        self.ticket = 0
        """Rises with every wait, so that the time limit of an earlier one has no effect."""
        self.deaths = 0
        self.thread: threading.Thread | None = None
        """The thread of the program that it is, if it is one."""
        self.thread_id = 0
        self.baton = allocate_lock()
        self.baton.acquire()
        self.joining: list[Task] = []

    @property
    def is_done(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self.phase is Phase.DONE

    def join(self, seconds: float | None = None) -> bool:
        """Wait until it has ended; return whether it has."""
        return self.scheduler.join(self, seconds)

    def __repr__(self) -> str:
        return f"<task {self.number} {self.process.name}/{self.name}>"


class _Here(threading.local):
    task: Task | None = None


HERE = _Here()
"""The task that the calling thread is; ``None`` in threads outside of the simulation."""
