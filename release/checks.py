"""What is checked of the distributions before they are published."""

import json
import os
import sys
from pathlib import Path

from release.building import UV, Distributions, run
from release.commit import NotReleasable

_TOOLS = Path(sys.executable).parent


def check_metadata(built: Distributions, within: Path) -> None:
    """Raise an error where a registry would not take the files, or not show their description."""
    run(str(_TOOLS / "twine"), "check", "--strict", *map(str, built), within=within)


def check_contents(built: Distributions, tree: Path) -> None:
    """Raise an error where the wheel holds what it should not, or lacks what it should hold."""
    run(str(_TOOLS / "check-wheel-contents"), str(built.wheel), within=tree)


def check_types(built: Distributions, tree: Path, within: Path) -> None:
    """Raise an error where a name of the installed wheel has a type that checkers must guess."""
    environment = within / "installed"
    python = environment / "bin" / "python"
    needed = within / "needed.txt"
    needed.write_bytes(run(
        UV, "export", "--quiet", "--locked", "--no-dev", "--no-emit-project", within=tree
    ))
    run(UV, "venv", "--quiet", "--python", sys.executable, str(environment), within=within)
    install = (UV, "pip", "install", "--quiet", "--python", str(python))
    run(*install, "--requirements", str(needed), within=within)
    run(*install, "--no-deps", str(built.wheel), within=within)
    told = json.loads(run(
        sys.executable, "-c", _READ_TYPES, within=within,
        environment={"PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"},
    ))
    uncertain = uncertain_names(told)
    if uncertain:
        raise NotReleasable(
            f"{len(uncertain)} names have a type that a checker must guess, such as "
            f"{', '.join(uncertain[:5])}. Write it down where the name is first set."
        )


_READ_TYPES = """
import pyright, sys
ended = pyright.run(
    "--verifytypes", "stocktrail", "--ignoreexternal", "--outputjson", capture_output=True
)
sys.stdout.buffer.write(ended.stdout)
"""
"""Pyright ends with 1 where a type is not known: what it found is read instead."""


def uncertain_names(report: dict[str, object]) -> list[str]:
    """Return the names whose types are not known, from a report of ``pyright --verifytypes``."""
    found = report["typeCompleteness"]
    assert isinstance(found, dict)
    if not found["symbols"]:
        raise NotReleasable("pyright found no name in the installed wheel.")
    return [
        each["name"] for each in found["symbols"]
        if each["isExported"] and not (each["isTypeKnown"] and not each["isTypeAmbiguous"])
    ]
