"""Running the simulation in a copy of the tree until it finds a violation or its time is over."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from simulation.mutants.copied_tree import CopiedTree
from simulation.mutants.mutant import Arena

_VIOLATION = re.compile(
    r"^violation: seed=(?P<seed>\S+) step=(?P<step>\d+) check=(?P<check>.+?): (?P<said>.*)$",
    re.MULTILINE,
)
FIRST_SEED = 1
_LONGEST_EPISODE_SECONDS = 300

Command = Callable[[Arena, int, int], Sequence[str]]
"""Returns the command that simulates in an arena, from a seed on, for at most so many seconds."""


def simulation_command(arena: Arena, seed: int, seconds: int) -> Sequence[str]:
    """Return the command that runs seeded episodes from a seed on; only that one in no time."""
    asked = ("--seed", str(seed), "--minutes", f"{seconds / 60:.3f}")
    if arena == "postgresql":
        return (sys.executable, "-m", "simulation.postgres", *asked)
    if arena == "crash images":
        return (sys.executable, "-m", "simulation.disk", *asked)
    return (sys.executable, "-m", "simulation", "--unshrunken", *asked)


class Search(NamedTuple):
    """What came of a search: what was found first, or nothing within the time."""

    seconds: float
    seed: str | None = None
    step: int = 0
    check: str = ""
    said: str = ""

    @property
    def is_found(self) -> bool:
        """Whether there was a violation."""
        return bool(self.check)


def search_changed(
    tree: CopiedTree, file: str, text: str, arena: Arena, seconds: int,
    command: Command = simulation_command,
) -> Search:
    """Simulate with another text of a file, and return the first violation.

    What the same seed finds without the change is no merit of the change: that is an error of the
    program as it is, or of the simulation. Raises ``RuntimeError`` then.
    """
    with tree.changed(file, text):
        searched = search(tree, arena, FIRST_SEED, seconds, command)
    if searched.is_found:
        seed = FIRST_SEED if searched.seed is None else int(searched.seed)
        unchanged = search(tree, arena, seed, 0, command)
        if unchanged.is_found:
            raise RuntimeError(f"without any change, seed {seed} finds: {unchanged.said}")
    return searched


def search(
    tree: CopiedTree, arena: Arena, seed: int, seconds: int, command: Command = simulation_command
) -> Search:
    """Simulate in a copy of the tree from a seed on, and return the first violation.

    A simulation that ends in an error, or that does not end when its time is over, has found one
    too: the program that it runs did something that nobody foresaw.
    """
    began = time.monotonic()
    with subprocess.Popen(
        command(arena, seed, seconds), cwd=tree.root, env=tree.environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    ) as process:
        try:
            said, _ = process.communicate(timeout=seconds + _LONGEST_EPISODE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            said, _ = process.communicate()
            return Search(time.monotonic() - began, check="hang", said="It did not end in time.")
    took = time.monotonic() - began
    found = _VIOLATION.search(said)
    if found is not None:
        return Search(took, found["seed"], int(found["step"]), found["check"], found["said"])
    if process.returncode == 0:
        return Search(took)
    last = said.strip().splitlines()[-1] if said.strip() else ""
    return Search(took, check="error", said=last or f"It ended with status {process.returncode}.")
