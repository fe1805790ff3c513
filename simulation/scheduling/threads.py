"""Threads of the program: simulated when a task starts them, real ones elsewhere."""

import threading
from typing import Any

from simulation.scheduling.tasks import HERE, Task


class SimulatedThread(threading.Thread):
    """A thread that is a task of the simulation if a task starts it.

    Its hash follows from the seed: executors keep their threads in sets.
    """

    def __init__(self, *args: Any, **keywords: Any) -> None:
        here = HERE.task
        self._hash = object.__hash__(self) if here is None else here.scheduler.new_number()
        self._task: Task | None = None
        super().__init__(*args, **keywords)

    def __hash__(self) -> int:
        return self._hash

    def start(self) -> None:
        """Start it, in the process of the task that calls."""
        here = HERE.task
        if here is None:
            super().start()
        elif self._task is not None:
            raise RuntimeError("threads can only be started once")
        else:
            self._task = here.scheduler.spawn(here.process, self.name, self.run)
            self._task.thread = self
            here.scheduler.pause()

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end."""
        if self._task is None:
            super().join(timeout)
        else:
            self._task.join(timeout)

    def is_alive(self) -> bool:
        """Return whether it was started and has not ended."""
        return super().is_alive() if self._task is None else not self._task.is_done

    @property
    def ident(self) -> int | None:
        """The identity of its thread."""
        return super().ident if self._task is None else self._task.thread_id or None
