"""The comparison of a run with the last one that was accepted.

A figure that takes a tenth more than accepted is warned of, one that takes a quarter more fails.
Only ratios are compared, and only with a run that was counted in the same way. A run of another
machine, or of another version of Python, is compared where there is none of this one, and nothing
fails by it: other builds of Python take other instructions for the same work.
"""

from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple

from benchmarks.performance.run_line import RunLine

WARNS_AT, FAILS_AT = 0.10, 0.25
"""By how much a figure may grow before it is warned of, and before it fails."""


class FigureVerdict(IntEnum):
    """What is to be thought of a figure, from good to bad."""

    HOLDS = 0
    FASTER = 1
    NEW = 2
    WARNS = 3
    FAILS = 4


class ComparedFigure(NamedTuple):
    """A figure, its ratio now and as accepted, and the verdict."""

    name: str
    now: float | None
    accepted: float | None
    verdict: FigureVerdict

    @property
    def change(self) -> float:
        """By which share it has grown."""
        return self.now / self.accepted - 1 if self.now and self.accepted else 0.0

    def sentence(self) -> str:
        """Return what there is to say, with the command that measures it again."""
        if self.now is None:
            return f"{self.name}: accepted at {self.accepted:.2f}, and not measured any more."
        if self.accepted is None:
            return f"{self.name}: {self.now:.2f}, measured for the first time."
        told = f"{self.name}: {self.now:.2f}, accepted {self.accepted:.2f} ({self.change:+.1%})"
        if self.verdict in (FigureVerdict.HOLDS, FigureVerdict.FASTER):
            return f"{told}."
        return f"{told}. Measure it again with `python -m benchmarks.performance \"{self.name}\"`."


def accepted_for(run: RunLine, accepted: Sequence[RunLine]) -> RunLine | None:
    """Return the last accepted run to compare with; of this machine if there is one."""
    counted = [each for each in accepted if each.way == run.way]
    here = [each for each in counted if is_comparable(run, each)]
    return next(reversed(here or counted), None)


def is_comparable(run: RunLine, accepted: RunLine) -> bool:
    """Return whether two runs are of one kind of machine and one version of Python."""
    return _build(run) == _build(accepted)


def _build(run: RunLine) -> tuple[str, list[str]]:
    return run.machine, run.python.split(".")[:2]


def compare(
    run: RunLine, accepted: RunLine, *, is_whole: bool = True
) -> Iterator[ComparedFigure]:
    """Yield every figure of both runs; one that a whole run lacks fails."""
    fails = FigureVerdict.FAILS if is_comparable(run, accepted) else FigureVerdict.WARNS
    for name, found in run.figures.items():
        before = accepted.figures.get(name)
        if before is None:
            yield ComparedFigure(name, found.ratio, None, FigureVerdict.NEW)
            continue
        change = found.ratio / before.ratio - 1
        verdict = (
            fails if change > FAILS_AT else FigureVerdict.WARNS if change > WARNS_AT
            else FigureVerdict.FASTER if change < -WARNS_AT else FigureVerdict.HOLDS
        )
        yield ComparedFigure(name, found.ratio, before.ratio, verdict)
    for name, before in accepted.figures.items():
        if is_whole and name not in run.figures:
            yield ComparedFigure(name, None, before.ratio, fails)
