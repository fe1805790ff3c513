"""A response that is spooled: results are recorded faster than their client reads them.

Many clients send everything before they read anything. What waits for them is kept in memory up to
a mebibyte, and in a temporary file beyond, up to a limit; then the upload waits for its client.
"""

import asyncio
from collections.abc import AsyncIterator
from tempfile import SpooledTemporaryFile
from threading import Condition

MEMORY_BYTES = 1 << 20
"""How much of one response is kept in memory."""

_CHUNK_BYTES = 1 << 16


class ResponseAbandoned(Exception):
    """Nobody reads the response any more."""


class SpooledResponse:
    """Bytes from one thread to one task, in order; created in the event loop of the task."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._condition = Condition()
        self._file = SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115, closed by abandon
        self._read = self._written = 0
        self._closed = self._abandoned = False

    def write(self, content: bytes) -> None:
        """Append bytes; block while more than the limit wait to be read.

        Raises :class:`ResponseAbandoned` when nobody reads them any more.
        """
        with self._condition:
            self._condition.wait_for(
                lambda: self._abandoned or self._written - self._read <= self._max_bytes
            )
            if self._abandoned:
                raise ResponseAbandoned
            self._file.seek(self._written)
            self._file.write(content)
            self._written += len(content)
        self._loop.call_soon_threadsafe(self._changed.set)

    def close(self) -> None:
        """Mark the end of the response."""
        with self._condition:
            self._closed = True
        self._loop.call_soon_threadsafe(self._changed.set)

    def abandon(self) -> None:
        """Stop reading: drop what waits, and make the writer stop."""
        with self._condition:
            self._abandoned = True
            self._file.close()
            self._condition.notify_all()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the bytes as they are written, until the end of the response."""
        while True:
            self._changed.clear()
            content, closed = self._read_chunk()
            if content:
                yield content
            elif closed:
                return
            else:
                await self._changed.wait()

    def _read_chunk(self) -> tuple[bytes, bool]:
        with self._condition:
            if self._abandoned:
                return b"", True
            self._file.seek(self._read)
            content = self._file.read(_CHUNK_BYTES)
            self._read += len(content)
            if content and self._read == self._written:
                self._file.seek(0)
                self._file.truncate()
                self._read = self._written = 0
            if content:
                self._condition.notify_all()
            return content, self._closed
