"""What takes the place of ``threading``, ``queue``, ``time`` and ``os`` while a simulation runs."""

import asyncio
import concurrent.futures.thread
import gc
import os
import queue
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from types import ModuleType
from typing import Any

from simulation.scheduling import clock, event_loop, identity
from simulation.scheduling.locks import (
    SimulatedBoundedSemaphore,
    SimulatedCondition,
    SimulatedEvent,
    SimulatedLock,
    SimulatedRLock,
    SimulatedSemaphore,
)
from simulation.scheduling.scheduler import Scheduler
from simulation.scheduling.tasks import Killed
from simulation.scheduling.threads import SimulatedThread

_REPLACEMENTS: dict[ModuleType, dict[str, Any]] = {
    threading: {
        "Lock": SimulatedLock, "RLock": SimulatedRLock, "Condition": SimulatedCondition,
        "Event": SimulatedEvent, "Semaphore": SimulatedSemaphore,
        "BoundedSemaphore": SimulatedBoundedSemaphore, "Thread": SimulatedThread,
    },
    time: {
        "sleep": clock.sleep, "monotonic": clock.monotonic, "perf_counter": clock.monotonic,
        "time": clock.time_of_day, "time_ns": clock.time_ns, "monotonic_ns": clock.monotonic_ns,
        "perf_counter_ns": clock.monotonic_ns,
    },
    asyncio.events: {"new_event_loop": event_loop.new_event_loop},
    os: {"urandom": identity.urandom, "getpid": identity.getpid, "kill": identity.kill},
    queue: {"SimpleQueue": vars(queue)["_PySimpleQueue"]},
}
"""What takes whose place, wherever a module has it under whatever name."""

_KEEP_THE_REAL = ("simulation.scheduling", "threading", "_thread", "_pytest", "pluggy")
"""Modules whose own names stay, unless they are named above."""


@contextmanager
def installed(scheduler: Scheduler) -> Iterator[None]:
    """Let the whole program run in the simulation as far as tasks of this scheduler call it.

    Threads that are no tasks meet the real behaviour. At the end every process is killed. Rubbish
    is not collected meanwhile, so that nothing is closed at a moment that does not follow from the
    seed.
    """
    chance, collects = random.getstate(), gc.isenabled()
    with ExitStack() as stack:
        stack.callback(random.setstate, chance)
        random.seed(scheduler.random.getrandbits(64))
        if collects:
            stack.callback(gc.enable)
            gc.disable()
        for module, name, value in _places():
            stack.callback(setattr, module, name, getattr(module, name))
            setattr(module, name, value)
        stack.callback(setattr, sys, "unraisablehook", sys.unraisablehook)
        sys.unraisablehook = _without_the_dead(sys.unraisablehook)
        stack.callback(scheduler.close)
        yield


def _without_the_dead(hook: Callable[[Any], object]) -> Callable[[Any], object]:
    """Return a hook that is silent about what a killed process lets go of."""

    def report(unraisable: Any) -> None:
        if not isinstance(unraisable.exc_value, Killed):
            hook(unraisable)

    return report


def _places() -> Iterator[tuple[ModuleType, str, Any]]:
    """Yield where something is replaced: the module, the name in it, and what comes there."""
    instead: dict[int, Any] = {}
    for module, names in _REPLACEMENTS.items():
        for name, value in names.items():
            instead[id(getattr(module, name))] = value
            yield module, name, value
    # It only guards the end of the interpreter, and would be held by a task that has to wait.
    yield concurrent.futures.thread, "_global_shutdown_lock", nullcontext()
    for module in list(sys.modules.values()):
        if module.__name__.startswith(_KEEP_THE_REAL):
            continue
        for name, value in list(vars(module).items()):
            if id(value) in instead:
                yield module, name, instead[id(value)]
