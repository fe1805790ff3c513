"""A file that appears whole, or not at all, and that only its owner may read."""

import glob
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.refusal import Refusal

_JOURNALS = ("-journal", "-wal", "-shm")
"""What SQLite keeps beside a database while it is written."""


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give the name of a file beside ``path`` to write; at the end of the block it is moved there.

    After an error it is gone; after a kill, whoever writes to the same ``path`` next removes it.
    Refuses a ``path`` that is there already (``file_exists``).
    """
    refuse_existing(path)
    _remove_left_behind(path)
    beside = path.with_name(f"{_unfinished(path)}{os.getpid()}")
    try:
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(path)) from None
    try:
        yield beside
        with beside.open("rb") as written:
            os.fsync(written.fileno())
        refuse_existing(path)
        beside.rename(path)
        _sync_folder(path.parent)
    finally:
        _remove(beside)


def refuse_existing(path: Path) -> None:
    """Refuse to write over a file (``file_exists``)."""
    if path.exists():
        raise Refusal("file_exists", f"{path} is there already; name a file that is not.")


def _unfinished(path: Path) -> str:
    return f".{path.name}.stocktrail-"


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _remove_left_behind(path: Path) -> None:
    """Remove what processes that are gone were writing when they were killed."""
    for left in path.parent.glob(f"{glob.escape(_unfinished(path))}*"):
        number = left.name.removeprefix(_unfinished(path))
        if number.isdecimal() and _is_gone(int(number)):
            _remove(left)


def _is_gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        return False
    return process == os.getpid()


def _remove(written: Path) -> None:
    for ending in ("", *_JOURNALS):
        written.with_name(written.name + ending).unlink(missing_ok=True)
