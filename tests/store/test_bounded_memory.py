"""A script of any length runs in bounded memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.store.conftest import ROOT

ROWS = 6_000
CAPACITY = 1_500
"""Aggregates that stay resident, far fewer than the script names."""

BOUND_MIB = 2
"""How much memory may grow over the second half of the script: less than 1 KiB a row."""


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_memory_does_not_grow_with_the_script(tmp_path: Path, options: list[str]) -> None:
    url = f"sqlite:///{tmp_path / 'long.db'}"
    measured = subprocess.run(
        [sys.executable, "-m", "tests.store.long_script", url, str(ROWS), str(CAPACITY), *options],
        cwd=ROOT, capture_output=True, check=True,
    )
    found = json.loads(measured.stdout)
    print(found)
    assert found["counted"] == {"accepted": ROWS}
    _, half, _, last = found["peaks"]
    assert last - half < BOUND_MIB
