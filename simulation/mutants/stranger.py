"""A stranger's mistakes: random changes of one line in the writer, and whether they are found."""

from collections.abc import Iterator
from random import Random

from simulation.mutants.copied_tree import CopiedTree
from simulation.mutants.line_changes import WRITER, OneLineChange, draw
from simulation.mutants.searching import Command, Search, search_changed, simulation_command


def module_of(file: str) -> str:
    """Return the module that a file of the program is imported as.

    >>> module_of("ledger/store/engine/writer.py")
    'stocktrail.ledger.store.engine.writer'
    """
    return "stocktrail." + file.removesuffix(".py").replace("/", ".")


def strange_changes(tree: CopiedTree, seed: int, count: int) -> Iterator[OneLineChange]:
    """Yield different changes of the writer that can still be imported; the same for a seed."""
    drawn: set[OneLineChange] = set()
    texts = {file: tree.read(file) for pattern in WRITER for file in tree.files(pattern)}
    for change in draw(texts, Random(seed)):
        if len(drawn) == count:
            return
        if change in drawn:
            continue
        with tree.changed(change.file, change.applied(texts[change.file])):
            can_be_imported = tree.imports(module_of(change.file))
        if can_be_imported:
            drawn.add(change)
            yield change


def find_strange(
    tree: CopiedTree, seed: int, count: int, seconds: int, command: Command = simulation_command
) -> Iterator[tuple[OneLineChange, Search]]:
    """Yield the changes of a seed, each with what a simulation of it found within some time."""
    for change in strange_changes(tree, seed, count):
        text = change.applied(tree.read(change.file))
        yield change, search_changed(tree, change.file, text, "sqlite", seconds, command)
