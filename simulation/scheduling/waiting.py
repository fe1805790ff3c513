"""Waiting for a condition, inside of the simulation and outside of it."""

import time
from collections.abc import Callable

from simulation.scheduling.tasks import HERE, Killed, Phase, Task

_POLL_SECONDS = 0.001
_really_sleep, _really_monotonic = time.sleep, time.monotonic


def pause() -> None:
    """Let somebody else run, if the caller is a task."""
    task = HERE.task
    if task is not None:
        task.scheduler.pause()


def monotonic() -> float:
    """Return the seconds of a clock that never goes back: of the simulation inside of it."""
    task = HERE.task
    return _really_monotonic() if task is None else task.scheduler.look_at_clock() / 1_000_000


class WaitingTasks:
    """Those that wait for one thing. ``what`` it is stands in reports.

    A thread that is no task of a simulation looks again every millisecond.
    """

    __slots__ = ("_tasks", "what")

    def __init__(self, what: str) -> None:
        self.what = what
        self._tasks: list[Task] = []

    def wait_until(self, is_so: Callable[[], bool], seconds: float | None) -> bool:
        """Wait until something is so; return whether it is within the time."""
        task = HERE.task
        if task is None or task.scheduler.current() is None:
            return _really_wait_until(is_so, seconds)
        scheduler = task.scheduler
        until = None if seconds is None else scheduler.now + int(seconds * 1_000_000)
        while not is_so():
            left = None if until is None else (until - scheduler.now) / 1_000_000
            if left is not None and left <= 0:
                return False
            self._tasks.append(task)
            try:
                scheduler.wait(self.what, left)
            except Killed:
                self.wake_one()        # it may have been the one that was woken
                raise
            finally:
                if task in self._tasks:
                    self._tasks.remove(task)
        return True

    def wake_one(self) -> None:
        """Let one of them look again, chosen by the seed as an operating system chooses."""
        while self._tasks:
            scheduler = self._tasks[0].scheduler
            at = int(scheduler.random.random() * len(self._tasks)) if len(self._tasks) > 1 else 0
            task = self._tasks.pop(at)
            if task.phase is Phase.WAITING:
                scheduler.wake(task)
                return

    def wake_all(self) -> None:
        """Let all of them look again."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.scheduler.wake(task)


def _really_wait_until(is_so: Callable[[], bool], seconds: float | None) -> bool:
    until = None if seconds is None else _really_monotonic() + seconds
    while not is_so():
        if until is not None and _really_monotonic() >= until:
            return False
        _really_sleep(_POLL_SECONDS)
    return True
