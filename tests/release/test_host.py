"""What a public host reads in ``.github`` is what it may read there, and runs what runs here."""

import json
import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validators
from ruamel.yaml import YAML

from tests.house.sources import ROOT

HOST = ROOT / ".github"
WORKFLOWS = sorted((HOST / "workflows").glob("*.yml"))
KINDS = {
    **dict.fromkeys(WORKFLOWS, "github-workflows"),
    **dict.fromkeys(sorted((HOST / "ISSUE_TEMPLATE").glob("*.yml")), "github-issue-forms"),
    HOST / "ISSUE_TEMPLATE/config.yml": "github-issue-config",
    HOST / "dependabot.yml": "dependabot",
}
MADE_BY_THE_HOST = re.compile(r"git config --global --add safe\.directory|test -f \"dist/")


def read(path: Path) -> Any:
    """Read YAML as the host does."""
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def steps(workflow: Path) -> list[dict[str, Any]]:
    """Return the steps of all jobs of a workflow."""
    return [step for job in read(workflow)["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", KINDS, ids=lambda path: path.name)
def test_a_file_is_of_the_form_that_the_host_reads(path: Path) -> None:
    vendored = files("check_jsonschema").joinpath("builtin_schemas/vendor")
    schema = json.loads(vendored.joinpath(f"{KINDS[path]}.json").read_text(encoding="utf-8"))
    found = [*validators.validator_for(schema)(schema).iter_errors(read(path))]
    assert [f"{error.json_path}: {error.message}" for error in found] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_runs_the_scripts_that_run_here_and_nothing_else(path: Path) -> None:
    run = [step["run"] for step in steps(path) if "run" in step]
    scripts = [line for line in run if not MADE_BY_THE_HOST.match(line)]
    assert scripts
    for script in scripts:
        assert script.startswith(".ci/")
        assert (ROOT / script).stat().st_mode & 0o111, f"{script} cannot be executed"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_an_action_is_pinned_by_its_commit_and_a_job_may_only_read(path: Path) -> None:
    assert read(path)["permissions"] == {"contents": "read"}
    for step in steps(path):
        if "uses" in step:
            assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"])


def test_every_python_that_is_said_to_be_supported_is_run() -> None:
    said = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(said["classifiers"]))
    run = read(HOST / "workflows/ci.yml")["jobs"]["debian"]["strategy"]["matrix"]["python"]
    assert run == named
    assert said["requires-python"] == f">={run[0]}"


def test_every_postgresql_that_is_said_to_be_supported_is_run() -> None:
    page = (ROOT / "docs/stability.md").read_text(encoding="utf-8")
    [(first, last)] = re.findall(r"\| PostgreSQL \| (\d+) to (\d+) \|", page)
    job = read(HOST / "workflows/ci.yml")["jobs"]["postgresql"]
    assert job["strategy"]["matrix"]["postgresql"] == [*range(int(first), int(last) + 1)]
