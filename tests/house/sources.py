"""The source files of the project, as the tests about the house read them."""

import ast
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
BESIDE_THE_PROGRAM = (
    "benchmarks", "examples", "fuzzing", "release", "simulation", "website",
)
"""The folders that measure, use, attack, describe and release the program: not installed."""

PACKAGES = (
    "ledger", "commands", "projections", "feeds", "interfaces", "stocktrail", *BESIDE_THE_PROGRAM,
)
"""The folders that hold the program, and those beside it."""


class Source(NamedTuple):
    """One Python file: where it stands below the root, and what is written in it."""

    path: Path
    text: str

    def tree(self) -> ast.Module:
        """Parse the file."""
        return ast.parse(self.text, str(self.path))

    def is_pure(self) -> bool:
        """Return whether the file belongs to the ledger without its store."""
        return self.path.parts[0] == "ledger" and self.path.parts[1] != "store"

    def __str__(self) -> str:
        return str(self.path)


def sources(*folders: str) -> list[Source]:
    """Read every Python file below these folders of the project, in a fixed order."""
    return [
        Source(path.relative_to(ROOT), path.read_text(encoding="utf-8"))
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]
