"""Connections that notice when the server falls silent: nobody waits for a reply that never comes.

A network may swallow what is sent without a word, and a statement may take its time; from here both
look alike. So where no reply has come for a while, the server is asked through another connection
whether it is still at work on this one. If it is not, or does not answer either, the reply is lost.
"""

import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg
from psycopg import Connection
from psycopg.rows import tuple_row
from psycopg.waiting import Ready

CONNECT_SECONDS = 3
"""How long a server may take to let somebody in."""

SILENCE_SECONDS = 2.0
"""After so long without a reply the server is asked whether there will be one."""

REPLY_SECONDS = 70.0
"""Longer than any statement of the log may run, should the server not know what it is doing."""

_BACKEND_STATE = "SELECT state, wait_event FROM pg_stat_activity WHERE pid = %s"
_PROBE_SECONDS = 2.0
_INTERVAL = 0.1

_V = TypeVar("_V")


class ServerSilent(psycopg.OperationalError):
    """The server answers nobody: neither on this connection nor on a new one."""


class _Probe(Connection[Any]):
    """A connection on which nothing is waited for long."""

    def wait(
        self, gen: Any, interval: float = _INTERVAL, timeout: float | None = _PROBE_SECONDS
    ) -> Any:
        return super().wait(gen, interval, timeout)


class LedgerConnection(Connection[Any]):
    """A connection on which every wait for a reply comes to an end."""

    probe_conninfo: str | None = None
    """How to connect to the same server once more; without it silence lasts ``REPLY_SECONDS``."""

    def wait(
        self, gen: Any, interval: float = _INTERVAL, timeout: float | None = None
    ) -> Any:
        """Wait as the driver does, but never for a reply that does not come.

        Raises ``psycopg.OperationalError``, and the connection is closed then.
        """
        return super().wait(gen if timeout is not None else self._watched(gen), interval, timeout)

    def _watched(self, gen: Generator[Any, Any, _V]) -> Generator[Any, Any, _V]:
        watch = SilenceWatch(self)
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if ready == Ready.NONE:
                    watch.require_reply()
                else:
                    watch.reset()
                wanted = gen.send(ready)
        except StopIteration as end:
            value: _V = end.value
            return value

    def require_active_backend(self) -> None:
        """Ask the server, through another connection, whether it is still at work on this one.

        Raises :class:`ServerSilent` when it does not answer, and ``psycopg.OperationalError`` when
        there is nothing to wait for.
        """
        if self.probe_conninfo is None:
            return
        try:
            with _Probe.connect(self.probe_conninfo, autocommit=True) as probe:
                cursor = probe.cursor(row_factory=tuple_row)
                found = cursor.execute(_BACKEND_STATE, [self.info.backend_pid]).fetchone()
        except psycopg.Error as error:
            raise ServerSilent("the server does not reply") from error
        # A state that is not told may be any; who waits to write to us is not heard any more.
        if found is None or found[0] not in (None, "active", "disabled") or (
            found[1] == "ClientWrite"
        ):
            raise psycopg.OperationalError("the reply of the server was lost")


class SilenceWatch:
    """How long a server has been silent on a connection."""

    def __init__(self, connection: LedgerConnection) -> None:
        self._connection = connection
        self._began = self._heard = time.monotonic()

    def reset(self) -> None:
        """Restart the watch: something was received."""
        self._began = self._heard = time.monotonic()

    def require_reply(self) -> None:
        """See to it that a reply may still come; otherwise close the connection.

        Raises ``psycopg.OperationalError``.
        """
        now = time.monotonic()
        if now - self._heard < SILENCE_SECONDS:
            return
        try:
            if now - self._began >= REPLY_SECONDS:
                raise ServerSilent("the server does not reply")
            self._connection.require_active_backend()
        except psycopg.Error:
            self._connection.pgconn.finish()
            raise
        self._heard = time.monotonic()
