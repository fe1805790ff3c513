"""Scripts of commands: a file or a pipe, and how much of it has been read."""

import csv
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from stocktrail.interfaces.cli.failures import WENT_WRONG, Failure

if TYPE_CHECKING:
    from stocktrail.commands.scripts.reading import Row


_NAMES_OF_FIELDS = re.compile(r'\ufeff?[\w ."]+([,;\t][\w ."]+)+')
_MOST_OF_FIRST_LINE = 65_536
_SPREADSHEET = b"PK\x03\x04"


class Script:
    """A stream of bytes from which commands are read."""

    def __init__(self, stream: IO[bytes], size: int | None) -> None:
        self._stream = stream
        self._size = size
        self._read = 0
        self._ahead = b""

    def read(self, size: int) -> bytes:
        """Return the bytes that are available, at most ``size``, without waiting for more."""
        if self._ahead:
            found, self._ahead = self._ahead, b""
            return found
        read = getattr(self._stream, "read1", self._stream.read)
        found = cast(bytes, read(size))
        self._read += len(found)
        return found

    def begins(self) -> bytes:
        """Return the first line, or what is available of it; it is read again with the rest."""
        self._ahead = self.read(_MOST_OF_FIRST_LINE)
        return self._ahead.partition(b"\n")[0]

    @property
    def share(self) -> float | None:
        """The share of a file that has been read, ``None`` for a pipe."""
        return None if self._size is None else min(self._read / self._size, 1.0)

    def rows(self, command: str | None, run: str | None) -> Iterator[list["Row"]]:
        """Yield rows as they are read; stdout is flushed before waiting for more."""
        from stocktrail.commands.scripts.reading import read_csv, read_json_lines

        stream = cast(BinaryIO, self)
        found = (
            read_json_lines(stream, run=run) if command is None
            else read_csv(stream, command, run=run)
        )
        for rows in found:
            yield rows
            sys.stdout.flush()


def is_csv(file: str) -> bool:
    """Return whether a file is called as CSV is."""
    return file.lower().endswith(".csv")


def field_names_in(line: bytes) -> list[str]:
    """Return the fields that the first line of a CSV names, none where it is no such line.

    >>> field_names_in(b"sku, quantity"), field_names_in(b'{"command": "receive-stock"}')
    (['sku', 'quantity'], [])
    """
    text = line.decode("utf-8-sig", "replace").strip()
    if _NAMES_OF_FIELDS.fullmatch(text) is None:
        return []
    return [cell.strip() for cell in next(csv.reader([text]))]


def is_spreadsheet(line: bytes) -> bool:
    """Return whether a file that begins so is a workbook of a spreadsheet."""
    return line.startswith(_SPREADSHEET)


@contextmanager
def opened_script(file: str) -> Iterator[Script]:
    """Open a file, or standard input for ``-``; raises a failure ``cannot_read``."""
    if file == "-":
        yield Script(sys.stdin.buffer, None)
        return
    try:
        stream = Path(file).open("rb")  # noqa: SIM115, closed below
        size = Path(file).stat().st_size
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Failure(
            WENT_WRONG, "cannot_read", f"{file[:200]} cannot be read: {reason}."
        ) from None
    with stream:
        yield Script(stream, size or None)
