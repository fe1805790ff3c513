"""Measure the fixed figures and compare them: ``python -m benchmarks.performance [FIGURE ...]``.

Each figure is what a unit takes as a multiple of a bare row, inserted by the same run. Of a growth
by a tenth it warns, by a quarter it ends with 1. ``--accept`` appends the run to
``benchmarks/accepted.jsonl`` instead; ``--json`` prints the line of the run.
"""

import argparse
import sys
from collections.abc import Sequence

from benchmarks.performance.comparison import (
    ComparedFigure,
    FigureVerdict,
    accepted_for,
    compare,
    is_comparable,
)
from benchmarks.performance.counting import Measurement, Way, measure, way_here
from benchmarks.performance.figures import FIGURES
from benchmarks.performance.run_line import RunLine, accept, accepted_runs, this_run

_UNITS = {"instructions": "instructions", "processor time": "us"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and compare, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.performance", description=__doc__)
    names = [figure.name for figure in FIGURES]
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=", ".join(names))
    parser.add_argument("--accept", action="store_true", help="accept what was measured")
    parser.add_argument("--json", action="store_true", help="print the line of the run")
    parser.add_argument(
        "--processor-time", action="store_true", help="a minute of that, though there is valgrind"
    )
    given = parser.parse_args(arguments)
    if unknown := {*given.figures} - {*names}:
        parser.error(f"there is no figure {min(unknown)!r}; they are {', '.join(names)}")
    if given.accept and given.figures:
        parser.error("a run is accepted as a whole: name no figures")
    way: Way = "processor time" if given.processor_time else way_here()
    run = _measured(given.figures or names, way)
    if given.json:
        print(run.as_json())
    if given.accept:
        accept(run)
        print("Accepted.")
        return 0
    return judge(run, accepted_runs(), is_whole=not given.figures)


def _measured(names: Sequence[str], way: Way) -> RunLine:
    found = dict[str, Measurement]()
    if way_here() != "instructions":
        print("There is no valgrind here (on Debian: apt-get install valgrind): processor time is "
              "taken instead, which other programs disturb.", file=sys.stderr)
    for figure, measured in measure([each for each in FIGURES if each.name in names], way):
        found[figure.name] = measured
        print(f"{figure.name:20}{measured.ratio:9.2f} bare rows   {measured.each:14,.1f} "
              f"{_UNITS[way]} a unit: {figure.unit}", file=sys.stderr, flush=True)
    return this_run(way, found.items())


def judge(run: RunLine, accepted: Sequence[RunLine], *, is_whole: bool) -> int:
    """Print how a run compares with what was accepted, and return the exit status."""
    before = accepted_for(run, accepted)
    if before is None:
        print(f"No run counted in {run.way} was accepted yet: `make performance ACCEPT=yes`.")
        return 0
    print(f"Compared with commit {before.commit} of {before.date}.")
    if not is_comparable(run, before):
        print(
            f"That was another machine or Python ({before.machine}, {before.python}; here "
            f"{run.machine}, {run.python}): nothing fails by it."
        )
    compared = list(compare(run, before, is_whole=is_whole))
    for each in compared:
        print(f"{_word(each)} {each.sentence()}")
    return 1 if any(each.verdict is FigureVerdict.FAILS for each in compared) else 0


def _word(each: ComparedFigure) -> str:
    return f"{each.verdict.name.lower():7}"


if __name__ == "__main__":
    sys.exit(main())
