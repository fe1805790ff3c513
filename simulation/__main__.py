"""Simulate a shop's days under faults, and find what must never be.

``python -m simulation --seed 1 --episodes 100`` or ``--minutes 60``. A violation is shrunk and
printed with the command that repeats it; the exit status is 1 then.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from traceback import format_exception

from simulation.faults import KINDS
from simulation.plan import Plan, Report
from simulation.running import run_episode
from simulation.scheduling.fixed_hashes import require_fixed_hashes
from simulation.shrinking import command_of, shrunken

_LONGEST_FOUND = 3_000


def main(arguments: Sequence[str]) -> int:
    """Run what the arguments ask for, print what was done, and return the exit status."""
    asked = _parsed(arguments)
    began, commands, events, steps, images = time.monotonic(), 0, 0, 0, 0
    faults: Counter[str] = Counter()
    seed = asked.seed
    for seed in _seeds(asked, began):
        report = run_episode(Plan(seed, asked.commands, asked.without))
        commands, events = commands + report.commands, events + report.events
        steps, images = steps + report.steps, images + report.images
        faults.update(report.faults)
        if asked.verbose:
            print(_line(report), flush=True)
        if report.violation is not None:
            print(_violation(report, steps), flush=True)
            if not asked.unshrunken:
                _tell(shrunken(report))
            return 1
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in faults.most_common())
    print(
        f"seeds {asked.seed} to {seed}: {commands:,} commands, {events:,} events, {steps:,} steps, "
        f"{images:,} images of power cuts, {faults.total():,} faults ({kinds}), no violation, "
        f"{time.monotonic() - began:,.0f} s"
    )
    return 0


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m simulation", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the first episode")
    parser.add_argument("--episodes", type=int, default=1, help="how many seeds, one after another")
    parser.add_argument("--minutes", type=float, help="go on with further seeds for so long")
    parser.add_argument("--commands", type=int, default=400, help="of one episode")
    parser.add_argument(
        "--without", type=lambda text: tuple(text.split(",")), default=(),
        help=f"kinds of faults to leave out: {', '.join(KINDS)}",
    )
    parser.add_argument("--verbose", action="store_true", help="print a line for each episode")
    parser.add_argument("--unshrunken", action="store_true", help="do not shrink a violation")
    return parser.parse_args(arguments)


def _seeds(asked: argparse.Namespace, began: float) -> Iterator[int]:
    seed = asked.seed
    while True:
        yield seed
        seed += 1
        if asked.minutes is None:
            if seed >= asked.seed + asked.episodes:
                return
        elif time.monotonic() - began >= asked.minutes * 60:
            return


def _line(report: Report) -> str:
    faults = " ".join(f"{kind}={count}" for kind, count in sorted(report.faults.items()))
    return (
        f"seed={report.plan.seed} commands={report.commands} events={report.events} "
        f"steps={report.steps} switches={report.switches} virtual={report.seconds:.0f}s "
        f"digest={report.digest} {faults}"
    )


def _violation(report: Report, steps: int) -> str:
    found = report.violation
    assert found is not None
    return (
        f"violation: seed={report.plan.seed} step={steps} check={found.check}: "
        f"{found.found[:_LONGEST_FOUND]}"
    )


def _tell(report: Report) -> None:
    assert report.violation is not None
    print(f"{_violation(report, report.steps)}\nrepeat it: {command_of(report.plan)}")
    print("".join(format_exception(report.violation)))


if __name__ == "__main__":
    require_fixed_hashes()
    sys.exit(main(sys.argv[1:]))
