"""Random bytes, process ids and processors, in the place of the operating system's."""

import os

from simulation.scheduling.tasks import FIRST_PROCESS_ID, HERE

_really_urandom, _really_getpid, _really_kill = os.urandom, os.getpid, os.kill
_really_cpu_count = os.cpu_count


def urandom(size: int) -> bytes:
    """Return random bytes, which follow from the seed; UUIDs and secrets are made of them."""
    task = HERE.task
    return _really_urandom(size) if task is None else task.scheduler.entropy.randbytes(size)


def getpid() -> int:
    """Return the id of the process that runs."""
    task = HERE.task
    return _really_getpid() if task is None else task.process.id


def kill(process_id: int, signal: int) -> None:
    """Look whether a process of the simulation lives (signal 0), or kill it."""
    task = HERE.task
    if task is None or process_id < FIRST_PROCESS_ID:
        _really_kill(process_id, signal)
        return
    process = task.scheduler.processes.get(process_id)
    if process is None or not process.is_alive:
        raise ProcessLookupError(process_id)
    if signal:
        process.kill()


def cpu_count() -> int | None:
    """Return how many processors there are: the same on every machine."""
    return _really_cpu_count() if HERE.task is None else 4
