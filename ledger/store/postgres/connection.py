"""Connections that detect a silent server, so that no wait for a reply lasts forever.

A network may drop packets without an error, and a statement may take long; from here both look
alike. When no reply has come for a while, the server is asked through another connection whether it
still works for this one. If it does not, or does not answer either, the reply is lost.
"""

import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg
from psycopg import Connection
from psycopg.rows import tuple_row
from psycopg.waiting import Ready

CONNECT_SECONDS = 3
"""How long a server may take to accept a connection."""

SILENCE_SECONDS = 2.0
"""After how long without a reply the server is asked whether one will come."""

REPLY_SECONDS = 70.0
"""Longer than any statement of the log may run, in case the server reports a wrong state."""

_BACKEND_STATE = "SELECT state, wait_event FROM pg_stat_activity WHERE pid = %s"
_PROBE_SECONDS = 2.0
_INTERVAL = 0.1

_V = TypeVar("_V")


class ServerSilent(psycopg.OperationalError):
    """The server answers neither on this connection nor on a new one."""


class _Probe(Connection[Any]):
    """A connection whose waits are short."""

    def wait(
        self, gen: Any, interval: float = _INTERVAL, timeout: float | None = _PROBE_SECONDS
    ) -> Any:
        return super().wait(gen, interval, timeout)


class LedgerConnection(Connection[Any]):
    """A connection on which every wait for a reply ends."""

    probe_conninfo: str | None = None
    """How to connect to the same server again; without it a wait ends after ``REPLY_SECONDS``."""

    continues_log = False
    """Whether the log behind it is known to contain all that this process knows of the log."""

    def wait(
        self, gen: Any, interval: float = _INTERVAL, timeout: float | None = None
    ) -> Any:
        """Wait as the driver does, but not for a reply that was lost.

        Raises ``psycopg.OperationalError``; the connection is closed then.
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
        """Check through another connection that the server still works for this one.

        Raises :class:`ServerSilent` when it does not answer, and ``psycopg.OperationalError`` when
        no reply is to be expected.
        """
        if self.probe_conninfo is None:
            return
        try:
            with _Probe.connect(self.probe_conninfo, autocommit=True) as probe:
                cursor = probe.cursor(row_factory=tuple_row)
                found = cursor.execute(_BACKEND_STATE, [self.info.backend_pid]).fetchone()
        except psycopg.Error as error:
            raise ServerSilent("the server does not reply") from error
        # A state of NULL is hidden from this user and may be any; a backend in ClientWrite waits
        # for us to read a reply that no longer arrives.
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
        """Check that a reply may still come; otherwise close the connection.

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
