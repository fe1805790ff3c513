"""Mutants: each can be made of the program as it is, and what the simulation says of it is read."""

import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from random import Random

import pytest

from simulation.mutants.__main__ import try_seeded
from simulation.mutants.copied_tree import CopiedTree, copied_tree
from simulation.mutants.line_changes import changes_of, draw
from simulation.mutants.mutant import Arena, Mutant
from simulation.mutants.reference import PAGE, page
from simulation.mutants.searching import search, search_changed
from simulation.mutants.seeded import SEEDED, by_name
from simulation.mutants.stranger import strange_changes
from tests.house.generated import require_current
from tests.house.sources import ROOT

# A simulation that looks at one line of the program only.
LOOKING = """
import sys
text = open("ledger/store/engine/commit_group.py").read()
if "if False and any(" in text:
    print("step 40 of 90")
    print("violation: seed=3 step=41 check=outcomes: c-7 was tried: after the stop.")
    sys.exit(1)
"""


def looking(_arena: Arena, _seed: int, _seconds: int) -> Sequence[str]:
    return (sys.executable, "-c", LOOKING)


QUICKLY_FOUND = (
    "head-committed-before-its-rows", "line-skipped-in-the-queue", "recorded-time-repeats",
    "snapshot-without-waiting-lines", "answered-to-the-wrong-caller", "delivered-before-sent",
)
"""Mutants that a few short episodes find; ``python -m simulation.mutants`` tries the others."""


def a_few_episodes(_arena: Arena, seed: int, _seconds: int) -> Sequence[str]:
    return (
        sys.executable, "-m", "simulation", "--unshrunken", "--seed", str(seed),
        "--episodes", "6", "--commands", "150",
    )


@pytest.fixture(scope="module")
def tree() -> Iterator[CopiedTree]:
    with copied_tree() as copied:
        yield copied


# ------------------------------------------------------------------ the list


def test_there_are_at_least_twenty_four_and_each_has_a_name_of_its_own() -> None:
    assert len({each.name for each in SEEDED}) == len(SEEDED) >= 24


@pytest.mark.parametrize("mutant", SEEDED, ids=lambda each: each.name)
def test_a_mutant_changes_one_place_and_is_still_a_program(mutant: Mutant) -> None:
    text = (ROOT / mutant.file).read_text(encoding="utf-8")
    changed = mutant.applied(text)
    assert changed != text
    compile(changed, mutant.file, "exec")
    assert mutant.breaks.endswith(".")


def test_a_mutant_of_a_program_that_has_changed_is_refused() -> None:
    with pytest.raises(ValueError, match="stop-ignored: its old text occurs 0 times"):
        by_name("stop-ignored").applied("something else")


def test_a_name_that_is_unknown_is_answered_with_those_that_are_known() -> None:
    with pytest.raises(LookupError, match="never-synced"):
        by_name("never-sunk")


def test_the_reference_is_current() -> None:
    require_current(PAGE, page())


# ------------------------------------------------------------------ the copy and the search


def test_what_runs_in_the_copy_imports_the_copy(tree: CopiedTree) -> None:
    tree.require_its_own()


def test_a_mutant_is_found_by_what_the_simulation_says_and_is_taken_back(tree: CopiedTree) -> None:
    mutant = by_name("stop-ignored")
    before = tree.read(mutant.file)
    found = search_changed(tree, mutant.file, mutant.applied(before), "sqlite", 60, looking)
    assert found[1:] == ("3", 41, "outcomes", "c-7 was tried: after the stop.")
    assert tree.read(mutant.file) == before
    assert not search(tree, "sqlite", 1, 60, looking).is_found


def test_what_is_found_without_the_mutant_too_is_no_merit_of_it(tree: CopiedTree) -> None:
    mutant = by_name("stop-ignored")
    text = mutant.applied(tree.read(mutant.file))
    with tree.changed(mutant.file, text), pytest.raises(RuntimeError, match="seed 3 finds: c-7"):
        search_changed(tree, mutant.file, text, "sqlite", 60, looking)


def test_a_simulation_that_breaks_down_has_found_something(tree: CopiedTree) -> None:
    found = search(tree, "sqlite", 1, 60, lambda *_: (sys.executable, "-c", "{}['gone']"))
    assert (found.check, found.said) == ("error", "KeyError: 'gone'")


def test_the_exit_status_says_whether_one_survived(capsys: pytest.CaptureFixture[str]) -> None:
    assert try_seeded(["stop-ignored"], 60, looking)
    assert "1 of 1 found." in capsys.readouterr().out
    assert not try_seeded(["stop-ignored", "never-synced"], 60, looking)
    said = capsys.readouterr().out
    assert "SURVIVED" in said
    assert "1 of 2 found. never-synced" in said


@pytest.mark.parametrize("name", QUICKLY_FOUND)
def test_a_few_episodes_find_it(tree: CopiedTree, name: str) -> None:
    mutant = by_name(name)
    with tree.changed(mutant.file, mutant.applied(tree.read(mutant.file))):
        found = search(tree, mutant.found_in, 1, 0, a_few_episodes)
    assert found.seed is not None, found
    assert found.step <= mutant.most_steps, found


# ------------------------------------------------------------------ a stranger's changes

SMALL = '''\
def pay(price, paid, limit):
    """Return 1 + 1."""
    if price < paid and not limit:
        refuse(price, paid)
    return paid - 1
'''


def test_a_stranger_makes_every_kind_of_mistake() -> None:
    made = {(each.kind, each.after.strip()) for each in changes_of("pay.py", SMALL)}
    assert made >= {
        ("negated", "if not (price < paid and not limit):"),
        ("comparison", "if price <= paid and not limit:"),
        ("and to or", "if price < paid or not limit:"),
        ("not dropped", "if price < paid and limit:"),
        ("swapped", "refuse(paid, price)"),
        ("dropped", "pass"),
        ("early return", "return"),
        ("number", "return paid - 2"),
        ("other name", "return price - 1"),
    }
    assert not [each for each in made if "Return" in each[1]]


def test_the_same_seed_makes_the_same_mistakes() -> None:
    one, same = (list(islice(draw({"pay.py": SMALL}, Random(7)), 9)) for _ in range(2))
    assert one == same
    assert one != list(islice(draw({"pay.py": SMALL}, Random(8)), 9))


def test_a_strangers_writer_can_still_be_imported(tree: CopiedTree) -> None:
    (change,) = strange_changes(tree, seed=1, count=1)
    assert change.after in change.as_diff()
