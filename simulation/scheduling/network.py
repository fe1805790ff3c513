"""A simulated network: listeners by address and port, and connections that may go wrong.

A listener is a function that gets the listening side of each connection (:class:`Stream`) in a task
of its own, and blocks like a program with a thread a connection. The connecting side is a transport
of ``asyncio``.
"""

import asyncio
import errno
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from simulation.scheduling.connection import SimulatedTransport, Stream, Wire
from simulation.scheduling.event_loop import SimulatedEventLoop
from simulation.scheduling.scheduler import Scheduler
from simulation.scheduling.tasks import Process

Listener = Callable[[Stream], object]


class _Listening(NamedTuple):
    process: Process
    call: Listener


class Network:
    """The network of a simulation.

    ``wire_to`` is asked for every connection what it is like; by default nothing goes wrong.
    ``names`` are what a name server knows.
    """

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._listening: dict[tuple[str, int], _Listening] = {}
        self.wire_to: Callable[[str, int], Wire] = lambda address, port: Wire()
        self.names: dict[str, str] = {"localhost": "127.0.0.1"}
        scheduler.network = self

    def listen(self, process: Process, address: str, port: int, call: Listener) -> None:
        """Let a process take the connections to an address, as long as it lives."""
        self._listening[address, port] = _Listening(process, call)

    def close(self, address: str, port: int) -> None:
        """Let nobody listen at an address."""
        self._listening.pop((address, port), None)

    async def connect(
        self, loop: SimulatedEventLoop, protocol_factory: Callable[[], Any], address: str,
        port: int,
    ) -> tuple[asyncio.Transport, Any]:
        """Connect a protocol of ``asyncio`` to who listens there, over a wire."""
        wire = self.wire_to(address, port)
        await asyncio.sleep(wire.seconds_to_connect)
        listening = self._listening.get((address, port))
        if wire.is_refused or listening is None or not listening.process.is_alive:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
        protocol = protocol_factory()
        stream = Stream(self._scheduler, listening.process, wire)
        transport = SimulatedTransport(loop, protocol, stream, (address, port))
        protocol.connection_made(transport)
        name = f"connection to {address}:{port}"
        self._scheduler.spawn(listening.process, name, partial(_serve, listening.call, stream))
        return transport, protocol


def _serve(call: Listener, stream: Stream) -> None:
    """Let a listener have its connection, and close it afterwards."""
    with suppress(ConnectionError):      # the other side is gone
        call(stream)
    stream.close()
