"""The messages of PostgreSQL's protocol, cut out of a stream of bytes."""

from collections.abc import Iterator

STARTUP = b"\0"
"""Stands for the type of the first message of a client, which has none."""

SYNC, QUERY, READY, BACKEND_KEY = b"S", b"Q", b"Z", b"K"
"""Types of messages: what asks for an answer, what says that an answer is complete, and what tells
a client the number of the process that serves it."""

_LENGTH = 4


class MessageReader:
    """Cuts what one side sends into messages; what is incomplete waits for its rest.

    A client's first message has no type. Bytes are never changed: all messages together are what
    was fed.
    """

    def __init__(self, *, from_client: bool) -> None:
        self._is_first = from_client
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        r"""Yield the type and the bytes of every message that is complete now.

        >>> reader = MessageReader(from_client=False)
        >>> list(reader.feed(b"Z\0\0\0\5I1\0\0"))
        [(b'Z', b'Z\x00\x00\x00\x05I')]
        >>> list(reader.feed(b"\0\4"))
        [(b'1', b'1\x00\x00\x00\x04')]
        """
        self._rest += data
        while True:
            start = 0 if self._is_first else 1
            if len(self._rest) < start + _LENGTH:
                return
            end = start + int.from_bytes(self._rest[start : start + _LENGTH], "big")
            if len(self._rest) < end:
                return
            message = bytes(self._rest[:end])
            del self._rest[:end]
            kind, self._is_first = STARTUP if self._is_first else message[:1], False
            yield kind, message


def process_number(backend_key: bytes) -> int:
    """Return the number of the server's process that a ``BACKEND_KEY`` message tells."""
    start = 1 + _LENGTH
    return int.from_bytes(backend_key[start : start + 4], "big")
