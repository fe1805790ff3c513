"""The image: linted, pinned, not root, asked by its own program how it is, without secrets."""

import re
import shlex
import subprocess
import tomllib
from fnmatch import fnmatch

import pytest

from stocktrail.interfaces.cli.listing import listing
from stocktrail.interfaces.service.setting_names import SETTING_NAMES
from tests.deploy import BIN, ROOT

CONTAINERFILE = ROOT / "Containerfile"
IGNORED = (ROOT / ".dockerignore").read_text().splitlines()


def instructions(name: str) -> list[str]:
    """Return what stands after each instruction of a name, with its lines joined."""
    joined = CONTAINERFILE.read_text().replace("\\\n", " ")
    return [line.split(maxsplit=1)[1] for line in joined.splitlines() if line.startswith(name)]


def settings() -> dict[str, str]:
    """Return the environment of the image."""
    return dict(pair.split("=", 1) for pair in shlex.split(instructions("ENV")[-1]))


def is_ignored(path: str) -> bool:
    """Return whether the build sees nothing of a file or folder."""
    parts = path.split("/")
    return any(
        fnmatch(name, pattern.removeprefix("**/"))
        for pattern in IGNORED if not pattern.startswith("#")
        for name in (path, parts[0], *(parts if pattern.startswith("**/") else ()))
    )


def test_a_linter_finds_nothing() -> None:
    linter = BIN / "hadolint"
    if not linter.exists():
        pytest.skip("hadolint is not to be had on this system")
    found = subprocess.run(
        [linter, "--no-color", CONTAINERFILE], capture_output=True, text=True, check=False
    )
    assert (found.stdout, found.returncode) == ("", 0)


def test_it_is_built_of_a_tagged_image_and_of_the_lock() -> None:
    [base] = instructions("ARG")
    assert re.fullmatch(r"PYTHON_IMAGE=python:3\.\d+-slim-\w+", base)
    assert instructions("FROM") == ["${PYTHON_IMAGE} AS build", "${PYTHON_IMAGE}"]
    syncs = re.findall(r"uv sync[^;&]*", "; ".join(instructions("RUN")))
    assert len(syncs) == 2
    assert all("--locked" in sync for sync in syncs)
    pinned = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["required-version"]
    assert pinned.startswith("=="), "the Containerfile reads it so"


def test_it_runs_as_nobody_in_particular_and_serves() -> None:
    assert instructions("USER") == ["10001:10001"]
    assert instructions("ENTRYPOINT") == ['["stocktrail"]']
    assert instructions("CMD") == ['["serve"]']
    assert instructions("VOLUME") == ['["/data"]']
    [health] = instructions("HEALTHCHECK")
    assert health.endswith('CMD ["stocktrail", "health"]')
    assert {"health", "serve"} <= listing()["Serve"].keys()


def test_its_settings_are_known() -> None:
    ours = {name: value for name, value in settings().items() if name.startswith("STOCKTRAIL_")}
    assert ours.keys() <= SETTING_NAMES
    assert ours["STOCKTRAIL_HTTP_PORT"] == instructions("EXPOSE")[0]
    assert ours["STOCKTRAIL_DATABASE_URL"].startswith("sqlite:////data/")


@pytest.mark.parametrize("path", [
    ".env", ".env.local", ".git", ".venv", "tests", "shop.db", "data/shop.db", "shop.db-wal",
    "signing.key", "keys/signing.key",
])
def test_no_secret_and_no_ledger_is_in_reach_of_the_build(path: str) -> None:
    assert is_ignored(path)


def test_all_that_the_wheel_is_made_of_is() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = [
        *wheel["only-include"], *wheel["force-include"], project["project"]["readme"],
        *project["project"]["license-files"], "pyproject.toml", "uv.lock",
        "hatch_build.py",
    ]
    assert [path for path in needed if is_ignored(path)] == []
