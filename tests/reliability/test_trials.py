"""One round of every trial that no other test plays, and the soak itself: it counts and goes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reliability.databases import FreshDatabases
from tests.reliability.named_points import DatabaseName
from tests.reliability.register import TRIALS
from tests.reliability.trial import ReliabilityTrial

ROOT = Path(__file__).parents[2]
SEED = 1
HERE = [(trial, name) for trial in TRIALS if not trial.played_by for name in trial.databases]


@pytest.fixture(scope="module")
def databases() -> Iterator[FreshDatabases]:
    """Make a database for each round."""
    with FreshDatabases() as made:
        yield made


@pytest.mark.parametrize(
    ("trial", "name"), HERE, ids=[f"{trial.number}-{name}" for trial, name in HERE]
)
def test_a_round(
    databases: FreshDatabases, tmp_path: Path, trial: ReliabilityTrial, name: DatabaseName
) -> None:
    folder = tmp_path / "round"
    folder.mkdir()
    play = trial.briefly or trial.run
    with databases.fresh(name, folder) as database:
        assert play(SEED, database, folder) > 0


def test_every_trial_is_there_once_and_what_plays_it_elsewhere_is_there_too() -> None:
    numbers = [trial.number for trial in TRIALS]
    assert len(numbers) == len(set(numbers))
    named = [each for trial in TRIALS for each in trial.played_by]
    assert [each for each in named if not (ROOT / each).exists()] == []
