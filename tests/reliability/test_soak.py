"""The soak counts, goes on where it was, and tells what did not hold and how to repeat it."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import msgspec
import pytest

from tests.reliability import soak
from tests.reliability.databases import FreshDatabases
from tests.reliability.page import BEGIN, END
from tests.reliability.trial import FILE, FreshDatabase, ReliabilityTrial

# Rounds are forked, and whoever runs these tests may have threads; later Pythons warn of that.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


def count_three(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Do three things, and leave a mark that says with which seed."""
    assert list(folder.iterdir()) == []
    with (folder.parents[1] / "seeds").open("a") as seeds:
        seeds.write(f"{seed} ")
    return 3


def break_at_two(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Let something not hold with the second seed, as long as it is not mended."""
    assert seed != 2 or (folder.parents[1] / "mended").exists(), "two is too many"
    return 1


@pytest.fixture(scope="module")
def databases() -> Iterator[FreshDatabases]:
    """Make a database for each round, of all runs."""
    with FreshDatabases() as made:
        yield made


@pytest.fixture
def folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, databases: FreshDatabases
) -> Path:
    """Return a folder with a page, in which two trials are run."""
    monkeypatch.setattr(soak, "FreshDatabases", lambda: nullcontext(databases))
    monkeypatch.setattr(soak, "TRIALS", [
        ReliabilityTrial("R1", "Counting", "it counts", "things", 7, count_three, FILE),
        ReliabilityTrial("R2", "Breaking", "it breaks", "things", 3, break_at_two, FILE),
    ])
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "page.md").write_text(f"Before.\n{BEGIN}\n{END}\nAfter.\n")
    return tmp_path


def run(folder: Path, *words: str) -> int:
    """Run the soak with its files in a folder."""
    return soak.main(
        [*words, "--state", str(folder / "soak.json"), "--page", str(folder / "page.md")]
    )


def test_it_counts_up_to_what_is_to_reach_and_writes_the_page(folder: Path) -> None:
    assert run(folder, "R1") == 0
    assert (folder / "seeds").read_text() == "1 2 3 "
    page = (folder / "page.md").read_text()
    assert page.startswith("Before.\n")
    assert page.endswith("\nAfter.\n")
    assert "| R1 | Counting | 9 of 7 things | 0 |" in page
    assert "| R2 | Breaking | 0 of 3 things | 0 |" in page


def test_it_goes_on_where_it_was(folder: Path) -> None:
    run(folder, "R1")
    state = folder / "soak.json"
    kept = msgspec.json.decode(state.read_bytes())
    kept["R1"]["sqlite"] |= {"done": 5, "next_seed": 12}
    state.write_bytes(msgspec.json.encode(kept))
    assert run(folder, "R1") == 0
    assert (folder / "seeds").read_text() == "1 2 3 12 "
    assert "| 8 of 7 things |" in (folder / "page.md").read_text()


def test_what_did_not_hold_is_told_with_its_seed_and_kept_until_it_holds(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(folder) == 1
    told = capfd.readouterr().out
    assert "two is too many" in told
    assert "python -m tests.reliability.soak R2 --database sqlite --seed 2" in told
    assert "| 1 of 3 things | 1 |" in (folder / "page.md").read_text()

    again = ("R2", "--database", "sqlite", "--seed", "2")
    assert run(folder, *again) == 1
    (folder / "mended").touch()
    assert run(folder, *again) == 0
    assert "| 1 of 3 things | 1, 1 of them mended |" in (folder / "page.md").read_text()
    assert run(folder) == 0
    assert "| 3 of 3 things |" in (folder / "page.md").read_text()
