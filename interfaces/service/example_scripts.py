"""The example scripts: in ``examples/`` of a clone, in the package where a wheel was installed."""

import shlex
from pathlib import Path

_IN_THE_PACKAGE = Path(__file__).with_name("examples")
_IN_A_CLONE = Path(__file__).resolve().parents[2] / "examples"

EXAMPLES = _IN_THE_PACKAGE if _IN_THE_PACKAGE.is_dir() else _IN_A_CLONE
"""The folder that holds them; the wheel takes its files from ``examples/`` (pyproject.toml)."""


def example(name: str) -> str:
    """Return what to type for an example script, from the folder one is in."""
    path = EXAMPLES / name
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))
