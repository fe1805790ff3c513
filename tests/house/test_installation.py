"""A fresh machine: any pip prepares a clone, and a wheel brings all that the demo needs.

What is installed comes from the caches that the installation of the clone itself has filled.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from shutil import copy2

import pytest

from tests.house.sources import ROOT

UV = Path(sys.executable).with_name("uv")
PIP_OF_PYTHON_3_11_0 = "pip==22.3"
"""The oldest that a supported Python brings; 3.11.7 brings 23.2.1."""

PATIENCE_SECONDS = 150

pytestmark = pytest.mark.timeout(2 * PATIENCE_SECONDS)


def typed(command: str, folder: Path) -> str:
    """Type a command in a folder, in the environment of somebody who has set nothing."""
    kept = {
        name: value for name, value in os.environ.items()
        if not name.startswith(("STOCKTRAIL_", "MAKE", "MFLAGS", "PYTHON", "VIRTUAL_ENV"))
    }
    ended = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=kept, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=PATIENCE_SECONDS,
    )
    assert ended.returncode == 0, f"{command}\n{ended.stdout}{ended.stderr}"
    return ended.stdout


def copy_of_the_clone(folder: Path) -> Path:
    """Copy what a clone holds: what git tracks, as it is here now, and what it would track."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            copy2(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a fresh clone, in which nothing was made yet."""
    return copy_of_the_clone(tmp_path_factory.mktemp("fresh") / "a clone")


def with_pip(clone: Path, pip: str) -> None:
    """Make the environment as an older Python would have, with the pip that it brings."""
    python = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
    typed(f"{shlex.quote(str(python))} -m venv --clear .venv", clone)
    if sys.version_info[:2] == (3, 11):           # an old pip does not run on a newer Python
        typed(f".venv/bin/python -m pip -qq install {pip}", clone)


def installed(clone: Path) -> set[str]:
    """Return what is installed in the environment of a clone."""
    listed = json.loads(typed(".venv/bin/uv pip list --quiet --format json", clone))
    return {each["name"] for each in listed}


def tools_of_tests() -> set[str]:
    """Return what only tests need."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = groups["dependency-groups"]["dev"]
    return {re.split(r"[^a-z0-9-]", each)[0] for each in needed}


def test_the_lock_is_what_pyproject_asks_for() -> None:
    typed(f"{shlex.quote(str(UV))} lock --check --offline", ROOT)


def test_the_lock_holds_hashes_and_versions_of_all_that_is_installed() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    for package in lock["package"]:
        if "editable" in package["source"]:
            continue
        files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        assert package["version"]
        assert files
        assert all(each["hash"].startswith("sha256:") for each in files), package["name"]


def test_make_demo_works_with_the_oldest_pip_and_installs_no_test_tool(clone: Path) -> None:
    with_pip(clone, PIP_OF_PYTHON_3_11_0)
    assert "What to try next" in typed("make demo", clone)
    assert (clone / "stocktrail-demo.db").is_file()
    assert installed(clone) & tools_of_tests() == set()
    typed("make .venv/ready-to-test", clone)      # what `make test` asks for first
    assert installed(clone) >= tools_of_tests()
    typed("touch uv.lock && make .venv/ready", clone)
    assert installed(clone) >= tools_of_tests()       # the demo takes nothing away again


def test_make_demo_works_after_make_test(clone: Path) -> None:
    typed(
        "rm -f .venv/ready .venv/ready-to-test && "
        "make .venv/bin/uv && .venv/bin/uv pip uninstall --quiet stocktrail pydantic pytest", clone,
    )
    typed("make .venv/ready-to-test", clone)
    typed("make --question .venv/ready", clone)   # there is nothing left to be done for the demo
    assert typed(".venv/bin/stocktrail --version", clone).strip()


# ------------------------------------------------------------------ a wheel


@pytest.fixture(scope="module")
def program(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install a wheel into an empty environment, and give its ``stocktrail``."""
    folder, uv = tmp_path_factory.mktemp("wheel"), shlex.quote(str(UV))
    typed(f"{uv} build --quiet --wheel --out-dir {shlex.quote(str(folder))}", clone)
    typed(
        f"{uv} export --quiet --locked --no-dev --no-emit-project > {folder}/requirements.txt",
        clone,
    )
    typed(
        f"{uv} venv --quiet --python {sys.executable} here && "
        f"{uv} pip install --quiet --python here/bin/python -r requirements.txt && "
        f"{uv} pip install --quiet --python here/bin/python --no-deps *.whl",
        folder,
    )
    return folder / "here" / "bin" / "stocktrail"


def next_steps(told: str) -> Iterator[str]:
    """Find what a demo says one could type next."""
    for line in told.partition("What to try next")[2].splitlines():
        if line.startswith("  ") and not line.startswith("   "):
            yield line.strip()


def test_in_a_wheel_the_demo_works_in_an_empty_folder_and_what_it_names_next_works_too(
    program: Path, tmp_path: Path
) -> None:
    told = typed(f"{program} demo", tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["stocktrail-demo.db"]
    steps = list(next_steps(told))
    assert len(steps) >= 10
    for step in steps:
        assert typed(step, tmp_path)


def test_a_wheel_holds_the_examples_of_the_clone(program: Path) -> None:
    (folder,) = program.parents[1].glob("lib/*/site-packages/interfaces/cli/examples")
    held = {each.name for each in folder.iterdir()}
    assert held >= {each.name for each in (ROOT / "examples").glob("*.jsonl")}
    for name in held:
        assert (folder / name).read_bytes() == (ROOT / "examples" / name).read_bytes()
