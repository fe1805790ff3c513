"""The write-ahead log of a ledger's SQLite file, and what to do when it may not be on the disk."""

import errno
import os
import sqlite3
import struct
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from eventsourcing.persistence import OperationalError

_AT_ONCE = 1 << 20

COPIED_AT = 96
"""Where the index of a log says how many of its pages have been copied into the file.

From https://sqlite.org/walformat.html#the_wal_index_file_format.
"""

NOTHING_COPIED = struct.pack("=I", 0)

_MOST_DESCRIPTORS = 1 << 16


class WriteAheadLog:
    """The log beside one file; without a ``path`` there is none.

    It ``is_durable`` when everything in it is on the disk that was to be synced. It may not be
    after an I/O error, nor when it was left by a process that has ended. Then it is written again
    before anything else is written, and until then nothing is copied from it into the file.
    """

    def __init__(self, path: Path | None, readable_name: str) -> None:
        self._path = path
        self._readable_name = readable_name
        self._keeps_log: sqlite3.Connection | None = None
        self.is_durable: bool = path is None or not path.exists()

    def make_durable(self) -> None:
        """Write the log again where it may not be durable; the caller holds the write lock."""
        if self.is_durable:
            return
        if self._path is not None and self._path.exists():
            try:
                write_again(self._path)
                copy_again(self._path)
            except OSError as error:
                raise OperationalError(f"disk I/O error: {error}") from error
        self.is_durable = True
        self.release()

    def distrust(self) -> None:
        """Take note of an I/O error."""
        self.is_durable = False
        self.keep()

    def keep(self) -> None:
        """Keep a connection open that can only read, unless the log is durable.

        SQLite copies the log into the file when the last connection is closed, unless it can only
        read; and a sync of what a failed one has left does not fail. A power cut in the middle, or
        before the log begins again, would lay what is on the disk of the log over a newer file.
        """
        if self.is_durable or self._keeps_log is not None or self._path is None:
            return
        with suppress(sqlite3.Error):
            kept = sqlite3.connect(self._readable_name, uri=True, check_same_thread=False)
            kept.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
            self._keeps_log = kept

    def release(self) -> None:
        """Close the connection that kept the log."""
        if self._keeps_log is not None:
            self._keeps_log.close()
            self._keeps_log = None


def use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log, or close the connection.

    SQLite reports an I/O error on the way only by staying in the mode before, in which a power cut
    may take a commit back that was synced.
    """
    try:
        [mode] = connection.execute("PRAGMA journal_mode=WAL").fetchone()
        if mode != "wal":
            raise OperationalError(f"disk I/O error: the journal mode is still {mode}")
    except BaseException:
        connection.close()
        raise


def write_again(path: Path) -> None:
    """Write a log once more, exactly as it is, and sync it.

    After a failed fsync the kernel marks the pages clean and reports the error once: they are read
    from memory, later syncs succeed without writing them, and whatever is appended after them is
    lost with them when the power fails. A checkpoint would not help: until the log begins again,
    what is on the disk of it would be laid over the newer file. Writing the same bytes makes the
    pages dirty again. The caller holds the write lock, so that nobody else writes to the log; the
    file has no locks itself that closing it might release. Raises ``OSError``.
    """
    with path.open("r+b", buffering=0) as file:
        number, at = file.fileno(), 0
        while part := os.pread(number, _AT_ONCE, at):
            at += os.pwrite(number, part, at)
        os.fsync(number)


def copy_again(path: Path) -> None:
    """Have SQLite copy a log into its file from the beginning, though a part was copied before.

    While somebody reads, SQLite copies a part without syncing the file, and notes in the index how
    far. If the sync of the rest fails in one process, those pages are lost when the power fails;
    another process, which opens the file afterwards, is not told, copies only the rest and begins
    the log again, which damages the file. A log that is durable has all of it. The caller holds the
    write lock, so that nobody begins the log again meanwhile, and SQLite has the index open. Raises
    ``OSError``.
    """
    index = path.with_name(path.name.removesuffix("-wal") + "-shm")
    if index.exists():
        os.pwrite(_descriptor_of(index), NOTHING_COPIED, COPIED_AT)


def _descriptor_of(index: Path) -> int:
    """Return the file descriptor with which SQLite has an index open in this process.

    One of our own would have to be closed some time, and closing it would release the locks that
    SQLite holds on the index in this process. Raises ``OSError``.
    """
    wanted = index.stat()
    try:
        descriptors: Iterable[int] = map(int, os.listdir("/dev/fd"))
    except OSError:
        descriptors = range(_MOST_DESCRIPTORS)
    for number in descriptors:
        with suppress(OSError):
            if os.path.samestat(os.fstat(number), wanted):
                return number
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(index))
