"""What SQLite calls on an open file: from addresses and numbers to the disk, and back."""

import ctypes
import errno
import os
from collections.abc import Callable
from ctypes import c_int, c_int64, c_void_p
from typing import Any

from simulation.disk.files import Disk
from simulation.disk.open_file import OpenFile
from simulation.disk.structures import (
    BUSY,
    FULL,
    INDEX_EXCLUSIVE,
    INDEX_UNLOCK,
    IOERR,
    IOERR_CHECKRESERVEDLOCK,
    IOERR_FSTAT,
    IOERR_FSYNC,
    IOERR_LOCK,
    IOERR_READ,
    IOERR_SHMLOCK,
    IOERR_SHMMAP,
    IOERR_SHORT_READ,
    IOERR_TRUNCATE,
    IOERR_WRITE,
    METHODS,
    NOTFOUND,
    OK,
    SHARED,
    FileMethods,
)
from simulation.disk.survival import SECTOR_BYTES
from simulation.surroundings import Fault, Operation

OPEN_FILES: dict[int, OpenFile] = {}
"""What is open, by the address of SQLite's own structure."""

_NEEDS_ROOM = ("write", "index")
"""The operations that fail when the disk is full."""

Work = Callable[..., int]


def _method(kind: str, failure: int, work: Work, size_at: int | None = None) -> Work:
    """Return what SQLite may call: it lets others run first, and does or fails to do the work.

    ``failure`` is the result of an I/O error; with ``OK`` the operation cannot fail that way.
    ``size_at`` is the place of the size among the arguments.
    """

    def method(address: int, *arguments: int) -> int:
        opened = OPEN_FILES[address]
        size = 0 if size_at is None else arguments[size_at]
        return perform(opened, kind, size, failure, lambda: work(opened, *arguments))

    return method


def perform(
    opened: OpenFile, kind: str, size: int, failure: int, work: Callable[[], int]
) -> int:
    """Let others run first, then do the work, or fail to do it; return SQLite's number for it."""
    disk, process = opened.disk, opened.process
    with disk.noting:
        if opened.is_gone:
            return IOERR
        if process is not None:
            if not process.is_alive:
                return IOERR
            fault = disk.surroundings.before(Operation(kind, opened.name, size))
            if opened.is_gone or not process.is_alive:
                return IOERR
            if fault is not Fault.NONE:
                return _fail(opened, kind, fault, failure, work)
        with disk.mutex:
            return work()
    return IOERR


def _fail(opened: OpenFile, kind: str, fault: Fault, failure: int, work: Callable[[], int]) -> int:
    disk, process = opened.disk, opened.process
    assert process is not None
    if fault is Fault.CRASH_BEFORE:
        disk.crash(process)
        return IOERR
    with disk.mutex:
        if fault is Fault.FULL and kind in _NEEDS_ROOM:
            return FULL
        if fault is Fault.IO_ERROR and failure != OK:
            if kind == "sync":
                disk.fail_to_sync(opened)
            return failure
        result = work()
    if fault is Fault.CRASH_AFTER:
        disk.crash(process)
        return IOERR
    return result


# ---------------------------------------------------------------------- content

def _read(opened: OpenFile, buffer: int, size: int, offset: int) -> int:
    data = bytes(opened.file.content[offset : offset + size])
    ctypes.memmove(buffer, data, len(data))
    if len(data) == size:
        return OK
    ctypes.memset(buffer + len(data), 0, size - len(data))
    return IOERR_SHORT_READ


def _write(opened: OpenFile, buffer: int, size: int, offset: int) -> int:
    if opened.is_read_only:
        return IOERR_WRITE
    data = ctypes.string_at(buffer, size)
    return OK if opened.disk.write(opened.file, offset, data) else FULL


def _truncate(opened: OpenFile, size: int) -> int:
    opened.disk.truncate(opened.file, size)
    return OK


def _sync(opened: OpenFile, _: int) -> int:
    return OK if opened.disk.sync(opened) else IOERR_FSYNC


def _size(opened: OpenFile, found: int) -> int:
    c_int64.from_address(found).value = len(opened.file.content)
    return OK


# ---------------------------------------------------------------------- locks

def _lock(opened: OpenFile, level: int) -> int:
    if opened.is_read_only and level > SHARED:
        return IOERR_LOCK                        # as the kernel does
    return OK if opened.file.locks.lock(opened, level) else BUSY


def _unlock(opened: OpenFile, level: int) -> int:
    opened.file.locks.unlock(opened, level)
    return OK


def _check_lock(opened: OpenFile, found: int) -> int:
    c_int.from_address(found).value = opened.file.locks.is_reserved()
    return OK


# ---------------------------------------------------------------------- the index of the log

def _index(opened: OpenFile, region: int, _: int, extend: int, found: int) -> int:
    address = opened.disk.use_index(opened).address(region, extend=bool(extend))
    c_void_p.from_address(found).value = address
    return OK


def _index_lock(opened: OpenFile, first: int, count: int, flags: int) -> int:
    slots = (1 << count) - 1 << first
    user = opened.disk.use_index(opened)
    if flags & INDEX_UNLOCK:
        user.unlock(slots)
        return OK
    return OK if user.lock(slots, exclusive=bool(flags & INDEX_EXCLUSIVE)) else BUSY


def _unmap_index(opened: OpenFile, _: int) -> int:
    opened.disk.leave_index(opened)
    return OK


_leave_index = _method("leave_index", OK, _unmap_index)


def _unmap(address: int, delete: int) -> int:
    result = _leave_index(address, delete)
    opened = OPEN_FILES[address]
    if opened.index_user is not None:
        opened.index_user.unmap()
        opened.index_user = None
    return result


# ---------------------------------------------------------------------- closing

def _close_file(opened: OpenFile) -> int:
    opened.disk.close(opened)
    return OK


_close_open = _method("close", OK, _close_file)


def _close(address: int) -> int:
    result = _close_open(address)
    opened = OPEN_FILES.pop(address)
    if opened.index_user is not None:
        opened.index_user.unmap()
    return result


def write_file_again(disk: Disk, name: str) -> None:
    """Write a whole file again, as it is, and sync it. Raises ``OSError``."""
    opened = disk.open(name, disk.surroundings.process())
    if opened is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    content = bytes(opened.file.content)

    def write() -> int:
        return OK if disk.write(opened.file, 0, content) else FULL

    try:
        results = (
            perform(opened, "write", len(content), IOERR_WRITE, write),
            perform(opened, "sync", 0, IOERR_FSYNC, lambda: _sync(opened, 0)),
        )
    finally:
        disk.close(opened)
    if results != (OK, OK):
        raise OSError(errno.EIO, os.strerror(errno.EIO))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "xClose": _close,
    "xRead": _method("read", IOERR_READ, _read, size_at=1),
    "xWrite": _method("write", IOERR_WRITE, _write, size_at=1),
    "xTruncate": _method("truncate", IOERR_TRUNCATE, _truncate, size_at=0),
    "xSync": _method("sync", IOERR_FSYNC, _sync),
    "xFileSize": _method("size", IOERR_FSTAT, _size),
    "xLock": _method("lock", IOERR_LOCK, _lock),
    "xUnlock": _method("unlock", OK, _unlock),
    "xCheckReservedLock": _method("check_lock", IOERR_CHECKRESERVEDLOCK, _check_lock),
    "xFileControl": lambda *_: NOTFOUND,
    "xSectorSize": lambda _: SECTOR_BYTES,
    "xDeviceCharacteristics": lambda address: OPEN_FILES[address].disk.characteristics,
    "xShmMap": _method("index", IOERR_SHMMAP, _index),
    "xShmLock": _method("index_lock", IOERR_SHMLOCK, _index_lock),
    "xShmBarrier": lambda _: None,
    "xShmUnmap": _unmap,
}

FILE_METHODS = FileMethods(2, *(METHODS[name](_FUNCTIONS[name]) for name in METHODS))
"""The methods of every open file on a simulated disk."""
