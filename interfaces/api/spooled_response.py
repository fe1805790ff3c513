"""The outbox of a stream: results that are recorded, and that the client has not read yet.

Many clients send everything before they read anything. What waits for them is kept in memory up to
a mebibyte, and in a temporary file beyond, up to a limit; then the stream waits for its client.
"""

import asyncio
from collections.abc import AsyncIterator
from tempfile import SpooledTemporaryFile
from threading import Condition

MEMORY_BYTES = 1 << 20
"""What one stream keeps in memory."""

_AT_ONCE = 1 << 16


class OutboxGivenUp(Exception):
    """Nobody reads the results any more."""


class SpooledResponse:
    """Bytes from one thread to one task, in order; made inside the task's loop."""

    def __init__(self, max_bytes: int) -> None:
        self._most = max_bytes
        self._loop = asyncio.get_running_loop()
        self._moved = asyncio.Event()
        self._room = Condition()
        self._file = SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115, closed by give_up
        self._read = self._written = 0
        self._closed = self._given_up = False

    def put(self, content: bytes) -> None:
        """Add bytes; waits while more than the limit are there. Raises when nobody reads."""
        with self._room:
            self._room.wait_for(
                lambda: self._given_up or self._written - self._read <= self._most
            )
            if self._given_up:
                raise OutboxGivenUp
            self._file.seek(self._written)
            self._file.write(content)
            self._written += len(content)
        self._loop.call_soon_threadsafe(self._moved.set)

    def close(self) -> None:
        """Note that nothing more comes."""
        with self._room:
            self._closed = True
        self._loop.call_soon_threadsafe(self._moved.set)

    def give_up(self) -> None:
        """Note that nobody reads any more."""
        with self._room:
            self._given_up = True
            self._file.close()
            self._room.notify_all()

    async def taken(self) -> AsyncIterator[bytes]:
        """Take bytes as they come, until nothing more does."""
        while True:
            self._moved.clear()
            content, closed = self._take()
            if content:
                yield content
            elif closed:
                return
            else:
                await self._moved.wait()

    def _take(self) -> tuple[bytes, bool]:
        with self._room:
            if self._given_up:
                return b"", True
            self._file.seek(self._read)
            content = self._file.read(_AT_ONCE)
            self._read += len(content)
            if content and self._read == self._written:
                self._file.seek(0)
                self._file.truncate()
                self._read = self._written = 0
            if content:
                self._room.notify_all()
            return content, self._closed
