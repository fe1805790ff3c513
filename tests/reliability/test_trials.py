"""One round of every trial that no other test plays, and the soak itself: it counts and goes on."""

import re
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


def test_all_29_are_there_once_and_the_page_says_what_each_of_them_shows() -> None:
    numbers = [trial.number for trial in TRIALS]
    assert numbers == [f"R{number}" for number in range(1, 30)]
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    promises = page.partition("### Which trial shows which promise")[2].partition("\n## ")[0]
    assert set(re.findall(r"R\d+", promises)) == set(numbers)


def test_what_plays_a_trial_elsewhere_is_there() -> None:
    named = [each for trial in TRIALS for each in trial.played_by]
    assert [each for each in named if not (ROOT / each).exists()] == []
