"""One round in a process of its own: whatever it leaves running or breaks ends with it."""

import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from tests.postgres_server import end_with_parent
from tests.reliability.databases import FreshDatabases
from tests.reliability.named_points import DatabaseName
from tests.reliability.trial import FreshDatabase, ReliabilityTrial

MOST_SAID = 4_000
"""So many characters of what a failed round wrote are kept, the last ones."""


class RoundResult(NamedTuple):
    """What a round did: so many units, or else what it said when something did not hold."""

    done: int
    said: str | None
    seconds: float


@contextmanager
def round_folder() -> Iterator[Path]:
    """Give an empty folder for one round, and remove it with all that lies beside it."""
    above = Path(tempfile.mkdtemp(prefix="soak-"))
    try:
        folder = above / "round"
        folder.mkdir()
        yield folder
    finally:
        shutil.rmtree(above, ignore_errors=True)


def play_round(
    databases: FreshDatabases, trial: ReliabilityTrial, name: DatabaseName, seed: int
) -> RoundResult:
    """Play one round in a forked process, which has everything imported already."""
    begun = time.monotonic()
    with round_folder() as folder, databases.fresh(name, folder) as database:
        output = folder.parent / "output"
        receiving, sending = multiprocessing.Pipe(duplex=False)
        process = multiprocessing.get_context("fork").Process(
            target=_play, args=(trial, seed, database, folder, output, sending)
        )
        process.start()
        sending.close()
        try:
            process.join(trial.longest_seconds)
            hangs = process.is_alive()
        finally:
            _end_group(process.pid)
            process.join()
        said = None
        if hangs:
            said = f"The round did not end within {trial.longest_seconds:.0f} seconds.\n"
        elif process.exitcode:
            said = f"The round ended with {process.exitcode}.\n"
        if said is not None:
            said += output.read_text(errors="replace")[-MOST_SAID:] if output.exists() else ""
        done = receiving.recv() if said is None else 0
        receiving.close()
    return RoundResult(done, said, time.monotonic() - begun)


def _play(
    trial: ReliabilityTrial, seed: int, database: FreshDatabase, folder: Path, output: Path,
    sending: Connection,
) -> None:
    os.setpgid(0, 0)
    end_with_parent(signal.SIGKILL)
    with output.open("wb") as said:
        os.dup2(said.fileno(), sys.stdout.fileno())
        os.dup2(said.fileno(), sys.stderr.fileno())
    done = trial.run(seed, database, folder)
    assert done > 0, "a round in which nothing happens shows nothing"
    sending.send(done)


def _end_group(leader: int | None) -> None:
    """End what a round has left running."""
    if leader is not None:
        with suppress(ProcessLookupError):
            os.killpg(leader, signal.SIGKILL)
