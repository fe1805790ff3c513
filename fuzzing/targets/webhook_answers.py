"""Answers of receivers: an attempt is always a result, whatever comes back and in which pieces."""

import asyncio
from collections.abc import Iterator

import h11

from fuzzing.oracle import outcome_of, require
from fuzzing.rows import PiecewiseStream
from stocktrail.feeds.webhooks.back_off import retry_after
from stocktrail.feeds.webhooks.sending import Limits, _answer, _legible

MOST_BYTES = 1024
WORDS = (
    b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 500 \r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"\r\n\r\n",
    b"Retry-After: 120\r\n", b"Transfer-Encoding: chunked\r\n", b"Content-Length: 5\r\n", b"0\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n", b"Connection: close\r\n",
    b"5\r\nabcde\r\n",
)
_LIMITS = Limits(answer_bytes=300)


def target(data: bytes) -> None:
    """Receive an answer in pieces whose size its first byte says."""
    size, answer = (data[0] % 97 + 1, data[1:]) if data else (1, b"")
    found, response = outcome_of(
        lambda: asyncio.run(_received(answer, size)), h11.RemoteProtocolError
    )
    if found == "refused":
        legible = _legible(response)
        require(legible.isprintable() and len(legible) < 600, "an error can be shown", legible)
        return
    require(200 <= response.status_code < 1000, "an answer has a status", response)
    for name, value in response.headers:
        if name == b"retry-after":
            retry_after(value.decode("latin-1"), 0)


async def _received(answer: bytes, size: int) -> h11.Response:
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(
        method="POST", target="/", headers=[("host", "erp"), ("content-length", "2")]
    ))
    connection.send(h11.Data(data=b"{}"))
    connection.send(h11.EndOfMessage())
    return await _answer(connection, _Pieces(answer, size), _LIMITS)


class _Pieces(asyncio.StreamReader):
    """A connection on which an answer arrives in pieces, and then ends."""

    def __init__(self, answer: bytes, size: int) -> None:
        super().__init__()
        self._pieces = PiecewiseStream(answer, size)

    async def read(self, n: int = -1) -> bytes:
        return self._pieces.read1(1 << 16)


def seeds() -> Iterator[bytes]:
    """Yield answers of receivers, good and bad ones."""
    for size in (b"\x60", b"\2"):
        yield size + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        yield size + b"HTTP/1.1 503 No\r\nRetry-After: 120\r\nTransfer-Encoding: chunked\r\n\r\n" \
            b"5\r\nabcde\r\n0\r\n\r\n"
        yield size + b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 204 \r\n\r\n"
        yield size + b"HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n" + b"x" * 400
        yield size + b"SSH-2.0-OpenSSH\r\n"
