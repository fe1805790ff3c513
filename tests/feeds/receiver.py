"""A receiver of webhooks: a real HTTP server that answers as it is told."""

import json
import socketserver
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any, NamedTuple

from stocktrail.feeds.cloud_events import position_of


class Message(NamedTuple):
    """What arrived: the headers in lower case, and the body."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """The CloudEvent."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def position(self) -> int:
        """Its position in the log."""
        return position_of(self.event)


Answering = Callable[["Handler", Message], None]


class Handler(BaseHTTPRequestHandler):
    """Takes a message and answers as the receiver was told."""

    protocol_version = "HTTP/1.1"
    server: "Receiver"

    def do_POST(self) -> None:
        """Take one message."""
        size = int(self.headers["content-length"])
        body = self.rfile.read(size)
        if len(body) < size:
            return                     # its sender was killed while it spoke: that is no message
        message = Message({name.lower(): value for name, value in self.headers.items()}, body)
        with self.server.lock:
            self.server.messages.append(message)
        self.server.answering(self, message)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Answer with a status, headers and a body."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Receiver(socketserver.ThreadingTCPServer):
    """Keeps what arrives; ``answering`` decides about each message."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 256

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.lock = threading.Lock()
        self.messages: list[Message] = []
        self.answering: Answering = always(204)
        self.released = threading.Event()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}/hook"

    @property
    def positions(self) -> list[int]:
        """The positions that arrived, in order."""
        return [message.position for message in self.messages]

    def by_subject(self) -> dict[str, list[int]]:
        """The positions that arrived for each subject, in order."""
        found: dict[str, list[int]] = defaultdict(list)
        for message in self.messages:
            found[message.event["subject"]].append(message.position)
        return dict(found)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Senders hang up when they have heard enough."""


def always(status: int, **headers: str) -> Answering:
    """Answer always the same."""
    return lambda handler, message: handler.answer(status, b"", **headers)


@contextmanager
def receiving(port: int = 0) -> Iterator[Receiver]:
    """Run a receiver for a while."""
    with Receiver(port) as receiver:
        thread = threading.Thread(target=receiver.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.released.set()
            receiver.shutdown()
            thread.join(30)
