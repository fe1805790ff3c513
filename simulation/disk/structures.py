"""SQLite's C interface to a file system: structures and numbers of ``sqlite3.h``."""

import ctypes
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from typing import Any

OK = 0
BUSY = 5
IOERR = 10
NOTFOUND = 12
FULL = 13
CANTOPEN = 14
IOERR_READ = IOERR | 1 << 8
IOERR_SHORT_READ = IOERR | 2 << 8
IOERR_WRITE = IOERR | 3 << 8
IOERR_FSYNC = IOERR | 4 << 8
IOERR_TRUNCATE = IOERR | 6 << 8
IOERR_FSTAT = IOERR | 7 << 8
IOERR_UNLOCK = IOERR | 8 << 8
IOERR_DELETE = IOERR | 10 << 8
IOERR_ACCESS = IOERR | 13 << 8
IOERR_CHECKRESERVEDLOCK = IOERR | 14 << 8
IOERR_LOCK = IOERR | 15 << 8
IOERR_CLOSE = IOERR | 16 << 8
IOERR_SHMLOCK = IOERR | 20 << 8
IOERR_SHMMAP = IOERR | 21 << 8
IOERR_DELETE_NOENT = IOERR | 23 << 8

OPEN_READ_ONLY = 0x1
OPEN_CREATE = 0x4
OPEN_DELETE_ON_CLOSE = 0x8
OPEN_EXCLUSIVE = 0x10
OPEN_JOURNALS = 0x800 | 0x4000 | 0x80000
"""Any of the kinds of journals: of a database, of several together, and the write-ahead log."""

NO_LOCK, SHARED, RESERVED, PENDING, EXCLUSIVE = range(5)

INDEX_UNLOCK = 1
INDEX_EXCLUSIVE = 8

ACCESS_EXISTS = 0

POWERSAFE_OVERWRITE = 0x1000
"""A write that is cut off changes no byte outside of it, not even in the same sector."""

JULIAN_EPOCH_MILLISECONDS = 210_866_760_000_000
"""The first of January 1970 in milliseconds of the Julian day, as SQLite counts time."""

METHODS: dict[str, Any] = {
    "xClose": CFUNCTYPE(c_int, c_void_p),
    "xRead": CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64),
    "xWrite": CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64),
    "xTruncate": CFUNCTYPE(c_int, c_void_p, c_int64),
    "xSync": CFUNCTYPE(c_int, c_void_p, c_int),
    "xFileSize": CFUNCTYPE(c_int, c_void_p, c_void_p),
    "xLock": CFUNCTYPE(c_int, c_void_p, c_int),
    "xUnlock": CFUNCTYPE(c_int, c_void_p, c_int),
    "xCheckReservedLock": CFUNCTYPE(c_int, c_void_p, c_void_p),
    "xFileControl": CFUNCTYPE(c_int, c_void_p, c_int, c_void_p),
    "xSectorSize": CFUNCTYPE(c_int, c_void_p),
    "xDeviceCharacteristics": CFUNCTYPE(c_int, c_void_p),
    "xShmMap": CFUNCTYPE(c_int, c_void_p, c_int, c_int, c_int, c_void_p),
    "xShmLock": CFUNCTYPE(c_int, c_void_p, c_int, c_int, c_int),
    "xShmBarrier": CFUNCTYPE(None, c_void_p),
    "xShmUnmap": CFUNCTYPE(c_int, c_void_p, c_int),
}
"""The methods of an open file, in the order of ``sqlite3_io_methods``."""

FUNCTIONS: dict[str, Any] = {
    "xOpen": CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p),
    "xDelete": CFUNCTYPE(c_int, c_void_p, c_void_p, c_int),
    "xAccess": CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_void_p),
    "xFullPathname": CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_void_p),
    "xDlOpen": c_void_p,
    "xDlError": c_void_p,
    "xDlSym": c_void_p,
    "xDlClose": c_void_p,
    "xRandomness": CFUNCTYPE(c_int, c_void_p, c_int, c_void_p),
    "xSleep": CFUNCTYPE(c_int, c_void_p, c_int),
    "xCurrentTime": CFUNCTYPE(c_int, c_void_p, c_void_p),
    "xGetLastError": c_void_p,
    "xCurrentTimeInt64": CFUNCTYPE(c_int, c_void_p, c_void_p),
}
"""The functions of a file system, in the order of ``sqlite3_vfs``."""


class FileMethods(Structure):
    """``sqlite3_io_methods``, version 2: with shared memory, without memory-mapped files."""

    _fields_ = [("iVersion", c_int), *METHODS.items()]


class FileSystemStructure(Structure):
    """``sqlite3_vfs``, version 2."""

    _fields_ = [
        ("iVersion", c_int), ("szOsFile", c_int), ("mxPathname", c_int), ("pNext", c_void_p),
        ("zName", c_char_p), ("pAppData", c_void_p), *FUNCTIONS.items(),
    ]


FILE_SYSTEM_POINTER = POINTER(FileSystemStructure)
FILE_BYTES = ctypes.sizeof(c_void_p)
"""The size of ``sqlite3_file``, which holds nothing but the address of its methods."""
