"""The reference of the mutants, written from the list; ``make docs`` writes it."""

from simulation.mutants.copied_tree import ROOT
from simulation.mutants.mutant import Arena
from simulation.mutants.seeded import SEEDED

PAGE = ROOT / "docs" / "reference" / "mutants.md"

_FOUND_IN: dict[Arena, str] = {
    "sqlite": "episodes on SQLite",
    "postgresql": "episodes on PostgreSQL",
    "crash images": "images of the disk after a crash",
}
_INTRODUCTION = f"""\
# Mutants

Written from `simulation/mutants` by `make docs`; do not edit.

A simulation that finds nothing says something only if it finds what is there. These {len(SEEDED)}
mutants are faults that a maintainer might make: each is one change of the program, and each is
found by the simulation, from its first seed on, within the number of steps beside it.
`python -m simulation.mutants` tries them all, or those that are named, in a copy of the tree.

| Mutant | What is wrong then | Changed file | Found by | Within steps |
|---|---|---|---|---|
"""


def page() -> str:
    """Return the page: a row for each mutant."""
    return _INTRODUCTION + "".join(
        f"| `{each.name}` | {each.breaks} | `{each.file}` | {_FOUND_IN[each.found_in]} "
        f"| {each.most_steps:,} |\n"
        for each in SEEDED
    )


def write() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write()
