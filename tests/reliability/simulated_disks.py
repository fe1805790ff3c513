"""Simulated disks that lose what was not synced (R3), fail to sync (R4) or are full (R5)."""

from pathlib import Path

from simulation.disk.crash_images import crash_images
from simulation.disk.failing_syncs import failing_syncs
from simulation.disk.full_disks import full_disks
from tests.reliability.trial import FILE, FreshDatabase, ReliabilityTrial

IMAGES_IN_A_ROUND = 50
DAYS_APART = 5
"""Days of one round follow each other; with so many between rounds, none is recorded twice."""


def lose_power(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Open what power cuts leave; on a disk that syncs nothing, something is found to be lost."""
    checked = crash_images(DAYS_APART * seed, IMAGES_IN_A_ROUND)
    try:
        crash_images(DAYS_APART * seed, IMAGES_IN_A_ROUND, ignores_syncs=True)
    except AssertionError:
        return checked
    raise AssertionError("nothing is found to be lost where nothing is synced: it shows nothing")


def fail_to_sync(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Let the N-th sync fail, and the power after it."""
    failing_syncs(seed)
    return 1


def fill(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Let a disk be full again and again."""
    full_disks(seed)
    return 1


TRIALS = [
    ReliabilityTrial(
        "R3", "Power cuts: what was not synced is lost, torn at sectors, or there, in any order",
        "the ledger opens and has all that was acknowledged; where nothing is synced, it has not",
        "images", 5_000, lose_power, FILE, played_by=("tests/simulation/test_disk_faults.py",),
    ),
    ReliabilityTrial(
        "R4", "The N-th sync fails, N from 1 to 50, and the power fails after it",
        "nobody is told that something is recorded which is not, or not recorded which is",
        "failed syncs", 250, fail_to_sync, FILE,
        played_by=("tests/simulation/test_disk_faults.py", "tests/store/test_failing_syncs.py"),
    ),
    ReliabilityTrial(
        "R5", "A disk that is full, and full again after some room was made",
        "an error that says so; questions are answered; all goes on when there is room",
        "disks", 200, fill, FILE,
        played_by=("tests/simulation/test_disk_faults.py", "tests/store/test_full_disk.py"),
    ),
]
