"""Days of a shop in the simulation, one seed after another (R22)."""

from pathlib import Path

from simulation.plan import Plan
from simulation.running import run_episode
from simulation.shrinking import command_of
from tests.reliability.trial import FILE, FreshDatabase, ReliabilityTrial

SEEDS_IN_A_ROUND = 5


def simulate(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Simulate a few days, of seeds that no other round has; their ledger has a disk of its own."""
    first = (seed - 1) * SEEDS_IN_A_ROUND + 1
    for each in range(first, first + SEEDS_IN_A_ROUND):
        report = run_episode(Plan(each))
        assert report.violation is None, f"{command_of(report.plan)}: {report.violation}"
    return SEEDS_IN_A_ROUND


TRIALS = [
    ReliabilityTrial(
        "R22", "Simulated days: one scheduler, one clock, a disk, crashes and errors by a seed",
        "I1, I2, I3 after every step; once the faults stop, all is caught up within a minute",
        "seeds", 10_000, simulate, FILE, played_by=("tests/simulation/test_episode.py",),
    ),
]
