"""Simulate writers on a real PostgreSQL whose network a seed makes unreliable.

``python -m simulation.postgres --seed 1 --episodes 100`` or ``--minutes 60``. A violation is
printed with its seed; the exit status is 1 then.
"""

import argparse
import sys
import time
from collections.abc import Sequence

from simulation.postgres.episode import PostgresReport, episode_on
from tests.postgres_server import PostgresServer


def main(arguments: Sequence[str]) -> int:
    """Run episodes, print what was done, and return the exit status."""
    parser = argparse.ArgumentParser("python -m simulation.postgres", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the first episode")
    parser.add_argument("--episodes", type=int, default=1, help="how many seeds, one after another")
    parser.add_argument("--minutes", type=float, help="go on with further seeds for so long")
    asked = parser.parse_args(arguments)
    began, seed, total = time.monotonic(), asked.seed, PostgresReport(asked.seed)
    with PostgresServer() as server:
        while True:
            try:
                total += episode_on(seed, server)
            except Exception as error:
                said = " ".join(str(error).split()) or "no words"
                print(
                    f"violation: seed={seed} step={total.steps} check={type(error).__name__}: "
                    f"{said}", flush=True,
                )
                raise
            seed += 1
            if asked.minutes is None and seed >= asked.seed + asked.episodes:
                break
            if asked.minutes is not None and time.monotonic() - began >= asked.minutes * 60:
                break
    print(
        f"seeds {asked.seed} to {seed - 1}: {total.commands:,} commands, {total.steps:,} steps, "
        f"{total.faults.total():,} faults, {total.crashes:,} crashes of the server, no violation, "
        f"{time.monotonic() - began:,.0f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
