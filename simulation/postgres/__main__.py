"""Play seeded episodes on a real PostgreSQL behind an unreliable network.

``python -m simulation.postgres --seed 1 --episodes 100`` or ``--minutes 60``. A violation is
printed with the command that repeats it; the exit status is 1 then.
"""

import argparse
import logging
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import count

from simulation.postgres.episode import PostgresReport, episode_on
from tests.postgres_server import PostgresServer

STEPS = 40


def main(arguments: Sequence[str]) -> None:
    """Run what the arguments ask for, and print what was done."""
    asked = _parsed(arguments)
    logging.disable(logging.CRITICAL)
    play(_seeds(asked), asked.steps)


def play(seeds: Iterator[int], steps: int) -> None:
    """Play an episode for each seed on one server; whatever is raised is a violation."""
    began = time.monotonic()
    total: PostgresReport | None = None
    with PostgresServer() as server:
        for seed in seeds:
            try:
                report = episode_on(seed, server, steps=steps)
            except Exception:
                print(f"violation: seed={seed}", flush=True)
                print(f"repeat it: python -m simulation.postgres --seed {seed} --steps {steps}")
                raise
            total = report if total is None else total + report
            print(_line(report), flush=True)
    if total is not None:
        print(f"{_line(total)}, no violation, {time.monotonic() - began:,.0f} s")


def _line(report: PostgresReport) -> str:
    kinds = ", ".join(f"{times:,} {fault}" for fault, times in report.faults.most_common())
    return (
        f"seed {report.seed}: {report.commands:,} commands, {report.recorded:,} recorded, "
        f"{report.errors.total():,} errors, {report.crashes:,} crashes of the server, "
        f"{report.faults.total():,} faults ({kinds}) {report.digest[:8]}"
    ).rstrip()


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m simulation.postgres", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the first episode")
    parser.add_argument("--episodes", type=int, default=1, help="how many seeds, one after another")
    parser.add_argument("--minutes", type=float, help="go on with further seeds for so long")
    parser.add_argument("--steps", type=int, default=STEPS, help="of one episode")
    return parser.parse_args(arguments)


def _seeds(asked: argparse.Namespace) -> Iterator[int]:
    if asked.minutes is None:
        yield from range(asked.seed, asked.seed + asked.episodes)
        return
    until = time.monotonic() + 60 * asked.minutes
    for seed in count(asked.seed):
        if time.monotonic() >= until:
            return
        yield seed


if __name__ == "__main__":
    main(sys.argv[1:])
