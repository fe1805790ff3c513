"""``stocktrail serve`` in a process of its own, and raw connections to it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any

import httpx

from tests.interfaces.api.serving import served
from tests.interfaces.terminal import ROOT

PATIENCE_SECONDS = 60.0
STREAMS_GAUGE = "stocktrail_event_streams "


class Address:
    """Where a server is."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.site = f"http://127.0.0.1:{port}"
        self.url = f"{self.site}/events"

    def page(self, **asked: Any) -> httpx.Response:
        """Ask for a page of the log."""
        return httpx.get(self.url, params=asked, timeout=PATIENCE_SECONDS)

    def open_streams(self) -> int:
        """Return how many streams of events it has open, by its own metrics."""
        metrics = httpx.get(f"{self.site}/metrics", timeout=PATIENCE_SECONDS).text
        gauge = next(each for each in metrics.splitlines() if each.startswith(STREAMS_GAUGE))
        return int(float(gauge.split()[-1]))


class Server(Address):
    """A server that can be killed and started again at the same address."""

    def __init__(self, database_url: str, *flags: str, **settings: float) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            super().__init__(int(free.getsockname()[1]))
        self.database_url = database_url
        self._command = [
            sys.executable, "-m", "stocktrail", "serve", "--port", str(self.port),
            "--database", database_url, *flags,
        ]
        self._environment = {**os.environ, "PYTHONPATH": str(ROOT)} | {
            f"STOCKTRAIL_HTTP_{name.upper()}": str(value) for name, value in settings.items()
        }

    def start(self) -> None:
        """Start, and wait until it answers."""
        self.process = subprocess.Popen(
            self._command, cwd=ROOT, env=self._environment, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, start_new_session=True,
        )
        # Whatever it logs is read, or it would wait for that one day.
        self._logged: list[dict[str, Any]] = []
        self.cautions: list[str] = []       # they depend on the machine, not on what is served
        self._reading = Thread(target=self._read_logs, args=(self.process,), daemon=True)
        self._reading.start()
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            assert self.process.poll() is None, self._logged
            try:
                httpx.get(f"{self.site}/healthz", timeout=10).raise_for_status()
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("the server does not answer")

    def _read_logs(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stderr is not None
        with process.stderr:
            for line in process.stderr:
                logged = json.loads(line) if line.startswith(b"{") else {"event": line.decode()}
                if logged["event"] == "caution":
                    self.cautions.append(logged["message"])
                elif logged.get("level") != "info":
                    self._logged.append(logged)

    def kill(self) -> None:
        """Kill it without a word, and whatever processes it has started."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self._ended()

    def interrupt(self) -> tuple[int, list[dict[str, Any]]]:
        """Ask it to end; give its status and what it complained of."""
        self.process.send_signal(signal.SIGTERM)
        return self._ended()

    def memory(self) -> int:
        """Return the bytes of memory that it holds."""
        asked = ["ps", "-o", "rss=", "-p", str(self.process.pid)]
        return 1024 * int(subprocess.check_output(asked, timeout=30))

    def _ended(self) -> tuple[int, list[dict[str, Any]]]:
        status = self.process.wait(PATIENCE_SECONDS)
        self._reading.join(PATIENCE_SECONDS)
        return status, self._logged


@contextmanager
def serving(database_url: str, *flags: str, **settings: float) -> Iterator[Server]:
    """Serve a ledger while the block lasts."""
    server = Server(database_url, *flags, **settings)
    server.start()
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()


@contextmanager
def serving_here(database_url: str, **settings: float) -> Iterator[Address]:
    """Serve a ledger in a thread of this process, which starts sooner and cannot be killed."""
    with served(database_url, **settings) as running:
        yield Address(running.client.base_url.port or 0)


class Message:
    """One message of a stream."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.fields = dict(
            line.split(": ", 1) for line in text.splitlines() if not line.startswith(":")
        )

    @property
    def is_event(self) -> bool:
        """Return whether it is an event of the log."""
        return "id" in self.fields and "event" not in self.fields

    @property
    def is_checkpoint(self) -> bool:
        """Return whether it is a checkpoint."""
        return self.fields.get("event") == "checkpoint"

    @property
    def id(self) -> int:
        """Return its position."""
        return int(self.fields["id"])

    @property
    def data(self) -> Any:
        """Return what it carries."""
        return json.loads(self.fields["data"])


class Reader:
    """A connection that reads a stream by hand, as fast or slowly as a test wants."""

    def __init__(
        self, server: Address, query: str = "", *, last_event_id: int | None = None,
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
        self._stream = self.socket.makefile("rb")
        self._pending = b""
        self.received = 0

    def messages(self) -> Iterator[Message]:
        """Return messages as they come, until the server ends the stream."""
        stream = self._stream
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
            while self._pending.startswith(b":") and b"\n" in self._pending:
                heartbeat, _, self._pending = self._pending.partition(b"\n")
                yield Message(heartbeat.decode())

    def wait_for_first_byte(self) -> None:
        """Wait until the server has begun to answer, and take nothing of it."""
        self.socket.recv(1, socket.MSG_PEEK)

    def close(self) -> None:
        """Hang up: as long as one of the two is open, the connection is."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)       # a thread that reads holds the other
        self._stream.close()
        self.socket.close()
