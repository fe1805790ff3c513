"""Passes over the units of one figure, in a process of its own that somebody counts.

Run as ``python -m benchmarks.performance.passes WAY NAME FOLDER PASSES``, the folder holding the
shop. ``counted`` only does the passes. ``timed`` does one over the bare rows before each, because
others on the machine disturb both alike, and prints the seconds of processor time of both.
"""

import json
import sys
from pathlib import Path
from time import process_time

from benchmarks.performance.figures import BARE_ROW, FIGURES, Figure, Work
from benchmarks.workload import as_the_command_line_runs


def figure(name: str) -> Figure:
    """Return a figure by its name."""
    return next(each for each in (BARE_ROW, *FIGURES) if each.name == name)


def seconds(work: Work) -> float:
    """Return the processor time of one pass."""
    began = process_time()
    work()
    return process_time() - began


def main(way: str, name: str, folder: Path, passes: int) -> None:
    """Do the passes; the first also makes what is made once."""
    with as_the_command_line_runs():
        work = figure(name).prepare(folder)
        if way == "counted":
            for _ in range(passes):
                work()
            return
        bare = BARE_ROW.prepare(folder)
        print(json.dumps([(seconds(bare), seconds(work)) for _ in range(passes)]))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
