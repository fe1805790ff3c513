"""What the documents show is typed into a shell or run by Python, and the same comes back."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.console import Block, Example, Program, agrees, blocks, examples, programs
from tests.house.sources import ROOT

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
REFUSALS = {3, 4}
"""Exit statuses that an example may end with, if it shows what was refused."""


def environment() -> dict[str, str]:
    """Return the environment of a reader: no settings, no colours, 100 columns, our own script."""
    kept = {name: value for name, value in os.environ.items() if "STOCKTRAIL" not in name}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', os.defpath)}"
    plain = {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "100", "LC_ALL": "C.UTF-8"}
    return kept | plain | {"PATH": path}


def run(example: Example, directory: Path) -> str | None:
    """Type the command of an example; say what is wrong, or nothing when the document is right."""
    ended = subprocess.run(
        ["sh", "-c", example.command],
        cwd=directory,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    expected = {0} | (REFUSALS if example.output else set())
    agreed = not example.output or agrees(example.output, ended.stdout)
    if agreed and ended.returncode in expected:
        return None
    return (
        f"line {example.line}: $ {example.command}\n"
        f"ended with {ended.returncode}, and came back:\n{ended.stdout}\n"
        f"where the document shows:\n{example.output}"
    )


def typed(shown: Block | Program, directory: Path) -> Iterator[Example]:
    """Return what is typed for a block: its commands, or what runs a program without a name."""
    if isinstance(shown, Block):
        yield from shown.examples if shown.runs else ()
        return
    name = shown.name or f"line_{shown.line}.py"
    (directory / name).write_text(shown.text, encoding="utf-8")
    if shown.name is None:
        yield Example(shown.line, f"python {name}", "")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_shows_what_really_happens(document: Path, tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    for shown in examples(document.read_text(encoding="utf-8")):
        for example in typed(shown, tmp_path):
            assert run(example, tmp_path) is None


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_program_that_is_saved_is_run_further_down(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    commands = [
        (example.line, example.command) for block in blocks(text) for example in block.examples
    ]
    assert [
        program.name for program in programs(text) if program.name is not None and not any(
            line > program.line and program.name in command for line, command in commands
        )
    ] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_what_builds_a_clone_is_not_run(document: Path) -> None:
    found = [
        f"line {block.line}"
        for block in blocks(document.read_text(encoding="utf-8"))
        if block.runs == block.needs_a_clone
    ]
    assert found == []


def test_the_readme_has_examples_that_run() -> None:
    assert any(block.runs for block in blocks((ROOT / "README.md").read_text(encoding="utf-8")))
