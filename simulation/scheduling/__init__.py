"""Scheduling: threads, clocks, event loops and a network, all of which follow from a seed.

Tasks are real threads, of which one runs at a time: it passes the baton on whenever it waits, and
now and then when it takes or frees a lock. Time is virtual, and moves when everybody waits.
"""

from simulation.scheduling.connection import Stream, Wire
from simulation.scheduling.network import Network
from simulation.scheduling.primitives import installed
from simulation.scheduling.scheduler import Deadlock, Scheduler, Stuck
from simulation.scheduling.tasks import Killed, Process, Task

__all__ = [
    "Deadlock",
    "Killed",
    "Network",
    "Process",
    "Scheduler",
    "Stream",
    "Stuck",
    "Task",
    "Wire",
    "installed",
]
