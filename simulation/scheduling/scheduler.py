"""The scheduler: which task goes on follows from a seed, and time moves when all of them wait."""

import heapq
import random
import sys
import threading
from _thread import allocate_lock, get_ident, start_new_thread
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

from simulation.scheduling.preemption import Preemption
from simulation.scheduling.stacks import told
from simulation.scheduling.tasks import HERE, Caught, Killed, Phase, Process, Task

if TYPE_CHECKING:
    from simulation.scheduling.network import Network

STUCK_SECONDS = 120.0
"""A task that does not come to a switch for so long, in real time, hangs outside of the simulation:
in a lock that is not simulated, or in a loop."""

MOST_DEATHS = 1_000
"""How often :class:`Killed` is raised in a task that goes on all the same."""

STAYS = (0.5, 0.8, 0.95)
"""How likely a task goes on at a pause; a seed has one of them."""

_THREADS: dict[int, threading.Thread] = vars(threading)["_active"]
"""Where ``threading.current_thread`` looks; it would add, and keep, what is missing there."""

_PRIME = 0x100000001B3
_MASK = (1 << 64) - 1


class Deadlock(Exception):
    """Nobody can run, and no timer is pending; tells what every task waits for, and where."""


class Stuck(Exception):
    """A task hangs outside of the simulation; tells where. The simulation cannot go on."""


class Scheduler:
    """Runs the tasks of a simulation, one at a time; the same for the same seed.

    ``start`` is the time of day in microseconds since 1970. Every pause takes a microsecond, so
    that a task that only looks at the clock comes to an end.
    """

    def __init__(self, seed: int, start: int) -> None:
        self.random = random.Random(seed)
        self.entropy = random.Random(self.random.getrandbits(64))
        """What takes the place of the operating system's random bytes."""
        self.start = self.now = start
        self.switches = 0
        self.network: Network | None = None
        self.failed: list[Task] = []
        """Tasks that an exception has ended, other than :class:`Killed`."""
        self.processes: dict[int, Process] = {}
        self.preemption = Preemption(self.pause, ())
        self._digest = 0xCBF29CE484222325
        self._stay = self.random.choice(STAYS)
        self._numbers = count(1)
        self._ready: list[Task] = []
        self._doomed: deque[Task] = deque()
        self._timers: list[tuple[int, int, int, Task]] = []
        self._until: Callable[[], bool] = bool
        self._limit = start
        self._has_come_true = self._is_deadlocked = self._is_choosing = self._is_broken = False
        self._caught = Caught()
        self._main = allocate_lock()
        self._main.acquire()

    @property
    def trace_digest(self) -> str:
        """A hash over all choices: who went on, and when."""
        return f"{self._digest:016x}"

    def new_number(self) -> int:
        """Return a number that nothing else in the simulation has."""
        return next(self._numbers)

    def process(self, name: str) -> Process:
        """Return the living process of a name; a new one if there is none."""
        for process in self.processes.values():
            if process.name == name and process.is_alive:
                return process
        process = Process(self, self.new_number(), name)
        self.processes[process.id] = process
        return process

    def spawn(self, process: Process, name: str, call: Callable[[], object]) -> Task:
        """Start a task; it runs when it is chosen."""
        here = self.current()
        if here is not None and not here.process.is_alive:
            self._die(here)
        if not process.is_alive:
            raise RuntimeError(f"The process {process.name} is dead, and begins nothing.")
        task = Task(process, self.new_number(), name, call)
        process.tasks[task.number] = task
        self._ready.append(task)
        return task

    def current(self) -> Task | None:
        """Return the task that calls; ``None`` outside of the simulation."""
        return None if self._is_choosing else HERE.task

    def preempt(self, *paths: str) -> None:
        """Let tasks that begin from now on be interrupted at every line of files.

        Those whose path contains one of ``paths``.
        """
        self.preemption = Preemption(self.pause, paths)

    # ------------------------------------------------------------------ what tasks call

    def pause(self) -> None:
        """Let somebody else run before this returns, or go on at once, as the seed has it."""
        task = HERE.task
        if task is None or self._is_choosing:
            return
        if not task.process.is_alive:
            self._die(task)
        self.now += 1
        if self.random.random() >= self._stay:
            self._give_way(task)

    def look_at_clock(self) -> int:
        """Return the virtual time, a microsecond later than before."""
        self.now += 1
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let virtual time pass for the task that calls."""
        if seconds > 0:
            self.wait("a while", seconds)
        else:
            self.pause()

    def wait(self, what: str, seconds: float | None = None) -> bool:
        """Wait until somebody wakes the task that calls; return whether it was before the time."""
        task = HERE.task
        if task is None or self._is_choosing:
            raise RuntimeError(f"Only a task can wait for {what}.")
        if not task.process.is_alive:
            self._die(task)
        task.phase, task.waits_for, task.is_woken = Phase.WAITING, what, False
        task.ticket += 1
        if seconds is not None:
            self._set_timer(self.now + max(0, int(seconds * 1_000_000)), task)
        self._switch(task)
        return task.is_woken

    def wake(self, task: Task) -> None:
        """Let a task that waits go on; without effect on one that does not wait."""
        if task.phase is Phase.WAITING:
            task.is_woken = True
            self._make_ready(task)

    def join(self, task: Task, seconds: float | None = None) -> bool:
        """Wait until a task has ended; return whether it has."""
        here = self.current()
        if here is None:
            return task.is_done or self._is_broken or self.run(
                lambda: task.is_done, seconds=1e9 if seconds is None else seconds
            )
        until = None if seconds is None else self.now + int(seconds * 1_000_000)
        while not task.is_done:
            left = None if until is None else (until - self.now) / 1_000_000
            if left is not None and left <= 0:
                return False
            task.joining.append(here)
            self.wait(f"the end of {task.name}", left)
        return True

    # ------------------------------------------------------------------ what befalls processes

    def kill(self, process: Process) -> None:
        """End a process; :meth:`Process.kill` says how."""
        if not process.is_alive:
            return
        process.is_alive = False
        here = self.current()
        for tell in list(process.at_death):
            tell()
        self._ready = [task for task in self._ready if task.process is not process]
        for task in list(process.tasks.values()):
            if not task.has_begun:
                task.exception = Killed(process.name)
                self._mark_done(task)
            elif task is not here:
                task.phase, task.ticket = Phase.READY, task.ticket + 1
                self._doomed.append(task)
        if here is not None and here.process is process:
            self._die(here)
        elif here is not None:
            self._give_way(here)
        elif not self._is_choosing and self._doomed:
            self.run(lambda: True, seconds=0)

    def freeze(self, process: Process, seconds: float) -> None:
        """Stop a process for a while; :meth:`Process.freeze` says how."""
        process.frozen_until = max(process.frozen_until, self.now + int(seconds * 1_000_000))
        here = self.current()
        if here is not None and here.process is process:
            self._give_way(here)

    def thaw(self, process: Process) -> None:
        """Let a frozen process go on at once."""
        process.frozen_until = self.now
        for task in process.tasks.values():
            if task.phase is Phase.FROZEN:
                self._make_ready(task)

    # ------------------------------------------------------------------ what the outside calls

    def run(self, until: Callable[[], bool], *, seconds: float) -> bool:
        """Run tasks until something is so; return whether it came so within the virtual time.

        ``until`` is looked at before every choice, in whatever thread makes it, and may not wait.
        Raises :class:`Deadlock` when nobody will ever run again, and :class:`Stuck` when a task
        hangs outside of the simulation.
        """
        if HERE.task is not None or self._is_choosing:
            raise RuntimeError("A task cannot run the simulation: it is part of it.")
        self._until, self._limit = until, self.now + int(seconds * 1_000_000)
        self._has_come_true = self._is_deadlocked = False
        self._caught.error = None
        chosen = self._choose()
        if chosen is not None:
            self._hand_to(chosen)
            self._wait_for_the_end()
        if self._caught.error is not None:
            raise self._caught.error
        if self._is_deadlocked:
            raise Deadlock(f"Nobody can run, and nobody waits for a time.\n{self.report()}")
        return self._has_come_true

    def close(self) -> None:
        """Kill every process, so that no thread is left."""
        for process in list(self.processes.values()):
            if process.is_alive and not self._is_broken:
                process.kill()

    def report(self) -> str:
        """Return what every task does and waits for, with its stack."""
        tasks = [task for process in self.processes.values() for task in process.tasks.values()]
        return "\n".join(map(told, tasks))

    # ------------------------------------------------------------------ the baton

    def _give_way(self, task: Task) -> None:
        self._make_ready(task)
        self._switch(task)

    def _switch(self, task: Task) -> None:
        """Pass the baton on, and return when this task has it again."""
        chosen = self._choose()
        if chosen is not task:
            self._hand_to(chosen)
            task.baton.acquire()
        task.phase, task.waits_for = Phase.RUNNING, ""
        if not task.process.is_alive:
            self._die(task)

    def _choose(self) -> Task | None:
        """Return who goes on: a task, or ``None`` for the caller of :meth:`run`."""
        while True:
            if self._doomed:
                return self._doomed.popleft()
            if self._is_over():
                return None
            if self._timers:
                self._look_at_timers()
            if self._ready:
                task = self._take_one()
                if task.process.frozen_until <= self.now:
                    self.switches += 1
                    self._digest = (self._digest ^ task.number ^ self.now << 16) * _PRIME & _MASK
                    return task
                task.phase = Phase.FROZEN
                self._set_timer(task.process.frozen_until, task)
            elif self._timers:
                self.now = min(self._timers[0][0], self._limit)
            else:
                self._is_deadlocked = True
                return None

    def _is_over(self) -> bool:
        self._is_choosing = True
        with self._caught:
            self._has_come_true = self._until()
        self._is_choosing = False
        return self._has_come_true or self.now >= self._limit or self._caught.error is not None

    def _take_one(self) -> Task:
        at = int(self.random.random() * len(self._ready))
        self._ready[at], self._ready[-1] = self._ready[-1], self._ready[at]
        return self._ready.pop()

    def _look_at_timers(self) -> None:
        """Make those ready whose time has come, and forget timers that no longer matter."""
        while self._timers:
            due, _, ticket, task = self._timers[0]
            is_pending = task.ticket == ticket and task.phase in (Phase.WAITING, Phase.FROZEN)
            if is_pending and due > self.now:
                return
            heapq.heappop(self._timers)
            if is_pending:
                self._make_ready(task)

    def _set_timer(self, due: int, task: Task) -> None:
        heapq.heappush(self._timers, (due, self.new_number(), task.ticket, task))

    def _make_ready(self, task: Task) -> None:
        task.phase = Phase.READY
        self._ready.append(task)

    def _hand_to(self, task: Task | None) -> None:
        if task is None:
            self._main.release()
        elif not task.has_begun:
            task.has_begun, task.phase = True, Phase.RUNNING
            start_new_thread(self._live, (task,))
        else:
            task.baton.release()

    def _live(self, task: Task) -> None:
        """Be the thread of a task, under its name."""
        HERE.task, task.thread_id = task, get_ident()
        _THREADS[task.thread_id] = task.thread or threading.Thread(name=task.name, daemon=True)
        assert task.call is not None
        self.preemption.begin()
        with Caught() as caught:
            task.result = task.call()
        sys.settrace(None)
        task.exception = caught.error
        if isinstance(caught.error, Killed):
            caught.error.with_traceback(None)      # its frames would keep files open
            caught.error.__context__ = None
        elif caught.error is not None and task.process.is_alive:
            self.failed.append(task)
        self._leave(task)

    def _leave(self, task: Task) -> None:
        _THREADS.pop(task.thread_id, None)
        self._mark_done(task)
        self._hand_to(self._choose())

    def _mark_done(self, task: Task) -> None:
        task.phase, task.call = Phase.DONE, None
        task.process.tasks.pop(task.number, None)
        for waiting in task.joining:
            self.wake(waiting)

    def _die(self, task: Task) -> None:
        task.phase = Phase.RUNNING
        task.deaths += 1
        if task.deaths > MOST_DEATHS:          # it catches everything, for ever: leave it behind
            task.exception = Killed(task.process.name)
            self._leave(task)
            task.baton.acquire()
        raise Killed(task.process.name)

    def _wait_for_the_end(self) -> None:
        seen = -1
        try:
            while not self._main.acquire(timeout=STUCK_SECONDS):
                if self.now == seen:
                    raise Stuck(f"A task hangs outside of the simulation.\n{self.report()}")
                seen = self.now
        except BaseException:              # an interrupt too: the baton must come back first
            self._until = lambda: True
            self._is_broken = not self._main.acquire(timeout=STUCK_SECONDS / 20)
            raise
