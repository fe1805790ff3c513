"""The clock of the simulation, in the place of the functions of ``time``.

Threads that are no tasks have the real time.
"""

import time

from simulation.scheduling.tasks import HERE
from simulation.scheduling.waiting import monotonic

_really_sleep = time.sleep
_really_time_ns = time.time_ns

__all__ = ["monotonic", "monotonic_ns", "sleep", "time_ns", "time_of_day"]


def sleep(seconds: float) -> None:
    """Let time pass."""
    task = HERE.task
    if task is None:
        _really_sleep(seconds)
    else:
        task.scheduler.sleep(seconds)


def monotonic_ns() -> int:
    """Return the nanoseconds of a clock that never goes back."""
    return int(monotonic() * 1_000_000) * 1_000


def time_ns() -> int:
    """Return the time of day in nanoseconds since 1970, by the clock of the process that runs."""
    task = HERE.task
    if task is None:
        return _really_time_ns()
    task.scheduler.look_at_clock()
    return task.process.time_of_day() * 1_000


def time_of_day() -> float:
    """Return the time of day in seconds since 1970, by the clock of the process that runs."""
    return time_ns() / 1_000_000_000
