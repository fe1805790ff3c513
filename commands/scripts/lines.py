"""Lines of a byte stream, as they become available and in bounded memory."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import BinaryIO

CHUNK_BYTES = 1 << 18
MAX_LINE_BYTES = 1 << 24
"""The longest line that is read: 16 MiB. Of a longer one only the beginning is kept."""

LINES_AT_ONCE = 1000
"""The most lines that come out in one list."""


def lines_of(stream: BinaryIO) -> Iterator[list[bytes]]:
    """Split a stream into lines, in lists as they become available; each keeps its line end.

    A line that is too long is cut just after :data:`MAX_LINE_BYTES` and ends in a digest of what is
    missing, so that what comes out does not depend on how the stream was read.
    """
    for lines in _split(_chunks(stream)):
        for start in range(0, len(lines), LINES_AT_ONCE):
            yield lines[start : start + LINES_AT_ONCE]


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    read = getattr(stream, "read1", None) or stream.read
    while chunk := read(CHUNK_BYTES):
        yield chunk


def _split(chunks: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest = _Rest()
    for chunk in chunks:
        first, *others = chunk.split(b"\n")
        rest.add(first)
        if others:
            *whole, last = others
            yield [rest.take() + b"\n", *(line + b"\n" for line in whole)]
            rest.add(last)
    if final := rest.take():
        yield [final]


class _Rest:
    """The beginning of a line whose end has not been read yet."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._dropped = sha256()

    def add(self, part: bytes) -> None:
        """Keep the next bytes of the line, or their digest when it is too long."""
        kept = part[: max(MAX_LINE_BYTES + 1 - self._size, 0)]
        self._dropped.update(part[len(kept) :])
        self._size += len(part)
        if kept:
            self._parts.append(kept)

    def take(self) -> bytes:
        """Return the line, and start with the next one."""
        line = b"".join(self._parts)
        if self._size > MAX_LINE_BYTES:
            line += self._dropped.hexdigest().encode()
            self._dropped = sha256()
        self._parts, self._size = [], 0
        return line
