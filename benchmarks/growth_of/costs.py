"""What something costs: processor time, of this process or of another, and its memory."""

import os
import subprocess
import sys
from collections.abc import Callable, Container, Sequence
from pathlib import Path
from statistics import median
from time import process_time
from typing import NamedTuple

ROUNDS = 3
LONG_SECONDS = 1.0
"""What takes longer than this is not measured again."""


class Cost(NamedTuple):
    """Milliseconds of processor, and where a process of its own was measured its MiB at most."""

    milliseconds: float
    mebibytes: float | None = None


def cost_of(work: Callable[[], object]) -> Cost:
    """Measure a call in this process: the median of some rounds, or the first if it is long."""
    taken: list[float] = []
    while len(taken) < ROUNDS and sum(taken) < LONG_SECONDS:
        began = process_time()
        work()
        taken.append(process_time() - began)
    return Cost(median(taken) * 1000)


def cost_of_program(arguments: Sequence[str], statuses: Container[int] = (0,)) -> Cost:
    """Measure ``stocktrail`` with arguments in a process of its own.

    It must end with one of some statuses.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "stocktrail", *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ) as process:
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in statuses:
        raise SystemExit(f"stocktrail {' '.join(arguments)} failed: {said}")
    return Cost((used.ru_utime + used.ru_stime) * 1000, used.ru_maxrss / 1024)


def processor_of(process: int) -> float:
    """Return the seconds of processor that all threads of another process have had (Linux)."""
    spent = 0
    for thread in Path(f"/proc/{process}/task").iterdir():
        try:
            spent += int((thread / "schedstat").read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return spent / 1e9


def mebibytes_of(process: int) -> float:
    """Return the memory that another process holds now."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
