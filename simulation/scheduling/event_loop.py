"""The event loop of ``asyncio`` in virtual time, on a simulated thread.

Between two rounds of callbacks others may run; nothing waits for a socket. Its tasks and futures
have hashes that follow from the seed, because ``asyncio.wait`` keeps them in sets.
"""

import asyncio
import socket
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from ipaddress import ip_address
from typing import Any

from simulation.scheduling.scheduler import Scheduler
from simulation.scheduling.tasks import HERE, Caught, Killed
from simulation.scheduling.waiting import WaitingTasks, monotonic

THREADS = 6
"""How many threads ``asyncio.to_thread`` has, on every machine."""

_really_new_event_loop = asyncio.new_event_loop
_Work = Coroutine[Any, Any, Any] | Generator[Any, None, Any]


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return a simulated event loop to a task, a real one to other threads."""
    here = HERE.task
    return _really_new_event_loop() if here is None else SimulatedEventLoop(here.scheduler)


class NumberedTask(asyncio.Task[Any]):
    """A task with a hash that follows from the seed."""

    def __init__(self, loop: "SimulatedEventLoop", work: Any, context: Context | None) -> None:
        self._hash = loop.scheduler.new_number()
        super().__init__(work, loop=loop, context=context)

    def __hash__(self) -> int:
        return self._hash


class NumberedFuture(asyncio.Future[Any]):
    """A future with a hash that follows from the seed."""

    def __init__(self, loop: "SimulatedEventLoop") -> None:
        self._hash = loop.scheduler.new_number()
        super().__init__(loop=loop)

    def __hash__(self) -> int:
        return self._hash


class _Alarm:
    """What the loop has in the place of sockets: it waits here until its time or a wake-up."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._rings = False
        self._waiting = WaitingTasks("something to do in its event loop")

    def select(self, seconds: float | None) -> list[object]:
        """Wait; nothing is ever ready."""
        self._scheduler.pause()
        if seconds is None or seconds > 0:
            # A microsecond more, or the callback that is due would not be by the rounded clock.
            until = None if seconds is None else seconds + 0.000_001
            self._waiting.wait_until(lambda: self._rings, until)
        self._rings = False
        return []

    def ring(self) -> None:
        """End the wait, from any thread."""
        self._rings = True
        self._waiting.wake_all()


class SimulatedEventLoop(asyncio.BaseEventLoop):
    """An event loop whose time and network are those of a simulation."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler
        here = HERE.task
        self.process = None if here is None else here.process
        self._selector = _Alarm(scheduler)
        self._unfinished: dict[int, NumberedTask] = {}
        super().__init__()
        self._clock_resolution = 0.000_001
        self.set_task_factory(self._new_task)
        self.set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="asyncio"))

    def __del__(self) -> None:
        """Complain of nothing: the loop of a killed process was never closed."""

    def time(self) -> float:
        """Return the virtual time in seconds."""
        return monotonic()

    def create_future(self) -> NumberedFuture:
        """Return a future of this loop."""
        return NumberedFuture(self)

    def run_forever(self) -> None:
        """Run until it is stopped; unwind what runs in it when its process is killed."""
        try:
            super().run_forever()
        except Killed:
            self._unwind()
            raise

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Report what went wrong in a callback, unless the process is dead."""
        if self.process is not None and self.process.is_alive:
            super().call_exception_handler(context)

    async def getaddrinfo(self, host: Any, port: Any, **_: Any) -> Any:
        """Look up a name in the simulated network; a literal address is its own."""
        network = self.scheduler.network
        address = host if network is None else network.names.get(host, host)
        try:
            version = ip_address(address).version
        except ValueError:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None
        await asyncio.sleep(0)
        family = socket.AF_INET if version == 4 else socket.AF_INET6
        where = (address, port) if version == 4 else (address, port, 0, 0)
        return [(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", where)]

    async def create_connection(
        self, protocol_factory: Callable[[], Any], host: Any = None, port: Any = None,
        **options: Any,
    ) -> Any:
        """Connect through the simulated network, without encryption."""
        network = self.scheduler.network
        if network is None or options.get("ssl"):
            raise OSError("The simulation has no such network.")
        return await network.connect(self, protocol_factory, network.names.get(host, host), port)

    def _process_events(self, event_list: list[object]) -> None:
        """Do nothing: there are no sockets."""

    def _write_to_self(self) -> None:
        self._selector.ring()

    def _new_task(
        self, loop: asyncio.AbstractEventLoop, work: _Work, context: Context | None = None
    ) -> NumberedTask:
        task = NumberedTask(self, work, context)
        number = hash(task)
        self._unfinished[number] = task
        task.add_done_callback(lambda _: self._unfinished.pop(number, None))
        return task

    def _unwind(self) -> None:
        """End what runs in the loop of a killed process, while it is this dead task that does it.

        Otherwise it would end when the rubbish is collected, in a thread that is alive.
        """
        for task in list(self._unfinished.values()):
            work = task.get_coro()
            with Caught():
                if work is not None:              # a task may have ended where it began, since 3.12
                    work.close()
