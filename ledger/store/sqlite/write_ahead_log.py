"""The write-ahead log of a ledger's SQLite file, and what to do when it may not be on the disk."""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from eventsourcing.persistence import OperationalError

_AT_ONCE = 1 << 20


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
        self.is_durable = path is None or not path.exists()

    def make_durable(self) -> None:
        """Write the log again where it may not be durable; the caller holds the write lock."""
        if self.is_durable:
            return
        if self._path is not None and self._path.exists():
            try:
                write_again(self._path)
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
