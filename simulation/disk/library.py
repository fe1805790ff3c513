"""The SQLite library that Python's ``sqlite3`` calls."""

import _sqlite3
import ctypes
from functools import cache

from simulation.disk.structures import FILE_SYSTEM_POINTER


@cache
def sqlite_library() -> ctypes.CDLL:
    """Return the library itself, not another copy of it.

    Names are looked up from the standard library's own extension module on, in what it is linked
    with. Raises :class:`RuntimeError` where SQLite was linked into that module and its functions
    cannot be found.
    """
    library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
    try:
        library.sqlite3_vfs_find.restype = FILE_SYSTEM_POINTER
        library.sqlite3_vfs_find.argtypes = [ctypes.c_char_p]
        library.sqlite3_vfs_register.argtypes = [FILE_SYSTEM_POINTER, ctypes.c_int]
        library.sqlite3_randomness.argtypes = [ctypes.c_int, ctypes.c_void_p]
        library.sqlite3_randomness.restype = None
    except AttributeError as error:
        raise RuntimeError(
            "This Python has SQLite linked statically, so no file system can be registered in it. "
            "Simulate with a Python that is linked with libsqlite3, such as Debian's."
        ) from error
    return library
