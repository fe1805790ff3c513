"""A fresh machine: any pip prepares a clone, and a wheel brings all that the demo needs.

What is installed comes from the caches that the installation of the clone itself has filled.
"""

import fcntl
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from shutil import copy2
from typing import NamedTuple

import pytest

import stocktrail
from tests.house.console import programs
from tests.house.sources import BESIDE_THE_PROGRAM, PACKAGES, ROOT, sources

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
        if (ROOT / name).is_file() or (ROOT / name).is_symlink():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            copy2(ROOT / name, folder / name, follow_symlinks=False)
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
    needed = [*groups["dependency-groups"]["dev"], *groups["dependency-groups"]["docs"]]
    return {re.split(r"[^a-z0-9-]", each)[0] for each in needed if isinstance(each, str)}


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


class Built(NamedTuple):
    """The distributions of a clone, and an empty environment with the wheel of the sdist."""

    wheel_of_sdist: Path
    wheel_of_clone: Path
    environment: Path

    @property
    def python(self) -> Path:
        """The interpreter of the environment."""
        return self.environment / "bin" / "python"

    @property
    def packages(self) -> Path:
        """Where the environment keeps what is installed."""
        (found,) = self.environment.glob("lib/*/site-packages")
        return found


@pytest.fixture(scope="module")
def built(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return what was built of the clone, once for all workers of a test run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "wheels"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            build(clone, folder)
            (folder / "complete").touch()
    (of_sdist,), (of_clone,) = folder.glob("of-sdist/*.whl"), folder.glob("of-clone/*.whl")
    return Built(of_sdist, of_clone, folder / "here")


def build(clone: Path, folder: Path) -> None:
    """Build both wheels into a folder, and install the one of the sdist there.

    A page stands for the documents that `make docs-site` builds.
    """
    (clone / "build/site").mkdir(parents=True)
    (clone / "build/site/index.html").write_text("<p>The documents</p>", encoding="utf-8")
    uv, to = shlex.quote(str(UV)), shlex.quote(str(folder))
    typed(
        f"{uv} build --quiet --out-dir {to}/of-sdist && "
        f"{uv} build --quiet --wheel --out-dir {to}/of-clone && "
        f"{uv} export --quiet --locked --no-dev --no-emit-project > {to}/requirements.txt",
        clone,
    )
    typed(
        f"{uv} venv --quiet --python {sys.executable} here && "
        f"{uv} pip install --quiet --python here/bin/python -r requirements.txt && "
        f"{uv} pip install --quiet --python here/bin/python --no-deps of-sdist/*.whl",
        folder,
    )


def next_steps(told: str) -> Iterator[str]:
    """Find what a demo says one could type next."""
    for line in told.partition("What to try next")[2].splitlines():
        if line.startswith("  ") and not line.startswith("   "):
            yield line.strip()


def test_in_a_wheel_the_demo_works_in_an_empty_folder_and_what_it_names_next_works_too(
    built: Built, tmp_path: Path
) -> None:
    told = typed(f"{built.python.with_name('stocktrail')} demo", tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["stocktrail-demo.db"]
    steps = list(next_steps(told))
    assert len(steps) >= 10
    for step in steps:
        assert typed(step, tmp_path)


def contents(wheel: Path) -> dict[str, bytes]:
    """Read every file of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_wheel_of_the_clone_and_one_of_its_sdist_hold_the_same_files(built: Built) -> None:
    assert contents(built.wheel_of_clone) == contents(built.wheel_of_sdist)


def test_a_wheel_puts_nothing_but_stocktrail_at_the_top(built: Built) -> None:
    held = contents(built.wheel_of_sdist)
    tops = {name.partition("/")[0] for name in held}
    assert tops == {"stocktrail", f"stocktrail-{stocktrail.__version__}.dist-info"}


def test_a_wheel_holds_every_module_of_the_clone_and_says_that_it_is_typed(built: Built) -> None:
    held = set(contents(built.wheel_of_sdist))
    modules = {
        str(source.path) if source.path.parts[0] == "stocktrail" else f"stocktrail/{source}"
        for source in sources(*PACKAGES) if source.path.parts[0] not in BESIDE_THE_PROGRAM
    }
    assert modules - held == set()
    assert "stocktrail/py.typed" in held


def test_a_wheel_holds_the_examples_of_the_clone(built: Built) -> None:
    folder = built.packages / "stocktrail/interfaces/service/examples"
    held = {each.name for each in folder.iterdir()}
    assert held >= {each.name for each in (ROOT / "examples").glob("*.jsonl")}
    for name in held:
        assert (folder / name).read_bytes() == (ROOT / "examples" / name).read_bytes()


def test_a_wheel_holds_the_documents_that_were_built_and_finds_them(
    built: Built, tmp_path: Path
) -> None:
    assert "stocktrail/documents/index.html" in contents(built.wheel_of_sdist)
    where = typed(f"{built.python} -m stocktrail docs --where", tmp_path)
    assert Path(where.strip()) == built.packages / "stocktrail/documents"


# ------------------------------------------------------------------ an application that embeds it

APPLICATION = {
    "commands/__init__.py": "NAME = 'the commands of the application'\n",
    "ledger.py": "NAME = 'the ledger of the application'\n",
    "interfaces.py": "NAME = 'the interfaces of the application'\n",
    "main.py": """
from datetime import date

import commands
import interfaces
import ledger
import stocktrail
from stocktrail.commands import NewLine, PlaceOrder, ReceiveStock, RegisterProduct
from stocktrail.ledger.stock.events import StockReserved


def place(shop: stocktrail.Shop) -> str:
    order = PlaceOrder(
        order="SO-1", customer="ANNA",
        lines=[NewLine(sku="LAMP", quantity=2, requested_date=date(2031, 3, 5))],
    )
    result = shop.submit(order, id="c-3", actor="checkout").raise_for_status()
    reserved = [e.payload for e in result.recorded if isinstance(e.payload, StockReserved)]
    return f"{result.status} {result.position} {reserved[0].order}"


def main() -> None:
    with stocktrail.open("sqlite:///shop.db") as shop:
        results = shop.submit(
            [RegisterProduct(sku="LAMP", id="c-1"), ReceiveStock(sku="LAMP", quantity=3, id="c-2")]
        )
        print(*(each.status for each in results))
        print(place(shop))
    print(commands.NAME, ledger.NAME, interfaces.NAME, sep=", ")


if __name__ == "__main__":
    main()
""",
}


@pytest.fixture
def application(tmp_path: Path) -> Path:
    """Write an application that has modules of its own by the names of our folders."""
    for name, text in APPLICATION.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_it_lives_beside_modules_of_an_application_that_are_named_like_its_folders(
    built: Built, application: Path
) -> None:
    assert typed(f"{built.python} main.py", application).splitlines() == [
        "accepted accepted",
        "accepted 4 SO-1",
        "the commands of the application, the ledger of the application, "
        "the interfaces of the application",
    ]


def test_a_type_checker_without_plugins_understands_what_an_application_does_with_it(
    built: Built, application: Path
) -> None:
    for document in ("README.md", "docs/how-to/embed.md"):
        for shown in programs((ROOT / document).read_text(encoding="utf-8")):
            name = shown.name or f"line_{shown.line}.py"
            if not name.startswith("test_"):                # pytest is not what it embeds
                (application / name).write_text(shown.text, encoding="utf-8")
    mypy = Path(sys.executable).with_name("mypy")
    strictly = f"{mypy} --strict --config-file= --cache-dir {application}/cache"
    told = typed(f"{strictly} --python-executable {built.python} *.py", application)
    checked = len(list(application.glob("*.py")))
    assert checked > len(APPLICATION)
    assert f"no issues found in {checked} source files" in told


def test_our_folders_are_not_imported_by_their_bare_names(tmp_path: Path) -> None:
    module = tmp_path / "bare.py"
    module.write_text("import ledger\nfrom commands.model import Command\n", encoding="utf-8")
    ruff = Path(sys.executable).with_name("ruff")
    ended = subprocess.run(
        [ruff, "check", "--config", ROOT / "pyproject.toml", "--select", "TID251", module],
        capture_output=True, text=True,
    )
    assert ended.stdout.count("TID251") == 2
