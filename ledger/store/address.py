"""Database URLs: which database a URL names, and whether it can be opened."""

import os
import re
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

from stocktrail.ledger.store.errors import StorageError, storage_error
from stocktrail.ledger.store.postgres_address import is_postgres_url, is_text
from stocktrail.ledger.store.sqlite.schema import APPLICATION_ID, SCHEMA_VERSION

DEFAULT_URL = "sqlite:///stocktrail.db"
_SCHEME = "sqlite:///"
_SHARED_INDEX_BYTES = 32_768
_WHO = re.compile(r"(?<=://)[^/]*@")
"""User and password in a URL, which no message repeats."""


class SQLiteAddress(NamedTuple):
    """A SQLite file, and the mode in which it can be opened."""

    path: Path
    read_only: bool
    in_read_only_folder: bool = False
    is_complete: bool = False

    @property
    def name(self) -> str:
        """The URI under which SQLite opens the file."""
        mode = "ro" if self.read_only else "rwc"
        return f"file:{quote(str(self.path))}?mode={mode}"


def sqlite_path(url: str) -> Path:
    """Return the file of a URL: ``sqlite:///relative.db`` or ``sqlite:////absolute.db``.

    Raises :class:`StorageError` for any other URL.

    >>> sqlite_path("sqlite:///shop.db").name
    'shop.db'
    """
    scheme, name = url[: len(_SCHEME)], unquote(url[len(_SCHEME) :])
    unusable = "\0" in name or "?" in url or "#" in url or not is_text(url)
    if scheme != _SCHEME or not name or unusable:
        raise StorageError(
            "bad_database_url",
            f"{_WHO.sub('', url)!r} does not name a database. Write sqlite:///file.db for a file "
            "in this folder, sqlite:////folder/file.db for one elsewhere, with %3F for ? and %23 "
            "for #, or "
            "postgresql://user:password@host/database for PostgreSQL.",
        )
    return Path(name).absolute()


def sqlite_address(url: str, *, read_only: bool, create: bool) -> SQLiteAddress:
    """Check that a URL names a ledger that can be opened, and create the file if it is missing.

    A file created here is readable by its owner alone, because it may hold customers' keys. A file
    that is not writable is opened for reading. Raises :class:`StorageError` for a database of
    another program, for one of a later version, and for one that does not exist.
    """
    path = sqlite_path(url)
    try:
        return _check(path, read_only=read_only, create=create)
    except OSError as error:
        why = f"{path} cannot be opened: {error.strerror}."
        raise StorageError("storage_failed", why) from error


def _check(path: Path, *, read_only: bool, create: bool) -> SQLiteAddress:
    if os.path.isdir(path):                       # `Path.is_dir` raises, before Python 3.14
        raise StorageError("not_a_ledger", f"{path} is a folder, not a database file.")
    if is_missing(path):
        if read_only or not create:
            raise _not_found(path)
        if not path.parent.is_dir():
            raise StorageError("ledger_not_found", f"There is no folder {path.parent}.")
        if not os.access(path.parent, os.W_OK):
            raise StorageError("storage_read_only", f"{path.parent} cannot be written to.")
        _make_private(path)
        return SQLiteAddress(path, False)
    if not os.access(path, os.R_OK):
        raise StorageError("storage_failed", f"{path} cannot be read. Check its permissions.")
    in_read_only_folder = not os.access(path.parent, os.W_OK) or not has_room(path)
    writable = os.access(path, os.W_OK) and not in_read_only_folder
    address = SQLiteAddress(path, read_only or not writable, in_read_only_folder)
    is_complete = _is_ledger(address, create=create and not address.read_only)
    if address.read_only and not is_complete:
        raise StorageError(
            "ledger_outdated",
            f"{path} was written by an earlier version of stocktrail. Bring it to the present "
            "format with `stocktrail upgrade`, which has to write to it.",
        )
    return address._replace(is_complete=is_complete)


def is_missing(path: Path) -> bool:
    """Return whether nothing is there for certain; where nobody may look, something may be.

    ``Path.exists`` raises ``PermissionError`` for that before Python 3.14, and says no since.
    """
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return True
    except OSError:
        return False
    return False


def has_room(path: Path) -> bool:
    """Return whether SQLite can create the shared-memory file that it needs even for reading.

    That is the index of its write-ahead log; a process that has the file open has created it.
    """
    try:
        index = Path(f"{path}-shm")
        if index.exists() and index.stat().st_size >= _SHARED_INDEX_BYTES:
            return True
        disk = os.statvfs(path.parent)
    except OSError:
        return True                 # opening the file will report the actual error
    return disk.f_bavail * disk.f_frsize >= 2 * _SHARED_INDEX_BYTES


def disk_full_error(url: str) -> StorageError | None:
    """Return the error that makes a ledger read-only because its disk is full, or ``None``."""
    path = None if is_postgres_url(url) else sqlite_path(url)
    try:
        if path is None or not path.is_file() or has_room(path):
            return None
    except OSError:
        return None
    return StorageError(
        "storage_full",
        f"There is no room left on the disk of {path}. Questions are answered; nothing can be "
        "recorded until you free some space and start again.",
    )


def _not_found(path: Path) -> StorageError:
    return StorageError(
        "ledger_not_found",
        f"There is no ledger at {path}. Submit commands to create it, or name another one with "
        "--database.",
    )


def _make_private(path: Path) -> None:
    """Create an empty private file unless it exists; SQLite gives its journals the same mode."""
    with suppress(FileExistsError):
        os.close(os.open(path.resolve(), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _is_ledger(address: SQLiteAddress, *, create: bool) -> bool:
    """Read the application id of a file without creating files beside it.

    Returns whether the file is complete. An empty file is not a ledger yet. Tables are counted
    before the id is read, because both are committed together: tables without the id mean another
    program. What a crash interrupted before there was a write-ahead log is rolled back first, which
    a connection that only reads cannot do.
    """
    name = f"file:{quote(str(address.path))}?mode=ro"
    if Path(f"{address.path}-journal").exists() and os.access(address.path, os.W_OK):
        name = name.replace("?mode=ro", "?mode=rw")
    elif not Path(f"{address.path}-wal").exists():
        name += "&immutable=1"
    try:
        connection = sqlite3.connect(name, uri=True, timeout=60)
        try:
            tables = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]
            mark = connection.execute("PRAGMA application_id").fetchone()[0]
            version = connection.execute("PRAGMA user_version").fetchone()[0]
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise storage_error(error, str(address.path)) from error
    if mark == APPLICATION_ID and version > SCHEMA_VERSION:
        raise StorageError(
            "ledger_too_new",
            f"{address.path} was written by a later version of stocktrail. Upgrade to open it.",
        )
    if mark != APPLICATION_ID and not tables and not create and address.path.is_file():
        raise _not_found(address.path)
    if mark != APPLICATION_ID and (tables or not create):
        raise StorageError(
            "not_a_ledger",
            f"{address.path} is a database of another program, not a stocktrail ledger. Name "
            "another file with --database.",
        )
    return bool(mark == APPLICATION_ID and version == SCHEMA_VERSION)
