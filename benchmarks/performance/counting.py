"""Counting what a unit of each figure takes: in instructions, or else in processor time.

Valgrind counts instructions, which no load of the machine changes: a process that does two passes
takes so many more than one that does one. Where there is no valgrind, processor time is taken in
turns with the bare rows, and of the ratios the median; that is disturbed by others all the same.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple

from benchmarks.performance.figures import BARE_ROW, SHOP, Figure, write_shop

Way = Literal["instructions", "processor time"]

PASSES = 15
"""Passes by processor time, after the first."""

_CACHEGRIND = (
    "valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"
)
_INSTRUCTIONS = re.compile(r"I\s+refs:\s+([\d,]+)")


class Measurement(NamedTuple):
    """What a unit takes, in instructions or microseconds, and how many bare rows take as much."""

    each: float
    ratio: float


def way_here() -> Way:
    """Return in what this machine can count."""
    return "processor time" if shutil.which("valgrind") is None else "instructions"


def measure(figures: Sequence[Figure], way: Way) -> Iterator[tuple[Figure, Measurement]]:
    """Yield each figure with what was measured, as soon as it is known."""
    with TemporaryDirectory(prefix="stocktrail-performance-") as name:
        folder = Path(name)
        write_shop(folder)
        if way == "processor time":
            for figure in figures:
                yield figure, _timed(figure, folder)
            return
        bare = _counted(BARE_ROW, folder)
        for figure in figures:
            each = _counted(figure, folder)
            yield figure, Measurement(each, each / bare)


def _counted(figure: Figure, folder: Path) -> float:
    once, twice = (_instructions(figure, folder, passes) for passes in (1, 2))
    return (twice - once) / figure.units


def _instructions(figure: Figure, folder: Path, passes: int) -> int:
    said = _run(_CACHEGRIND, "counted", figure, folder, passes).stderr
    found = _INSTRUCTIONS.search(said)
    if found is None:
        raise SystemExit(f"valgrind counted nothing for {figure.name}:\n{said}")
    return int(found[1].replace(",", ""))


def _timed(figure: Figure, folder: Path) -> Measurement:
    """Return the medians of the passes after the first, which also makes what is made once."""
    _, *passes = json.loads(_run((), "timed", figure, folder, PASSES + 1).stdout)
    each = [seconds / figure.units for _, seconds in passes]
    ratios = [
        one / (bare / BARE_ROW.units) for one, (bare, _) in zip(each, passes, strict=True)
    ]
    return Measurement(median(each) * 1e6, median(ratios))


def _run(
    under: Sequence[str], way: str, figure: Figure, folder: Path, passes: int
) -> subprocess.CompletedProcess[str]:
    """Run the passes on a copy of the shop."""
    with _copy(folder) as copy:
        command = [
            *under, sys.executable, "-m", "benchmarks.performance.passes", way, figure.name,
            str(copy), str(passes),
        ]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONHASHSEED": "0"},
        )
    if done.returncode:
        raise SystemExit(f"{figure.name} could not be measured:\n{done.stderr}")
    return done


@contextmanager
def _copy(folder: Path) -> Iterator[Path]:
    with TemporaryDirectory(dir=folder) as name:
        shutil.copyfile(folder / SHOP, Path(name) / SHOP)
        yield Path(name)
