"""Put mutants into a copy of the program, and see whether the simulation finds them.

``python -m simulation.mutants [NAME ...]`` tries seeded mutants, all of them by default;
``python -m simulation.mutants stranger --seed 1`` tries random changes of one line in the writer.
The exit status is 1 when one survives.
"""

import argparse
import sys
from collections.abc import Sequence

from simulation.mutants.copied_tree import copied_tree
from simulation.mutants.found_table import HEADING, line_of
from simulation.mutants.searching import Command, search_changed, simulation_command
from simulation.mutants.seeded import SEEDED, by_name
from simulation.mutants.stranger import find_strange


def try_seeded(names: Sequence[str], seconds: int, command: Command = simulation_command) -> bool:
    """Try seeded mutants, print a table, and return whether each was found in time."""
    mutants = [by_name(name) for name in names] or SEEDED
    missed = []
    print(HEADING, flush=True)
    with copied_tree() as tree:
        tree.require_its_own()
        for mutant in mutants:
            text = mutant.applied(tree.read(mutant.file))
            searched = search_changed(tree, mutant.file, text, mutant.found_in, seconds, command)
            print(line_of(mutant.name, searched, mutant.most_steps), flush=True)
            if not searched.is_found or searched.step > mutant.most_steps:
                missed.append(mutant.name)
    print(f"{len(mutants) - len(missed)} of {len(mutants)} found.", *missed)
    return not missed


def try_strange(
    seed: int, count: int, seconds: int, command: Command = simulation_command
) -> bool:
    """Try random changes, print each with what was found, and return whether all were found."""
    survivors = []
    with copied_tree() as tree:
        tree.require_its_own()
        for change, searched in find_strange(tree, seed, count, seconds, command):
            print(change.as_diff())
            print(line_of("", searched).strip(), "\n", flush=True)
            if not searched.is_found:
                survivors.append(change)
    print(f"{count - len(survivors)} of {count} found.")
    for change in survivors:
        print("\nsurvived: " + change.as_diff())
    return not survivors


def main(arguments: Sequence[str]) -> int:
    """Run what the arguments ask for, and return the exit status."""
    parser = argparse.ArgumentParser("python -m simulation.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", help="mutants, or the word stranger; all by default")
    parser.add_argument("--seconds", type=int, help="the most time for each (120, stranger: 600)")
    parser.add_argument("--seed", type=int, default=1, help="of a stranger's changes")
    parser.add_argument("--count", type=int, default=10, help="how many of a stranger's changes")
    asked = parser.parse_args(arguments)
    if asked.names == ["stranger"]:
        return int(not try_strange(asked.seed, asked.count, asked.seconds or 600))
    return int(not try_seeded(asked.names, asked.seconds or 120))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
