"""A server of the event log in a process of its own, and raw connections to it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.interfaces.terminal import ROOT

PATIENCE_SECONDS = 60.0


class Server:
    """A server that can be killed and started again at the same address."""

    def __init__(self, database_url: str, **rhythm: float) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.database_url, self.rhythm = database_url, rhythm
        self.url = f"http://127.0.0.1:{self.port}/events"

    def start(self) -> None:
        """Start, and wait until it answers."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.feeds.server", self.database_url, str(self.port),
             json.dumps(self.rhythm)],
            cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE,
        )
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            assert self.process.poll() is None, self.process.stderr
            try:
                httpx.get(self.url, params={"limit": 1}, timeout=10)
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("the server does not answer")

    def kill(self) -> None:
        """Kill it without a word."""
        self.process.kill()
        self._ended()

    def interrupt(self) -> tuple[int, str]:
        """Ask it to end; give its status and what it complained of."""
        self.process.send_signal(signal.SIGTERM)
        return self._ended()

    def memory(self) -> int:
        """Give the bytes of memory that it holds."""
        asked = ["ps", "-o", "rss=", "-p", str(self.process.pid)]
        return 1024 * int(subprocess.check_output(asked))

    def page(self, **asked: Any) -> httpx.Response:
        """Ask for a page."""
        return httpx.get(self.url, params=asked, timeout=PATIENCE_SECONDS)

    def _ended(self) -> tuple[int, str]:
        _, complaints = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, complaints.decode()


@contextmanager
def serving(database_url: str, **rhythm: float) -> Iterator[Server]:
    """Serve a ledger while the block lasts."""
    server = Server(database_url, **rhythm)
    server.start()
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()


class Message:
    """One message of a stream."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.fields = dict(
            line.split(": ", 1) for line in text.splitlines() if not line.startswith(":")
        )

    @property
    def is_event(self) -> bool:
        """Tell whether it is an event of the log."""
        return "id" in self.fields and "event" not in self.fields

    @property
    def is_checkpoint(self) -> bool:
        """Tell whether it is a checkpoint."""
        return self.fields.get("event") == "checkpoint"

    @property
    def id(self) -> int:
        """Give its position."""
        return int(self.fields["id"])

    @property
    def data(self) -> Any:
        """Give what it carries."""
        return json.loads(self.fields["data"])


class Reader:
    """A connection that reads a stream by hand, as fast or slowly as a test wants."""

    def __init__(
        self, server: Server, query: str = "", *, last_event_id: int | None = None,
        buffer: int | None = None,
    ) -> None:
        self.socket = socket.socket()
        if buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.connect(("127.0.0.1", server.port))
        self.socket.settimeout(PATIENCE_SECONDS)
        resumed = "" if last_event_id is None else f"Last-Event-ID: {last_event_id}\r\n"
        self.socket.sendall(
            f"GET /events?{query} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            f"Accept: text/event-stream\r\n{resumed}\r\n".encode()
        )
        self._pending = b""
        self.received = 0

    def messages(self) -> Iterator[Message]:
        """Give messages as they come, until the server ends the stream."""
        stream = self.socket.makefile("rb")
        status = stream.readline()
        assert b" 200 " in status, status + stream.read(500)
        while stream.readline().strip():
            pass
        while size := int(stream.readline() or b"0", 16):
            self._pending += stream.read(size)
            self.received += size
            stream.readline()
            *whole, self._pending = self._pending.split(b"\n\n")
            yield from (Message(text.decode()) for text in whole)

    def close(self) -> None:
        """Hang up."""
        self.socket.close()
