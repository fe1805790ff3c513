"""Where the files of tests lie: in memory where there is room, since half the time was syncing."""

import os
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
BYTES_NEEDED = 8 << 30
"""Four times what a whole run has there at once."""

DISK_VARIABLE = "STOCKTRAIL_TEST_ON_DISK"
"""Set to anything, it keeps the files of tests where other temporary files are."""


def keep_in_memory() -> None:
    """Let temporary files of this process, and of those it starts, lie in memory, if they fit.

    The files are real, and what is killed leaves in them what it would leave on a disk: pages
    outlive a process in either. Only a power cut does not, and where one matters a test simulates
    the disk or fails its syncs. A wait of 2 to 8 ms for each commit was half the time of the run.
    """
    if os.environ.get(DISK_VARIABLE) or os.environ.get("TMPDIR") or not has_room(MEMORY):
        return
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None                      # asked for again at the next use


def has_room(folder: Path) -> bool:
    """Return whether a folder can be written, runs programs, and has the room of a whole run."""
    if not os.access(folder, os.W_OK):
        return False
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize >= BYTES_NEEDED and not found.f_flag & os.ST_NOEXEC
