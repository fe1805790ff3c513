"""Targets: the readers under attack, each a module of :mod:`fuzzing.targets` with a function.

``target(data)`` lets the readers read an input, and raises only where they broke their word. Beside
it a module may say which ``WORDS`` its readers understand, ``MOST_BYTES`` of an input, and write
``seeds()``: inputs to begin with.
"""

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import NamedTuple

from fuzzing import targets

MOST_BYTES = 4096
"""How long an input is at most, where a target says nothing else."""

FOLDER = Path(__file__).parent
CORPORA, FOUND = FOLDER / "corpora", FOLDER / "found"
"""Where the inputs that are kept are, and those that made a target fail."""


class FuzzTarget(NamedTuple):
    """A reader under attack, and what a fuzzer is told about it."""

    name: str
    read: Callable[[bytes], None]
    words: tuple[bytes, ...]
    most_bytes: int
    seeds: Callable[[], Iterable[bytes]]

    def inputs(self) -> Iterator[tuple[str, bytes]]:
        """Yield the inputs to begin with and those that are kept, each with its name."""
        for number, seed in enumerate(self.seeds(), 1):
            yield f"seed {number}", seed
        for path in kept_inputs(self.name):
            yield path.name, path.read_bytes()


def names() -> list[str]:
    """Return the names of all targets.

    >>> "json_lines" in names()
    True
    """
    return sorted(module.name for module in iter_modules(targets.__path__))


def load(name: str) -> FuzzTarget:
    """Return a target by its name."""
    module = import_module(f"fuzzing.targets.{name}")
    return FuzzTarget(
        name, module.target, getattr(module, "WORDS", ()),
        getattr(module, "MOST_BYTES", MOST_BYTES), getattr(module, "seeds", tuple),
    )


def kept_inputs(name: str) -> list[Path]:
    """Return the files of the inputs that are kept for a target, in a fixed order."""
    return sorted(path for path in (CORPORA / name).glob("*") if path.is_file())
