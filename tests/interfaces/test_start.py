"""What a start takes: little beside the libraries themselves, and nothing that is not needed."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.interfaces.terminal import ROOT, Terminal

LIBRARIES = "import cyclopts, rich.console, pydantic.main, eventsourcing.application"
TIMES_THE_LIBRARIES = 2.4
"""0.5 s of CPU where the libraries take 0.21: the machine on which the bound was set."""
TRIES = 8


def cpu_seconds(words: list[str], folder: Path) -> float:
    """Measure the CPU time of Python with these words, in a process of its own."""
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, *words], check=True, env=environment, stdout=subprocess.DEVNULL,
        cwd=folder, timeout=60,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.parametrize(
    "words", [["--help"], ["stock", "WIDGET"], ["backorders", "--by", "customer"]], ids=" ".join
)
def test_it_starts_little_later_than_its_libraries(shop: Terminal, words: list[str]) -> None:
    shop.ask("stock")
    folder = shop.database.parent
    call = ["-m", "stocktrail", *words, "--database", shop.url]
    started = libraries = float("inf")
    for _ in range(TRIES):
        libraries = min(libraries, cpu_seconds(["-c", LIBRARIES], folder))
        started = min(started, cpu_seconds(call, folder))
        if started < TIMES_THE_LIBRARIES * libraries:
            break
    assert started < TIMES_THE_LIBRARIES * libraries


@pytest.mark.parametrize(
    ("words", "not_loaded"),
    [
        (
            ["--help"],
            [
                "pydantic", "eventsourcing", "stocktrail.commands", "stocktrail.projections",
                "stocktrail.interfaces.codes",
            ],
        ),
        (
            ["stock", "WIDGET", "--json"],
            ["rich", "stocktrail.commands.orders.place", "pydantic_settings"],
        ),
    ],
)
def test_what_is_not_needed_is_not_loaded(
    shop: Terminal, words: list[str], not_loaded: list[str]
) -> None:
    loaded = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "stocktrail", *words, "--database",
         shop.url],
        capture_output=True, text=True, check=True, timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ).stderr
    names = {line.rpartition("|")[2].strip() for line in loaded.splitlines()}
    assert names & set(not_loaded) == set()
