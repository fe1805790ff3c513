"""Writers that are killed: at random moments (R1), and at each named point of their work (R2)."""

from pathlib import Path

from tests.reliability.trial import FreshDatabase, ReliabilityTrial
from tests.store.test_kills import Day


def kill_at_random(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Let a day pass in which one or two writers are killed until all was sent; count the kills."""
    day = Day(seed, folder, database.url, database.workers)
    day.pass_by()
    day.assert_every_command_has_one_outcome()
    return day.kills


TRIALS = [
    ReliabilityTrial(
        "R1", "`kill -9` of a writer at random moments",
        "what was acknowledged is there; every command has one outcome; positions have no hole",
        "kills", 1_000, kill_at_random, played_by=("tests/store/test_kills.py",),
    ),
]
