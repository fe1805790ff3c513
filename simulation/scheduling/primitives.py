"""What takes the place of ``threading``, ``queue``, ``time`` and ``os`` while a simulation runs."""

import asyncio
import concurrent.futures.thread
import functools
import gc
import logging
import os
import queue
import random
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from types import ModuleType, SimpleNamespace
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
from simulation.scheduling.preemption import forget_what_functions_remember
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
    os: {"urandom": identity.urandom, "getpid": identity.getpid, "kill": identity.kill,
         "cpu_count": identity.cpu_count},
    queue: {"SimpleQueue": vars(queue)["_PySimpleQueue"]},
}
"""What takes whose place, wherever a module has it under whatever name."""

_REAL_TIME = SimpleNamespace(**vars(time))

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
        if scheduler.preemption.is_active:
            forget_what_functions_remember()
        for module, name, value in _places():
            stack.callback(setattr, module, name, getattr(module, name))
            setattr(module, name, value)
        stack.enter_context(_silence_of_the_dead())
        stack.callback(scheduler.close)
        yield


@contextmanager
def _silence_of_the_dead() -> Iterator[None]:
    """Report nothing of what tasks of killed processes let go of while they unwind."""
    before, log = sys.unraisablehook, logging.getLogger("concurrent.futures")

    def report(unraisable: Any) -> None:
        if not isinstance(unraisable.exc_value, Killed):
            before(unraisable)

    def is_news(record: logging.LogRecord) -> bool:
        return record.exc_info is None or not isinstance(record.exc_info[1], Killed)

    sys.unraisablehook = report
    log.addFilter(is_news)
    try:
        yield
    finally:
        sys.unraisablehook = before
        log.removeFilter(is_news)


def _cached(attribute: Any, instance: Any, owner: Any = None) -> Any:
    """Return a cached property without its lock, as Python 3.12 does."""
    if instance is None:
        return attribute
    cache = vars(instance)
    if attribute.attrname not in cache:
        cache[attribute.attrname] = attribute.func(instance)
    return cache[attribute.attrname]


def _places() -> Iterator[tuple[Any, str, Any]]:
    """Yield where something is replaced: the module, the name in it, and what comes there."""
    instead: dict[int, Any] = {}
    for module, names in _REPLACEMENTS.items():
        for name, value in names.items():
            instead[id(getattr(module, name))] = value
            yield module, name, value
    # These are real locks, which a task that has to wait would hold: one guards the end of the
    # interpreter, the other keeps two threads from computing the same.
    yield concurrent.futures.thread, "_global_shutdown_lock", nullcontext()
    yield functools.cached_property, "__get__", _cached
    # To log or not to log may not change what happens.
    yield logging, "time", _REAL_TIME
    for module in list(sys.modules.values()):
        if module.__name__.startswith(_KEEP_THE_REAL):
            continue
        for name, value in list(vars(module).items()):
            if id(value) in instead:
                yield module, name, instead[id(value)]
