"""SQLite's file system over a simulated disk, for every path below one folder."""

import ctypes
import gc
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import c_double, c_int, c_int64, c_void_p
from functools import cache
from pathlib import Path
from typing import Any

from simulation.disk.files import Disk
from simulation.disk.library import sqlite_library
from simulation.disk.methods import FILE_METHODS, OPEN_FILES, write_file_again
from simulation.disk.noting import Noting
from simulation.disk.placeholders import Placeholders
from simulation.disk.structures import (
    ACCESS_EXISTS,
    CANTOPEN,
    FILE_BYTES,
    FULL,
    FUNCTIONS,
    IOERR,
    IOERR_ACCESS,
    IOERR_DELETE,
    IOERR_DELETE_NOENT,
    JULIAN_EPOCH_MILLISECONDS,
    OK,
    OPEN_CREATE,
    OPEN_DELETE_ON_CLOSE,
    OPEN_EXCLUSIVE,
    OPEN_JOURNALS,
    OPEN_READ_ONLY,
    FileSystemStructure,
)
from simulation.surroundings import Fault, Operation
from stocktrail.ledger.store.sqlite import write_ahead_log

NAME = b"simulated-disk"

_write_really_again = write_ahead_log.write_again
_copy_really_again = write_ahead_log.copy_again


class SimulatedFileSystem:
    """The file system that SQLite knows; there is one in a process, see :func:`mounted`.

    Paths elsewhere, temporary files and everything while nothing is mounted go to the file system
    that was there before.
    """

    def __init__(self) -> None:
        self._library = sqlite_library()
        self._original = self._library.sqlite3_vfs_find(None)
        self._disk: Disk | None = None
        self._prefix = b""
        self._noting = Noting([])
        before = self._original.contents
        functions: dict[str, Callable[..., int]] = {
            "xOpen": self._open, "xDelete": self._delete, "xAccess": self._access,
            "xFullPathname": self._full_path, "xRandomness": self._randomness,
            "xSleep": self._sleep, "xCurrentTime": self._current_time,
            "xCurrentTimeInt64": self._current_time_in_milliseconds,
        }
        self._structure = FileSystemStructure(
            2, max(FILE_BYTES, before.szOsFile), before.mxPathname, None, NAME, None,
            *(
                kind(self._guarded(functions[name])) if name in functions
                else getattr(before, name)
                for name, kind in FUNCTIONS.items()
            ),
        )
        # SQLite may call while the interpreter shuts down: this is never freed.
        for kept in (self._structure, FILE_METHODS):
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(kept))
        self._register(is_default=False)
        self._require_same_library()

    @contextmanager
    def mount(self, disk: Disk, folder: Path) -> Iterator[None]:
        """Let SQLite find a disk in a folder; afterwards everything open on it is gone.

        Meanwhile Python collects no garbage, or one seed would not always be the same day.
        """
        if self._disk is not None:
            raise RuntimeError("another disk is mounted")
        self._disk, self._prefix = disk, os.fsencode(folder.resolve()) + b"/"
        disk.appear_in(Placeholders(folder))
        self._noting = disk.noting
        self._register(is_default=True)
        # It would close what a dead process had open, in the middle of what another one does.
        collects = gc.isenabled()
        gc.disable()
        write_ahead_log.write_again = self.write_again
        write_ahead_log.copy_again = self.copy_again
        # What SQLite draws by chance follows from here on from the disk's seed.
        self._library.sqlite3_randomness(0, None)
        try:
            yield
        finally:
            self._library.sqlite3_vfs_register(self._original, 1)
            self._library.sqlite3_randomness(0, None)
            write_ahead_log.write_again = _write_really_again
            write_ahead_log.copy_again = _copy_really_again
            disk.disconnect()
            disk.disappear()
            if collects:
                gc.enable()
            self._disk = None

    def _register(self, *, is_default: bool) -> None:
        self._library.sqlite3_vfs_register(ctypes.pointer(self._structure), int(is_default))

    def _require_same_library(self) -> None:
        try:
            sqlite3.connect(f"file::memory:?vfs={NAME.decode()}", uri=True).close()
        except sqlite3.OperationalError as error:
            raise RuntimeError("the sqlite3 of this Python uses another SQLite") from error

    def _guarded(self, function: Callable[..., int]) -> Callable[..., int]:
        def guarded(*arguments: Any) -> int:
            with self._noting:
                return function(*arguments)
            return IOERR

        return guarded

    def _place(self, path: bytes) -> tuple[Disk, str] | None:
        """Return the disk and the name on it that a path leads to, if it leads there."""
        if self._disk is None or not path.startswith(self._prefix):
            return None
        return self._disk, os.fsdecode(path[len(self._prefix) :])

    def _perform(
        self, disk: Disk, kind: str, name: str, failure: int, work: Callable[[Any], int]
    ) -> int:
        """Let others run first, and do or fail to do what a process asks of the disk."""
        process = disk.surroundings.process()
        if process is None:
            with disk.mutex:
                return work(None)
        if not process.is_alive:
            return IOERR
        fault = disk.surroundings.before(Operation(kind, name, 0))
        if not process.is_alive:
            return IOERR
        if fault is Fault.CRASH_BEFORE:
            disk.crash(process)
            return IOERR
        if fault is Fault.IO_ERROR:
            return failure
        if fault is Fault.FULL and kind == "create":
            return FULL
        with disk.mutex:
            result = work(process)
        if fault is Fault.CRASH_AFTER:
            disk.crash(process)
            return IOERR
        return result

    # ------------------------------------------------------------------ files

    def _open(self, _: int, path: int | None, address: int, flags: int, found: int | None) -> int:
        place = self._place(ctypes.string_at(path)) if path else None
        if place is None:
            result: int = self._original.contents.xOpen(
                ctypes.addressof(self._original.contents), path, address, flags, found
            )
            return result
        disk, name = place
        c_void_p.from_address(address).value = None

        def work(process: Any) -> int:
            opened = disk.open(
                name, process, create=bool(flags & OPEN_CREATE),
                exclusive=bool(flags & OPEN_EXCLUSIVE),
                deletes_on_close=bool(flags & OPEN_DELETE_ON_CLOSE),
                syncs_folder=bool(flags & OPEN_CREATE and flags & OPEN_JOURNALS),
                is_read_only=bool(flags & OPEN_READ_ONLY),
            )
            if opened is None:
                return CANTOPEN
            OPEN_FILES[address] = opened
            c_void_p.from_address(address).value = ctypes.addressof(FILE_METHODS)
            if found:
                c_int.from_address(found).value = flags
            return OK

        kind = "create" if flags & OPEN_CREATE and not disk.has(name) else "open"
        return self._perform(disk, kind, name, CANTOPEN, work)

    def _delete(self, _: int, path: int, synced: int) -> int:
        place = self._place(ctypes.string_at(path))
        if place is None:
            result: int = self._original.contents.xDelete(
                ctypes.addressof(self._original.contents), path, synced
            )
            return result
        disk, name = place

        def work(_: Any) -> int:
            return OK if disk.delete(name, synced=bool(synced)) else IOERR_DELETE_NOENT

        return self._perform(disk, "delete", name, IOERR_DELETE, work)

    def _access(self, _: int, path: int, flags: int, found: int) -> int:
        place = self._place(ctypes.string_at(path))
        if place is None:
            result: int = self._original.contents.xAccess(
                ctypes.addressof(self._original.contents), path, flags, found
            )
            return result
        disk, name = place

        def work(_: Any) -> int:
            is_there = disk.exists(name) if flags == ACCESS_EXISTS else disk.has(name)
            c_int.from_address(found).value = is_there
            return OK

        return self._perform(disk, "access", name, IOERR_ACCESS, work)

    def _full_path(self, _: int, path: int, size: int, found: int) -> int:
        result: int = self._original.contents.xFullPathname(
            ctypes.addressof(self._original.contents), path, size, found
        )
        return result

    def write_again(self, path: Path) -> None:
        """Write a log again in place of the product, which does it without SQLite."""
        place = self._place(os.fsencode(path))
        if place is None:
            _write_really_again(path)
        else:
            disk, name = place
            write_file_again(disk, name)

    def copy_again(self, path: Path) -> None:
        """Have a log copied again in place of the product, which writes to the index itself."""
        place = self._place(os.fsencode(path))
        if place is None:
            _copy_really_again(path)
            return
        disk, name = place
        with disk.mutex:
            disk.copy_again(name.removesuffix("-wal"))

    # ------------------------------------------------------------------ chance and time

    def _randomness(self, _: int, size: int, found: int) -> int:
        data = os.urandom(size) if self._disk is None else self._disk.random.randbytes(size)
        ctypes.memmove(found, data, size)
        return size

    def _sleep(self, _: int, microseconds: int) -> int:
        disk = self._disk
        if disk is None or disk.surroundings.process() is None:
            result: int = self._original.contents.xSleep(
                ctypes.addressof(self._original.contents), microseconds
            )
            return result
        disk.surroundings.sleep(microseconds)
        return microseconds

    def _current_time_in_milliseconds(self, _: int, found: int) -> int:
        if self._disk is None:
            result: int = self._original.contents.xCurrentTimeInt64(
                ctypes.addressof(self._original.contents), found
            )
            return result
        now = self._disk.surroundings.now() // 1_000
        c_int64.from_address(found).value = now + JULIAN_EPOCH_MILLISECONDS
        return OK

    def _current_time(self, _: int, found: int) -> int:
        milliseconds = c_int64()
        result = self._current_time_in_milliseconds(0, ctypes.addressof(milliseconds))
        c_double.from_address(found).value = milliseconds.value / 86_400_000
        return result


@cache
def file_system() -> SimulatedFileSystem:
    """Return the file system of this process; it is registered when it is first asked for."""
    return SimulatedFileSystem()


@contextmanager
def mounted(disk: Disk, folder: Path) -> Iterator[Disk]:
    """Let every database below a folder be on a simulated disk, for ``sqlite3.connect`` too.

    Connections that are open at the end are as good as killed. One disk at a time is mounted.
    """
    with file_system().mount(disk, folder):
        yield disk
