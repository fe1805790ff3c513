"""Owners of a lease: the identity of a process, and whether that process is known to be dead.

A killed process cannot release its lease. A process that shares its process table can see that it
is gone, and need not wait until the lease expires, or its heartbeat has been silent for long.
"""

import os
import socket
from pathlib import Path
from uuid import uuid4

BOOT = Path("/proc/sys/kernel/random/boot_id")
"""Where Linux keeps an identity that is another one after every start."""


def new_owner() -> str:
    """Return an identity of this process that others can check."""
    return f"{_process_table()}|{os.getpid()}|{uuid4().hex}"


def is_dead(holder: str) -> bool:
    """Return whether an owner is certainly gone; processes of other machines are not.

    >>> is_dead(new_owner()), is_dead("another machine|1|f00")
    (False, False)
    """
    table, _, rest = holder.partition("|")
    if table != _process_table():
        return False
    process = int(rest.partition("|")[0])
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _was_killed(process)


def _was_killed(process: int) -> bool:
    """Return whether a process has ended and only its parent has not asked after it yet.

    In a container whose first process asks after nobody it stays so, and has its number, for ever.
    """
    folder = f"/proc/{process}"
    try:
        with open(f"{folder}/stat", "rb") as status:
            state = status.read().rpartition(b")")[2].split()[0]
        return state == b"Z" and len(os.listdir(f"{folder}/task")) == 1
    except OSError:
        return False


def _process_table() -> str:
    """Return the name of the machine and, on Linux, of its boot and the process-id namespace.

    The first namespace has the same number on every Linux, and machines that were copied from one
    image may have one name: only the boot tells them apart.
    """
    try:
        boot = BOOT.read_text().strip()
        table = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        boot, table = "", 0
    return f"{socket.gethostname().replace('|', '')}:{boot}:{table}"
