"""How far the trials have come: a file that is whole at every moment, so that a soak goes on."""

import os
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from tests.reliability.named_points import DatabaseName
from tests.reliability.trial import ReliabilityTrial


@dataclass
class SoakViolation:
    """Something that did not hold: the seed that shows it, when, at which commit, and the words.

    ``holds_at`` names the commit at which the same seed was played again, and all held.
    """

    seed: int
    date: str
    commit: str
    said: str
    holds_at: str | None = None


@dataclass
class TrialProgress:
    """What one trial has done on one database. ``seconds`` of the clock on the wall."""

    done: int = 0
    rounds: int = 0
    next_seed: int = 1
    seconds: float = 0.0
    first_date: str = ""
    last_date: str = ""
    commit: str = ""
    machine: str = ""
    violations: list[SoakViolation] = field(default_factory=list)


class SoakState:
    """The progress of all trials, kept in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._kept: dict[str, dict[str, TrialProgress]] = {}
        if file.exists():
            self._kept = msgspec.json.decode(
                file.read_bytes(), type=dict[str, dict[str, TrialProgress]]
            )

    def of(self, trial: ReliabilityTrial, database: DatabaseName) -> TrialProgress:
        """Return the progress of a trial on a database."""
        return self._kept.setdefault(trial.number, {}).setdefault(database, TrialProgress())

    def save(self) -> None:
        """Write all of it, so that whoever is killed meanwhile leaves the file as it was."""
        written = msgspec.json.format(msgspec.json.encode(self._kept), indent=1)
        replace_file(self._file, written.decode() + "\n")


def replace_file(file: Path, text: str) -> None:
    """Write a file in one step: it holds what it held, or all of the new text."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    with beside.open("w") as writing:
        writing.write(text)
        writing.flush()
        os.fsync(writing.fileno())
    beside.replace(file)
