"""Rows of scripts: all that may be learned of one, so that two readers can be compared."""

from collections.abc import Callable
from hashlib import sha256
from io import RawIOBase
from typing import Any

import orjson

from fuzzing.oracle import require
from stocktrail.commands.model import CommandEnvelope
from stocktrail.commands.scripts.reading import Row, read_with_care

MOST_PIECES = 1000
"""Into how many pieces a stream is cut up at most."""


class PiecewiseStream(RawIOBase):
    """A stream from which only so many bytes at a time can be read, as from a pipe."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__()
        self._data, self._size, self._read = data, max(size, len(data) // MOST_PIECES), 0

    def read1(self, most: int) -> bytes:
        """Return the next bytes, empty at the end."""
        size = min(self._size, most)
        self._read += size
        return self._data[self._read - size : self._read]


def everything_of(row: Row) -> object:
    """Return whatever somebody may learn of a row, with the types of all values."""
    if row.command is None:
        return row, row.errors
    sent = CommandEnvelope(row.command, row.id)
    return (
        row._replace(command=None), repr(row.command.as_model()), row.command.streams(),
        row.command.stream(), sent.body, sent.fingerprint, sent.content, sent.actor,
        sent.occurred_at_or_none, sent.correlation_id,
    )


def require_sendable(row: Row) -> None:
    """Require that what is said about a row can be sent, and that it is right or wrong."""
    written = orjson.dumps([row.line, row.id, row.name, *row.errors])
    require(len(written) < 20_000, "what is said about a row is short", written)
    require((row.command is None) == bool(row.errors), "a row is right, or says why not", row)
    require(
        all(set(error) == {"pointer", "code", "message"} for error in row.errors),
        "an error has a pointer, a code and a message", row.errors,
    )
    require(0 < len(row.id) <= 128, "an id has 1 to 128 characters", row.id)


def read_carefully(data: bytes) -> list[Row]:
    """Return the rows of a script, every line of it read with care."""
    digest, rows = sha256(), []
    for number, line in enumerate(_lines(data), 1):
        digest.update(line)
        rows.append(read_with_care(number, line, digest))
    return rows


def _lines(data: bytes) -> list[bytes]:
    *whole, last = data.split(b"\n")
    return [line + b"\n" for line in whole] + ([last] if last else [])


def all_rows(read: Callable[[Any], Any], data: bytes, size: int) -> list[Row]:
    """Return the rows that a reader makes of a stream, of which ``size`` bytes come at a time."""
    return [row for rows in read(PiecewiseStream(data, size)) for row in rows]
