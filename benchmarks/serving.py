"""``stocktrail serve`` in a process of its own, as the benchmarks of HTTP ask it."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple


class Served(NamedTuple):
    """Where a service answers, and which process it is."""

    url: str
    process: int


@contextmanager
def serving(
    database_url: str, program: Sequence[str] = ("stocktrail", "serve")
) -> Iterator[Served]:
    """Run ``stocktrail serve``, or another program with its flags, on a free port."""
    with subprocess.Popen(
        [sys.executable, "-m", *program, "--port", "0", "--database", database_url],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:
        assert process.stdout is not None
        yield Served(process.stdout.readline().split()[-1], process.pid)
        process.terminate()
