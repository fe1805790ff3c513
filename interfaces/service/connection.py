"""Connections: the limits that apply before a request has a route or a token.

They bound the size of a request's head, the time in which head and body must arrive, and the number
of connections. A client that exceeds one gets a problem, and its connection is closed.
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
"""How long a refused client may go on sending, so that it reads the answer before the reset."""

_CHECKS_PER_LIMIT = 4


class ConnectionLimits(NamedTuple):
    """Time limits for the head of a request, for pauses in its body and for all of its body.

    ``stalled_seconds`` is how long a client may read nothing of an answer that waits for it.
    """

    head_seconds: float = 10.0
    silent_seconds: float = 30.0
    body_seconds: float = 120.0
    stalled_seconds: float = 120.0
    most_connections: int = 2000


class Connection(HttpToolsProtocol):
    """Uvicorn's connection with limits on the size of a head and on the time to send and read."""

    def __init__(self, *given: Any, limits: ConnectionLimits, **named: Any) -> None:
        super().__init__(*given, **named)
        self._limits = limits
        self._log = structlog.get_logger("http")
        self._head_bytes = 0           # parsed so far, of the head or of the trailers
        self._unread_bytes = 0         # received since, which do not make a whole line yet
        self._moved = False
        self._is_in_head = True
        self._is_refused = False
        self._began = self._heard_at = self.loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._reading_timer: asyncio.TimerHandle | None = None

    # ------------------------------------------------------------------ receiving

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept a connection; when there are too many, evict an idle one or refuse this one."""
        super().connection_made(transport)
        self._start_timer()
        if len(self.connections) > self._limits.most_connections and not self._evict_one():
            self.refuse(Problem(
                503, "too_many_connections", "The service has as many connections as it can "
                "serve; try again in a while.", headers={"Retry-After": "5"},
            ))

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timers of the connection."""
        self._cancel_timer()
        if self._reading_timer is not None:
            self._reading_timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse received bytes, and refuse a head that is too large."""
        if self._is_refused:
            return
        self._moved = False
        self._heard_at = self.loop.time()
        super().data_received(data)
        self._unread_bytes = 0 if self._moved else self._unread_bytes + len(data)
        if self._is_refused or self.parser is None:
            return
        if max(self._unread_bytes, self._head_bytes) > MOST_HEAD_BYTES:
            self.refuse(head_too_large())
        elif self._timer is None and (self._is_in_head or self._waits_for_body()):
            self._start_timer()

    def on_message_begin(self) -> None:
        """Handle the first byte of a request."""
        super().on_message_begin()
        self._moved = self._is_in_head = True
        self._head_bytes, self._began = 0, self.loop.time()

    def on_url(self, url: bytes) -> None:
        """Handle a part of the address."""
        self._head_bytes += len(url)
        if self._head_bytes <= MOST_HEAD_BYTES:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Handle a header; trailers after the body are counted and dropped."""
        self._head_bytes += len(name) + len(value) + 4
        if self._is_in_head and self._head_bytes <= MOST_HEAD_BYTES:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start the answer; a head that is too large is refused by the middleware."""
        self._is_in_head = False
        self._cancel_timer()
        if self._head_bytes > MOST_HEAD_BYTES:
            self.scope["state"]["refused"] = head_too_large()
            self.url = b"/unread"            # the address was not read to its end
        self._head_bytes, self._moved, self._began = 0, True, self.loop.time()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Handle a part of the body."""
        self._moved = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Handle the end of a request."""
        self._moved, self._head_bytes = True, 0
        super().on_message_complete()

    # ------------------------------------------------------------------ time limits of requests

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered on it."""
        return self._is_refused or self.cycle is None or self.cycle.response_complete

    @property
    def heard_at(self) -> float:
        """When its client last sent something, on the clock of the event loop."""
        return self._heard_at

    def _waits_for_body(self) -> bool:
        cycle = self.cycle
        return cycle is not None and cycle.more_body and not cycle.response_complete

    def _start_timer(self) -> None:
        limit = self._limits.head_seconds if self._is_in_head else self._limits.silent_seconds
        self._timer = self.loop.call_later(limit / _CHECKS_PER_LIMIT, self._check_deadline)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _check_deadline(self) -> None:
        self._timer = None
        if self._is_refused or self.transport.is_closing():
            return
        now = self.loop.time()
        if self._is_in_head:
            if now - self._began < self._limits.head_seconds or not self.is_idle:
                self._start_timer()
            elif self.scope is not None:     # a part of a request was received
                self.refuse(Problem(
                    408, "head_too_slow", "The head of the request did not come within "
                    f"{self._limits.head_seconds:g} seconds.",
                ))
            else:
                self.transport.close()
        elif self._waits_for_body():
            # A stream of commands limits the pauses of its client itself (interfaces.api.stream).
            has_own_limit = "is_stream" in self.cycle.scope["state"] or self.flow.read_paused
            if self.flow.read_paused:
                self._heard_at = now            # reading is paused by this side
            silent = now - self._heard_at >= self._limits.silent_seconds
            if not has_own_limit and (silent or now - self._began >= self._limits.body_seconds):
                self.refuse(Problem(
                    408, "body_too_slow", "The body of the request did not come in time.",
                ))
            else:
                self._start_timer()

    # ------------------------------------------------------------------ time limits of answers

    def pause_writing(self) -> None:
        """Handle a full send buffer: the client must read some of it within the time limit."""
        super().pause_writing()
        if self._reading_timer is None:
            self._check_reading(self.transport.get_write_buffer_size() + 1)

    def _check_reading(self, waited: int) -> None:
        waits = self.transport.get_write_buffer_size()
        self._reading_timer = None
        if waits >= waited:
            self.transport.abort()
        elif waits:
            self._reading_timer = self.loop.call_later(
                self._limits.stalled_seconds, self._check_reading, waits
            )

    # ------------------------------------------------------------------ eviction and refusal

    def _evict_one(self) -> bool:
        """Close the connection that is idle longest, of the client that has the most idle ones."""
        idle = [
            each for each in cast("Iterable[Connection]", self.connections)
            if each is not self and each.is_idle
        ]
        if not idle:
            return False
        of_client = Counter(each.address for each in idle)
        longest = min(idle, key=lambda each: (-of_client[each.address], each.heard_at))
        longest.transport.abort()
        self.connections.discard(longest)
        return True

    @property
    def address(self) -> str:
        """The address of the client."""
        return "" if self.client is None else self.client[0]

    def send_400_response(self, msg: str) -> None:
        """Refuse bytes that are not HTTP."""
        if not self._is_refused:
            self.refuse(Problem(400, "not_http", "This is not a request of HTTP/1.1."))

    def refuse(self, problem: Problem) -> None:
        """Send a problem unless an answer has begun, and close the connection."""
        self._is_refused = True
        self._cancel_timer()
        self._unset_keepalive_if_required()
        self._log.warning("refused", status=problem.status, problem=problem.code)
        if self.cycle is not None and self.cycle.response_started and (
            not self.cycle.response_complete
        ):
            self.transport.close()           # a problem would be read as a part of the answer
            return
        response = problem.response()
        headers = [*response.raw_headers, (b"x-content-type-options", b"nosniff"),
                   (b"connection", b"close")]
        lines = [b"HTTP/1.1 %d %b" % (problem.status, str(problem.as_json()["title"]).encode()),
                 *(b"%b: %b" % header for header in headers), b"", bytes(response.body)]
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True   # ends the work for this request
            self.cycle.message_event.set()
        self.flow.resume_reading()
        self.transport.write(b"\r\n".join(lines))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def eof_received(self) -> bool | None:  # type: ignore[override]
        """Close when the client has closed its side."""
        return None


def head_too_large() -> Problem:
    """Return the problem of a request whose line and headers are too large together (431)."""
    return Problem(
        431, "head_too_large", f"The line and the headers of a request have at most "
        f"{MOST_HEAD_BYTES:,} bytes together.", headers={"Connection": "close"},
        details={"max_bytes": MOST_HEAD_BYTES},
    )
