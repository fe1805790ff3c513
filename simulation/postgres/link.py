"""One connection through the proxy: what is on its way in both directions, and what struck it."""

import selectors
import socket
from contextlib import suppress
from typing import Any, Protocol

from simulation.postgres.fault_plan import LinkFault, Strike
from simulation.postgres.messages import (
    BACKEND_KEY,
    QUERY,
    READY,
    STARTUP,
    SYNC,
    MessageReader,
    process_number,
)

_CHUNK = 1 << 16


SEE_THROUGH_SECONDS = 3.0
"""For how long an orderly proxy waits until a server has done what it was sent; longer than a
writer waits for its turn."""


class LinkOwner(Protocol):
    """What a link asks of its proxy.

    ``is_orderly`` means that a server first does what it was sent before anybody else goes on.
    """

    is_orderly: bool

    def strike(self, link: "Link", number: int, message: bytes) -> None:
        """Let the plan strike a message."""
        ...

    def resume_later(self, link: "Link", milliseconds: int) -> None:
        """Call ``resume`` after a while."""
        ...

    def terminate(self, link: "Link", milliseconds: int) -> None:
        """Let the server terminate the process of a link, after a while."""
        ...

    def watch(self, end: socket.socket, link: "Link", events: int) -> None:
        """Watch one end of a link."""
        ...

    def forget(self, link: "Link") -> None:
        """Forget a closed link."""
        ...


class Link:
    """A client, its server, and the bytes between them.

    Without a server everything is swallowed. A client that has gone away leaves what was held back
    behind; it is still delivered, as a network delivers packets whose sender has given up.
    """

    def __init__(
        self, owner: LinkOwner, number: int, client: socket.socket, server: socket.socket | None
    ) -> None:
        self.number = number
        self.is_swallowed = server is None
        self.holds_back = False
        self.server_process = 0
        self._owner = owner
        self._client: socket.socket | None = client
        self._server = server
        self._to_client, self._to_server = bytearray(), bytearray()
        self._from_client = MessageReader(from_client=True)
        self._from_server = MessageReader(from_client=False)
        self._messages = self._unanswered = 0
        self._due_at: int | None = None
        self._is_paused = False
        self._passes: int | None = None          # bytes of the reply before the cut
        self._closes_idle = False
        self._ends_after_sending = False
        for end in (client, server):
            if end is not None:
                end.setblocking(False)
        self._watch()

    # ------------------------------------------------------------------ faults

    def suffer(self, what: Strike, message: bytes) -> None:
        """Forward a message as far as a fault lets it pass."""
        fault, amount = what
        if fault is LinkFault.CUT_BEFORE:
            self._end_after_sending()
            return
        if fault is LinkFault.CUT_INSIDE:
            self._to_server += message[: min(amount, len(message) - 1)]
            self._end_after_sending()
            return
        if fault is LinkFault.DELAY:
            self._is_paused = True
            self._owner.resume_later(self, amount)
        elif fault is LinkFault.LOSE_REPLY:
            self._passes = amount
        elif fault is LinkFault.SWALLOW_REPLIES:
            self._passes = -1
        elif fault is LinkFault.CLOSE_IDLE:
            self._closes_idle = True
        self.forward(message)
        if fault is LinkFault.CUT_AFTER:
            self._end_after_sending()
        elif fault is LinkFault.TERMINATE:
            self._send_server()
            self._owner.terminate(self, amount)

    def forward(self, message: bytes) -> None:
        """Put a message on its way, unless it is swallowed."""
        if not self.is_swallowed:
            self._to_server += message

    def hold_back(self, until: int) -> None:
        """Keep messages back, until so many have passed on other connections."""
        self.holds_back, self._due_at = True, until

    def is_due(self, messages: int) -> bool:
        """Return whether what is held back is to be delivered now."""
        return self._due_at is not None and messages >= self._due_at

    def deliver(self) -> None:
        """Let what was held back arrive; the replies reach a client that is still there."""
        if self.holds_back:
            self.holds_back, self._due_at = False, None
            if self._owner.is_orderly:
                self._see_through()
            self._watch()

    def close_if_idle(self) -> None:
        """Close the connection if that is to happen as soon as nothing is asked."""
        if self._closes_idle and self._unanswered <= 0:
            self._end_after_sending()
            self._watch()

    def resume(self) -> None:
        """Go on after a delay."""
        self._is_paused = False
        self._watch()

    def cut(self) -> None:
        """Cut the connection on both sides."""
        for end in (self._client, self._server):
            if end is not None:
                self._owner.watch(end, self, 0)
                end.close()
        self._client = self._server = None
        self._owner.forget(self)

    def _end_after_sending(self) -> None:
        """Cut the client off now, and the server after what was forwarded."""
        self._ends_after_sending = True
        if self._owner.is_orderly and self._may_send:
            self._see_through()
        self._drop_client()

    def _see_through(self) -> None:
        """Wait until the server has done all that was forwarded, and has noticed a cut."""
        if self._server is None:
            return
        self._server.settimeout(SEE_THROUGH_SECONDS)
        with suppress(OSError):
            self._server.sendall(self._to_server)
            self._to_server.clear()
            if self._ends_after_sending:
                self._server.shutdown(socket.SHUT_WR)
            while (self._ends_after_sending or self._unanswered > 0) and (
                data := self._server.recv(_CHUNK)
            ):
                if not self._ends_after_sending:
                    self._pass_on(data)
        self._server.setblocking(False)

    # ------------------------------------------------------------------ moving bytes

    def serve(self, end: Any, events: int) -> None:
        """Do what one end is ready for."""
        try:
            if events & selectors.EVENT_READ and end is self._client:
                self._read_client()
            if events & selectors.EVENT_READ and end is self._server:
                self._read_server()
            if self._client is not None and end is self._client:
                del self._to_client[: self._client.send(self._to_client)]
            if end is self._server:
                self._send_server()
        except BlockingIOError:
            pass
        except OSError:
            self.cut()
            return
        self._watch()

    @property
    def _may_send(self) -> bool:
        return not (self.holds_back or self._is_paused)

    def _read_client(self) -> None:
        assert self._client is not None
        data = self._client.recv(_CHUNK)
        if not data:
            self._end_after_sending()
        for kind, message in self._from_client.feed(data):
            if self._ends_after_sending:
                return
            self._messages += 1
            self._unanswered += kind in (STARTUP, QUERY, SYNC)
            self._owner.strike(self, self._messages, message)

    def _read_server(self) -> None:
        assert self._server is not None
        data = self._server.recv(_CHUNK)
        if not data:
            self.cut()
            return
        if not self._ends_after_sending:
            self._pass_on(data)

    def _pass_on(self, data: bytes) -> None:
        """Send the client what the server said, as far as it is to hear it."""
        for kind, message in self._from_server.feed(data):
            self._unanswered -= kind == READY
            if kind == BACKEND_KEY:
                self.server_process = process_number(message)
        if self.is_swallowed or self._passes == -1:
            return
        if self._passes is not None:
            passing, self._passes = data[: self._passes], self._passes - len(data)
            self._send_client(passing)
            if self._passes < 0:
                self._end_after_sending()
            return
        self._send_client(data)
        if not self._owner.is_orderly:
            self.close_if_idle()

    def _send_server(self) -> None:
        if self._server is not None and self._may_send:
            with suppress(BlockingIOError):
                del self._to_server[: self._server.send(self._to_server)]

    def _send_client(self, data: bytes) -> None:
        self._to_client += data
        if self._client is not None:
            with suppress(BlockingIOError):
                del self._to_client[: self._client.send(self._to_client)]

    def _drop_client(self) -> None:
        if self._client is not None:
            self._owner.watch(self._client, self, 0)
            self._client.close()
            self._client = None

    def _watch(self) -> None:
        if self._server is None and self._client is None:
            self._owner.forget(self)
            return
        if self._client is not None:
            wants = selectors.EVENT_WRITE if self._to_client else 0
            self._owner.watch(self._client, self, selectors.EVENT_READ | wants)
        if self._server is None:
            return
        if self._ends_after_sending and self._may_send and not self._to_server:
            self.cut()
            return
        wants = selectors.EVENT_WRITE if self._to_server and self._may_send else 0
        self._owner.watch(self._server, self, selectors.EVENT_READ | wants)
