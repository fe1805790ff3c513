"""A proxy that forwards a client's messages to a real server, and lets a plan strike them.

One thread serves all connections. A client that is cut off sees what a real network shows it: its
connection breaks, or nothing comes any more. The server sees what had been forwarded until then.
"""

import heapq
import os
import selectors
import socket
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import psycopg
from psycopg.conninfo import make_conninfo

from simulation.postgres.fault_plan import CalmPlan, FaultPlan, LinkFault
from simulation.postgres.link import Link
from stocktrail.ledger.store.postgres_address import postgres_address

_PORT = "5432"
_PATIENCE_SECONDS = 30.0
_TERMINATION_MILLISECONDS = 1000


class PostgresProxy:
    """Stands between the clients of one program and the server of a URL. A context manager.

    ``struck`` counts the faults by kind, ``strikes`` lists them with the numbers of the connection
    and of the message, both from one. An ``is_orderly`` one lets the server do what it was sent
    before a client learns that its connection is cut, so that one client alone sees always the
    same.
    """

    def __init__(self, url: str, plan: FaultPlan, *, is_orderly: bool = False) -> None:
        self._address = postgres_address(url)
        self.is_orderly = is_orderly
        self.plan = plan
        self.strikes: list[tuple[int, int, LinkFault]] = []
        self._folder = tempfile.TemporaryDirectory(prefix="stocktrail-proxy-")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(Path(self._folder.name) / f".s.PGSQL.{_PORT}"))
        self._listener.listen(64)
        self._listener.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._woken, self._wake = os.pipe()
        self._selector.register(self._woken, selectors.EVENT_READ, self._run_orders)
        self._orders: list[tuple[Callable[[], None], threading.Event]] = []
        self._timers: list[tuple[float, int, Link]] = []
        self._links: list[Link] = []
        self._connections = self._messages = self._swallows = 0
        self._is_over = False
        self._thread = threading.Thread(target=self._run, name="postgres-proxy", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The URL of the same ledger through the proxy."""
        user = self._address.connection.get("user", "")
        query = {"host": self._folder.name, "schema": self._address.schema, "connect_timeout": "2"}
        return f"postgresql://{user}@/{self._address.database}?{urlencode(query)}"

    @property
    def struck(self) -> Counter[LinkFault]:
        """How often each fault has struck."""
        return Counter(fault for _, _, fault in self.strikes)

    @property
    def holds_back(self) -> bool:
        """Whether something is held back that will still be delivered."""
        return any(link.holds_back for link in list(self._links))

    def calm(self) -> None:
        """End all faults: what was held back arrives, and what comes now is forwarded."""
        self._in_thread(self._calm)

    def deliver(self) -> None:
        """Deliver what is held back, now."""
        self._in_thread(self._deliver_all)

    def close_idle(self) -> None:
        """Close what is to be closed when idle; an orderly proxy does it only when asked."""
        self._in_thread(self._close_idle)

    def close(self) -> None:
        """Cut every connection and end."""
        if self._thread.is_alive():
            self._in_thread(self._end)
            self._thread.join()
            self._folder.cleanup()

    # ------------------------------------------------------------------ asked by links

    def strike(self, link: Link, number: int, message: bytes) -> None:
        """Let the plan strike a message of a link, or forward it."""
        self._messages += 1
        if self._swallows:
            link.is_swallowed = True
        what = self.plan.strike(link.number, number, message)
        if link.is_swallowed or link.holds_back:
            link.forward(message)
            return
        if what.fault is not LinkFault.NONE:
            self.strikes.append((link.number, number, what.fault))
        if what.fault is LinkFault.BLACK_HOLE:
            self._swallows = what.amount + 1
            for each in self._links:
                each.is_swallowed = True
        if what.fault is LinkFault.HOLD_BACK:
            link.hold_back(self._messages + what.amount)
        link.suffer(what, message)

    def resume_later(self, link: Link, milliseconds: int) -> None:
        """Let a link go on after a while."""
        heapq.heappush(self._timers, (monotonic() + milliseconds / 1000, self._messages, link))

    def terminate(self, link: Link, milliseconds: int) -> None:
        """Let the server terminate the process of a link, as an administrator does.

        Nothing is forwarded meanwhile, so that what the process is doing depends on the plan.
        """
        sleep(milliseconds / 1000)
        with suppress(psycopg.Error), psycopg.connect(
            make_conninfo("", **self._address.connection), autocommit=True
        ) as server:
            patience = _TERMINATION_MILLISECONDS if self.is_orderly else 0
            server.execute("SELECT pg_terminate_backend(%s, %s)", [link.server_process, patience])

    def watch(self, end: socket.socket, link: Link, events: int) -> None:
        """Watch one end of a link for what it has to do; for nothing, with 0."""
        with suppress(KeyError):
            self._selector.unregister(end)
        if events:
            self._selector.register(end, events, link)

    def forget(self, link: Link) -> None:
        """Forget a link that is closed."""
        with suppress(ValueError):
            self._links.remove(link)

    # ------------------------------------------------------------------ in the thread

    def _run(self) -> None:
        while not self._is_over:
            timeout = max(0.0, self._timers[0][0] - monotonic()) if self._timers else None
            for key, events in self._selector.select(timeout):
                if isinstance(key.data, Link):
                    key.data.serve(key.fileobj, events)
                else:
                    key.data()
            while self._timers and self._timers[0][0] <= monotonic():
                heapq.heappop(self._timers)[2].resume()
            for link in [each for each in self._links if each.is_due(self._messages)]:
                link.deliver()

    def _accept(self) -> None:
        with suppress(OSError):
            client, _ = self._listener.accept()
            self._connections += 1
            server = None if self._swallows else self._connect()
            if server is None and not self._swallows:
                client.close()                   # the server is away: refused, as it would refuse
                return
            self._swallows = max(0, self._swallows - 1)
            self._links.append(Link(self, self._connections, client, server))

    def _connect(self) -> socket.socket | None:
        asked = self._address.connection
        host, port = asked.get("host", "localhost"), asked.get("port", _PORT)
        try:
            if not host.startswith("/"):
                return socket.create_connection((host, int(port)))
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{host}/.s.PGSQL.{port}")
        except OSError:
            return None
        return server

    def _calm(self) -> None:
        self.plan, self._swallows = CalmPlan(), 0
        self._deliver_all()

    def _deliver_all(self) -> None:
        for link in list(self._links):
            link.deliver()

    def _close_idle(self) -> None:
        for link in list(self._links):
            link.close_if_idle()

    def _end(self) -> None:
        self._is_over = True
        for link in list(self._links):
            link.cut()
        self._selector.close()
        self._listener.close()
        os.close(self._woken)
        os.close(self._wake)

    def _in_thread(self, order: Callable[[], None]) -> None:
        done = threading.Event()
        self._orders.append((order, done))
        os.write(self._wake, b"!")
        if not done.wait(_PATIENCE_SECONDS):
            raise RuntimeError("the proxy does not answer")

    def _run_orders(self) -> None:
        os.read(self._woken, 1)
        order, done = self._orders.pop(0)
        order()
        done.set()
