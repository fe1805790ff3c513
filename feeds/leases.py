"""Holders of a lease: which process one is, and whether it is known to be dead.

A process that was killed cannot hand over. Whoever shares its process table sees that it is gone
and need not wait until its lease runs out.
"""

import os
import socket
from uuid import uuid4


def new_owner() -> str:
    """Return this process, so that others can look whether it is there."""
    return f"{_process_table()}|{os.getpid()}|{uuid4().hex}"


def is_dead(holder: str) -> bool:
    """Return whether a holder is surely gone; of another machine nobody here knows.

    >>> is_dead(new_owner()), is_dead("another machine|1|f00")
    (False, False)
    """
    table, process, _ = holder.split("|")
    if table != _process_table():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _process_table() -> str:
    """Return the machine, and on Linux the table in which this process has its number."""
    try:
        table = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        table = 0
    return f"{socket.gethostname().replace('|', '')}:{table}"
