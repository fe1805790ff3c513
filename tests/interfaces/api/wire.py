"""A connection of our own, on which a request is written and its answer read byte by byte."""

import json
import socket
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import urlsplit

PATIENCE_SECONDS = 30


class Answer(NamedTuple):
    """What came back: the status, the headers in lower case, and the rest up to the end."""

    status: int
    headers: dict[str, str]
    body: bytes

    def problem(self) -> dict[str, Any]:
        """Read the body as a problem."""
        assert self.headers["content-type"] == "application/problem+json"
        found: dict[str, Any] = json.loads(self.body)
        return found


class Line:
    """One connection to a service."""

    def __init__(self, url: object, receive_bytes: int = 0) -> None:
        where = urlsplit(str(url))
        self.socket = socket.socket()
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.settimeout(PATIENCE_SECONDS)
        self.socket.connect((where.hostname or "", where.port or 80))

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def write(self, content: bytes) -> bool:
        """Write bytes; say whether the service still takes them."""
        try:
            self.socket.sendall(content)
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def begin(self, first: str, *headers: str, chunked: str = "") -> None:
        """Write the head of a request; ``chunked`` names the type of a body that follows."""
        lines = [f"{first} HTTP/1.1", "Host: localhost", *headers]
        if chunked:
            lines += [f"Content-Type: {chunked}", "Transfer-Encoding: chunked"]
        self.write("\r\n".join([*lines, "", ""]).encode())

    def chunk(self, content: bytes) -> bool:
        """Write a part of a chunked body."""
        return self.write(b"%x\r\n%b\r\n" % (len(content), content))

    def read_until(self, wanted: bytes) -> bytes:
        """Read until something came, or the service closed."""
        found = b""
        while wanted not in found:
            part = self.socket.recv(1 << 16)
            if not part:
                break
            found += part
        return found

    def answer(self) -> Answer:
        """Read until the service closes the connection, and give what came."""
        found = b""
        with suppress(ConnectionResetError):
            while part := self.socket.recv(1 << 16):
                found += part
        return parsed(found)


def parsed(found: bytes) -> Answer:
    """Take an answer apart."""
    head, _, body = found.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return Answer(int(first.split()[1]), headers, body)
