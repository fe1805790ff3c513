"""Run the trials in turns, and go on where the last run was: ``make soak``.

Run as ``python -m tests.reliability.soak [R1 R3 ...] [--minutes M]``. Whoever had the least time so
far comes next, so that each gets its share. With ``--seed`` one round is played once more, to see
whether what did not hold holds now.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.reliability.databases import FreshDatabases
from tests.reliability.named_points import DatabaseName
from tests.reliability.page import write_table
from tests.reliability.progress import SoakState, SoakViolation
from tests.reliability.register import TRIALS
from tests.reliability.rounds import RoundResult, play_round
from tests.reliability.trial import BOTH, ReliabilityTrial

ROOT = Path(__file__).parents[2]


class Soak:
    """A run of trials, with the file that says how far they are and the page that shows it."""

    def __init__(
        self, trials: Sequence[ReliabilityTrial], databases: Sequence[DatabaseName], state: Path,
        page: Path,
    ) -> None:
        self._waiting = [
            (trial, name) for trial in trials for name in trial.databases if name in databases
        ]
        self._state = SoakState(state)
        self._page = page
        self._commit = _commit()

    def run(self, minutes: float | None) -> bool:
        """Play rounds until all is done or the time is over; return whether all held.

        A trial in which something did not hold rests until the next run.
        """
        until = time.monotonic() + 60 * (minutes if minutes is not None else float("inf"))
        held = True
        with FreshDatabases() as databases:
            while time.monotonic() < until and (next_up := self._next()):
                trial, name = next_up
                seed = self._state.of(trial, name).next_seed
                result = play_round(databases, trial, name, seed)
                if self._note(trial, name, seed, result) is not None:
                    held = False
                    self._waiting.remove(next_up)
        self.write()
        return held

    def repeat(self, seed: int) -> bool:
        """Play the round of one seed again, note it if it holds now, and return whether it did."""
        held = True
        with FreshDatabases() as databases:
            for trial, name in self._waiting:
                result = play_round(databases, trial, name, seed)
                print(result.said or f"{trial.number} on {name} with seed {seed}: all held")
                held = held and result.said is None
                for violation in self._state.of(trial, name).violations:
                    if violation.seed == seed:
                        violation.holds_at = self._commit if result.said is None else None
        self.write()
        return held

    def write(self) -> None:
        """Write down how far the trials are, for the next run and for readers."""
        self._state.save()
        write_table(self._page, TRIALS, self._state)

    def _next(self) -> tuple[ReliabilityTrial, DatabaseName] | None:
        """Choose whoever is not done and had the least time so far."""
        unfinished = [
            (trial, name) for trial, name in self._waiting
            if self._state.of(trial, name).done < trial.to_reach
        ]
        return min(unfinished, key=lambda each: self._state.of(*each).seconds, default=None)

    def _note(
        self, trial: ReliabilityTrial, name: DatabaseName, seed: int, result: RoundResult
    ) -> SoakViolation | None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        progress = self._state.of(trial, name)
        progress.done += result.done
        progress.rounds += 1
        progress.next_seed = seed + 1
        progress.seconds += result.seconds
        progress.first_date = progress.first_date or now
        progress.last_date = now
        progress.commit, progress.machine = self._commit, _machine()
        violation = None
        if result.said is not None:
            violation = SoakViolation(seed, now, self._commit, result.said)
            progress.violations.append(violation)
            print(
                f"{trial.number} on {name}: {result.said}\nRepeat it with: python -m "
                f"tests.reliability.soak {trial.number} --database {name} --seed {seed}",
                flush=True,
            )
        else:
            print(
                f"{now} {trial.number} on {name}: {progress.done} of {trial.to_reach} "
                f"{trial.unit}, {result.seconds:.1f} s",
                flush=True,
            )
        self.write()
        return violation


def _commit() -> str:
    told = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True,
        check=False,
    )
    return told.stdout.strip() or "unknown"


def _machine() -> str:
    return (
        f"{platform.system()} {platform.release()} with {os.cpu_count()} processors, "
        f"Python {platform.python_version()}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line and run; return 1 where something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.soak", description=__doc__)
    parser.add_argument("trials", nargs="*", metavar="TRIAL", help="R1, R3 ...; all without")
    parser.add_argument("--minutes", type=float, help="begin no round after so many minutes")
    parser.add_argument("--database", choices=BOTH, help="on this database only")
    parser.add_argument("--seed", type=int, help="play the round of this seed again")
    parser.add_argument("--state", type=Path, default=ROOT / "soak.json")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "reliability.md")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.trials) - {trial.number for trial in TRIALS}:
        parser.error(f"there is no trial {', '.join(sorted(unknown))}")
    chosen = [each for each in TRIALS if not asked.trials or each.number in asked.trials]
    databases = (asked.database,) if asked.database else BOTH
    soak = Soak(chosen, databases, asked.state, asked.page)
    held = soak.run(asked.minutes) if asked.seed is None else soak.repeat(asked.seed)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
