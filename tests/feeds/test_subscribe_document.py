"""What the document about subscribing shows is typed against a real server, and comes back."""

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.feeds.serving import serving
from tests.house.console import blocks
from tests.house.test_examples import environment, run
from tests.interfaces.terminal import ROOT

DOCUMENT = (ROOT / "docs" / "how-to" / "subscribe.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:8000"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder in which everything is typed."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    return tmp_path


def test_everything_in_the_document_happens(folder: Path) -> None:
    setup, *_ = (block for block in blocks(DOCUMENT) if block.runs)
    for example in setup.examples:
        assert run(example, folder) is None
    with serving(f"sqlite:///{folder / 'stocktrail.db'}") as server:
        address = server.url.removesuffix("/events")
        typed = 0
        for block in blocks(DOCUMENT.replace("```shell", "```console")):
            for example in block.examples:
                if block.line == setup.line:
                    continue
                command = example.command.replace(ADDRESS, address).replace(
                    "shipped_units.py", f"shipped_units.py --url {server.url}"
                )
                wrong = run(example._replace(command=command), folder)
                assert wrong is None, wrong
                typed += 1
        assert typed == 5
        [program] = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
        for _ in range(2):
            subprocess.run(
                [sys.executable, "-c", program.replace(ADDRESS, address)], cwd=folder, check=True,
                env={**environment(), "PYTHONPATH": os.environ["PYTHONPATH"]}, timeout=60,
            )
    with closing(sqlite3.connect(folder / "mine.db")) as own:
        assert own.execute("SELECT name FROM placed").fetchall() == [("SO-1",)]
