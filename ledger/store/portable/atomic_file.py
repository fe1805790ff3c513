"""Files and folders that are created atomically, and that only their owner can read."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from shutil import rmtree

from stocktrail.ledger.refusal import Refusal

_JOURNALS = ("-journal", "-wal", "-shm")
"""Suffixes of the files that SQLite creates while a database is written."""

_UNFINISHED, _LOCK = ".stocktrail-", ".lock"


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` to write; at the end of the block it is renamed.

    After an error the temporary file is removed; after a kill, the next writer in the same folder
    removes it: a lock file beside it is held while it is written, and the kernel releases the lock
    when the process ends. Refuses a ``path`` that exists (``file_exists``).
    """
    with _renamed_at_the_end(path, _make_file) as beside:
        yield beside
        _sync(beside)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside ``path`` to write into; at the end it is renamed.

    What an error or a kill leaves behind is removed as :func:`atomic_file` does it. Refuses a
    ``path`` that exists (``file_exists``).
    """
    with _renamed_at_the_end(path, _make_folder) as beside:
        yield beside
        for written in beside.iterdir():
            _sync(written)
        _sync(beside)


@contextmanager
def _renamed_at_the_end(path: Path, make: Callable[[Path], None]) -> Iterator[Path]:
    refuse_existing(path)
    remove_leftovers(path.parent)
    beside = path.with_name(f".{path.name}{_UNFINISHED}{token_hex(8)}z")
    with ExitStack() as closing:
        try:
            closing.enter_context(_locked(beside.with_name(beside.name + _LOCK)))
            make(beside)
        except OSError as error:
            raise type(error)(error.errno, error.strerror, str(path)) from None
        try:
            yield beside
            refuse_existing(path)
            beside.rename(path)
            _sync(path.parent)
        finally:
            _remove(beside)


def _make_file(path: Path) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _make_folder(path: Path) -> None:
    path.mkdir(0o700)


def refuse_existing(path: Path) -> None:
    """Refuse to overwrite a file or a folder (``file_exists``)."""
    if path.exists():
        raise Refusal("file_exists", f"{path} is there already; name a file that is not.")


def remove_leftovers(folder: Path) -> None:
    """Remove what killed processes have left unfinished in a folder.

    They may contain data that nobody asked to keep, such as the log of a shop. Earlier versions
    named such files by process id and held no lock.
    """
    for lock in folder.glob(f".*{_UNFINISHED}*{_LOCK}"):
        with suppress(OSError), lock.open("rb") as opened:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(lock.with_name(lock.name.removesuffix(_LOCK)))
            lock.unlink(missing_ok=True)
    for left in folder.glob(f".*{_UNFINISHED}*"):
        number = left.name.rpartition(_UNFINISHED)[2]
        if number.isdecimal() and _is_gone(int(number)):
            with suppress(OSError):
                _remove(left)


@contextmanager
def _locked(lock: Path) -> Iterator[None]:
    """Hold a lock file during the block."""
    opened = _lock(lock)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
        os.close(opened)


def _lock(lock: Path) -> int:
    while True:
        opened = os.open(lock, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(opened, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(opened), lock.stat()):
                return opened
        os.close(opened)        # it was removed before it was locked


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _is_gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        return False
    return process == os.getpid()


def _remove(written: Path) -> None:
    if written.is_dir():
        rmtree(written, ignore_errors=True)
        return
    for ending in ("", *_JOURNALS):
        written.with_name(written.name + ending).unlink(missing_ok=True)
