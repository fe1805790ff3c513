"""Running an episode: the product on its own disk and clock, and everything put back afterwards."""

import logging
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

import structlog.testing

from simulation.checks.violation import Violation
from simulation.disk.vfs import mounted
from simulation.episode import Episode
from simulation.plan import Plan, Report
from simulation.scheduling.primitives import installed
from simulation.scheduling.scheduler import Deadlock
from simulation.scheduling.tasks import Killed
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import StorageError
from stocktrail.ledger.store.engine import commit_group

MEMORY = next((each for each in ("/dev/shm",) if os.access(each, os.W_OK)), None)

ERRORS = (sqlite3.Error, StorageError, Refusal, LookupError, ValueError, ArithmeticError)
"""What a check may end with when it finds no sense in what it reads."""


@contextmanager
def _unraisable_deaths() -> Iterator[None]:
    """Keep quiet about objects of dead processes that are closed by the interpreter."""
    before = sys.unraisablehook

    def tell(unraisable: Any) -> None:
        if not isinstance(unraisable.exc_value, Killed):
            before(unraisable)

    sys.unraisablehook = tell
    try:
        yield
    finally:
        sys.unraisablehook = before


@contextmanager
def _quiet() -> Iterator[None]:
    """Let the program log nothing: what it says of every fault is of no interest here."""
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with structlog.testing.capture_logs():
            yield
    finally:
        logging.disable(level)


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(mkdtemp(prefix="stocktrail-simulation-", dir=MEMORY))
    try:
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)


def _found(episode: Episode) -> Violation | None:
    """Run an episode, and return what it found; an error of the simulation counts as well."""
    try:
        episode.run()
    except Violation as violation:
        return violation
    except Deadlock as deadlock:
        return Violation("liveness", str(deadlock))
    except ERRORS as error:
        found = Violation("errors", f"a check ended with {error!r}")
        found.__cause__ = error
        return found
    return None


def run_episode(plan: Plan) -> Report:
    """Run one episode and report what it did; a violation is part of the report."""
    violation: Violation | None = None
    before, commit_group.SNAPSHOT_AFTER = commit_group.SNAPSHOT_AFTER, 3
    with _folder() as folder:
        (folder / "day").mkdir()
        episode = Episode(plan, folder / "day")
        world = episode.world
        try:
            with (
                mounted(world.disk, folder / "day"), installed(world.scheduler),
                _unraisable_deaths(), _quiet(),
            ):
                violation = _found(episode)
        finally:
            commit_group.SNAPSHOT_AFTER = before
    return Report(
        plan, sum(each.answers for each in episode.clients), episode.check.position,
        episode.steps, world.scheduler.switches, episode.images, world.faults.happened,
        (world.scheduler.now - world.scheduler.start) / 1_000_000,
        world.scheduler.trace_digest, violation,
    )
