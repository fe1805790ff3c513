"""A connection: what one client may keep of the service before anybody knows who it is.

Everything here is judged on the wire, before a request has a route or a token: how large the head
of a request is, how long it takes to come, how long its body may be silent, and how many
connections there are. Whoever is refused is told so in a problem, and the connection is closed.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple, cast

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from stocktrail.interfaces.service.problems import Problem

MOST_HEAD_BYTES = 1 << 16
"""The largest head of a request: its line and its headers, and the trailers after its body."""

LINGER_SECONDS = 2.0
"""How long whoever was refused may go on sending, so that it comes to read why."""

_LOOKS_PER_LIMIT = 4


class ConnectionLimits(NamedTuple):
    """How long a head may take, how long a body may be silent and take, how many connections.

    ``stalled_seconds`` is how long an answer may wait without any of it being taken.
    """

    head_seconds: float = 10.0
    silent_seconds: float = 30.0
    body_seconds: float = 120.0
    stalled_seconds: float = 120.0
    most_connections: int = 2000


class Connection(HttpToolsProtocol):
    """Uvicorn's connection, with limits on what was sent and what has not been sent yet."""

    def __init__(self, *given: Any, limits: ConnectionLimits, **named: Any) -> None:
        super().__init__(*given, **named)
        self._limits = limits
        self._log = structlog.get_logger("http")
        self._head_bytes = 0           # of the head or the trailers, as far as they are read
        self._unread_bytes = 0         # that came since, and are not yet a whole line
        self._moved = False
        self._is_in_head = True
        self._is_refused = False
        self._began = self._on_commit = self.loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._taking: asyncio.TimerHandle | None = None

    # ------------------------------------------------------------------ what comes

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection in; when there are too many, one that waits for its client goes."""
        super().connection_made(transport)
        self._watch()
        if len(self.connections) > self._limits.most_connections and not self._make_room():
            self.refuse(Problem(
                503, "too_many_connections", "The service has as many connections as it can "
                "serve; try again in a while.", headers={"Retry-After": "5"},
            ))

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_watching()
        if self._taking is not None:
            self._taking.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what came, as far as it stays within the limits."""
        if self._is_refused:
            return
        self._moved = False
        self._on_commit = self.loop.time()
        super().data_received(data)
        self._unread_bytes = 0 if self._moved else self._unread_bytes + len(data)
        if self._is_refused or self.parser is None:
            return
        if max(self._unread_bytes, self._head_bytes) > MOST_HEAD_BYTES:
            self.refuse(head_too_large())
        elif self._timer is None and (self._is_in_head or self._waits_for_body()):
            self._watch()

    def on_message_begin(self) -> None:
        """Begin with the head of a request."""
        super().on_message_begin()
        self._moved = self._is_in_head = True
        self._head_bytes, self._began = 0, self.loop.time()

    def on_url(self, url: bytes) -> None:
        """Take a part of the address."""
        self._head_bytes += len(url)
        if self._head_bytes <= MOST_HEAD_BYTES:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; what stands after the body is no part of the head, and is let go."""
        self._head_bytes += len(name) + len(value) + 4
        if self._is_in_head and self._head_bytes <= MOST_HEAD_BYTES:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Let the request be answered, also when it is to be refused for the size of its head."""
        self._is_in_head = False
        self._stop_watching()
        if self._head_bytes > MOST_HEAD_BYTES:
            self.scope["state"]["refused"] = head_too_large()
            self.url = b"/unread"            # it was not kept to its end
        self._head_bytes, self._moved, self._began = 0, True, self.loop.time()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._moved = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note the end of a request."""
        self._moved, self._head_bytes = True, 0
        super().on_message_complete()

    # ------------------------------------------------------------------ what does not come

    @property
    def is_waiting(self) -> bool:
        """Whether the service does nothing for its client: a request is yet to come."""
        return self._is_refused or self.cycle is None or self.cycle.response_complete

    @property
    def waits_since(self) -> float:
        """When its client was last heard of."""
        return self._on_commit

    def _waits_for_body(self) -> bool:
        cycle = self.cycle
        return cycle is not None and cycle.more_body and not cycle.response_complete

    def _watch(self) -> None:
        limit = self._limits.head_seconds if self._is_in_head else self._limits.silent_seconds
        self._timer = self.loop.call_later(limit / _LOOKS_PER_LIMIT, self._look)

    def _stop_watching(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if self._is_refused or self.transport.is_closing():
            return
        now = self.loop.time()
        if self._is_in_head:
            if now - self._began < self._limits.head_seconds or not self.is_waiting:
                self._watch()
            elif self.scope is not None:     # a request has begun
                self.refuse(Problem(
                    408, "head_too_slow", "The head of the request did not come within "
                    f"{self._limits.head_seconds:g} seconds.",
                ))
            else:
                self.transport.close()
        elif self._waits_for_body():
            # A stream of commands waits for its client by itself, for as long as that reads.
            by_itself = "is_stream" in self.cycle.scope["state"] or self.flow.read_paused
            if self.flow.read_paused:
                self._on_commit = now            # it is we who do not listen
            silent = now - self._on_commit >= self._limits.silent_seconds
            if not by_itself and (silent or now - self._began >= self._limits.body_seconds):
                self.refuse(Problem(
                    408, "body_too_slow", "The body of the request did not come in time.",
                ))
            else:
                self._watch()

    # ------------------------------------------------------------------ what is not taken

    def pause_writing(self) -> None:
        """Note that an answer waits for its client, and see that some of it is taken."""
        super().pause_writing()
        if self._taking is None:
            self._see_taken(self.transport.get_write_buffer_size() + 1)

    def _see_taken(self, waited: int) -> None:
        waits = self.transport.get_write_buffer_size()
        self._taking = None
        if waits >= waited:
            self.transport.abort()
        elif waits:
            self._taking = self.loop.call_later(
                self._limits.stalled_seconds, self._see_taken, waits
            )

    # ------------------------------------------------------------------ who goes

    def _make_room(self) -> bool:
        """Let go of the connection that waits longest, of the client that has most of those."""
        waiting = [
            each for each in cast("Iterable[Connection]", self.connections)
            if each is not self and each.is_waiting
        ]
        if not waiting:
            return False
        of_client = Counter(each.address for each in waiting)
        longest = min(waiting, key=lambda each: (-of_client[each.address], each.waits_since))
        longest.transport.abort()
        self.connections.discard(longest)
        return True

    @property
    def address(self) -> str:
        """Where the client is."""
        return "" if self.client is None else self.client[0]

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP."""
        if not self._is_refused:
            self.refuse(Problem(400, "not_http", "This is not a request of HTTP/1.1."))

    def refuse(self, problem: Problem) -> None:
        """Return what is wrong unless an answer has begun, and close the connection."""
        self._is_refused = True
        self._stop_watching()
        self._unset_keepalive_if_required()
        self._log.warning("refused", status=problem.status, problem=problem.code)
        if self.cycle is not None and self.cycle.response_started and (
            not self.cycle.response_complete
        ):
            self.transport.close()           # whatever we said would stand in the answer
            return
        response = problem.response()
        headers = [*response.raw_headers, (b"x-content-type-options", b"nosniff"),
                   (b"connection", b"close")]
        lines = [b"HTTP/1.1 %d %b" % (problem.status, str(problem.as_json()["title"]).encode()),
                 *(b"%b: %b" % header for header in headers), b"", bytes(response.body)]
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True   # whoever works for it need not go on
            self.cycle.message_event.set()
        self.flow.resume_reading()
        self.transport.write(b"\r\n".join(lines))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def eof_received(self) -> bool | None:  # type: ignore[override]
        """Close when the client ends."""
        return None


def head_too_large() -> Problem:
    """Refuse a request whose line and headers are too large together."""
    return Problem(
        431, "head_too_large", f"The line and the headers of a request have at most "
        f"{MOST_HEAD_BYTES:,} bytes together.", headers={"Connection": "close"},
        details={"max_bytes": MOST_HEAD_BYTES},
    )
