"""System calls that fail: a disk that cannot be written through any more, for one thread alone.

The kernel's own filter (seccomp) answers ``fsync`` and ``fdatasync`` with an input/output error
from a moment on, for ever. It needs no rights, no compiler and no other program.
"""

import ctypes
import errno
import platform
import struct

_SYNC_CALLS = {"x86_64": (74, 75), "aarch64": (82, 83)}
_NO_NEW_PRIVILEGES, _SET_FILTER, _FILTER = 38, 22, 2
_LOAD_NUMBER, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def fail_syncs(*, of_data_only: bool = False) -> None:
    """Let every ``fsync`` and ``fdatasync`` of this thread fail from now on, or only the latter."""
    first, second = _SYNC_CALLS[platform.machine()]
    if of_data_only:
        first = second
    steps = (
        (_LOAD_NUMBER, 0, 0, 0),
        (_JUMP_IF_EQUAL, 1, 0, first),
        (_JUMP_IF_EQUAL, 0, 1, second),
        (_RETURN, 0, 0, _FAIL | errno.EIO),
        (_RETURN, 0, 0, _ALLOW),
    )
    written = b"".join(struct.pack("=HBBI", *step) for step in steps)
    filter_steps = ctypes.create_string_buffer(written, len(written))
    program = _Program(len(steps), ctypes.cast(filter_steps, ctypes.c_void_p))
    kernel = ctypes.CDLL(None, use_errno=True)
    for words in (
        (_NO_NEW_PRIVILEGES, 1, 0, 0, 0), (_SET_FILTER, _FILTER, ctypes.byref(program), 0, 0),
    ):
        if kernel.prctl(*words):
            raise OSError(ctypes.get_errno(), "the kernel takes no filter")
