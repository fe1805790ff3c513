"""One line a run: all its figures with where and how they were measured, as JSON."""

import json
import platform
import re
import subprocess
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.performance.counting import Measurement, Way
from benchmarks.performance.figures import BARE_ROW

ACCEPTED = Path(__file__).parents[1] / "accepted.jsonl"
"""The lines of the runs that were accepted, the last one last."""


class RunLine(NamedTuple):
    """The figures of one run; ``ratios`` are by their names."""

    date: str
    commit: str
    machine: str
    python: str
    way: Way
    figures: Mapping[str, Measurement]

    def as_json(self) -> str:
        """Return the line, without its end."""
        return json.dumps({
            "date": self.date, "commit": self.commit, "machine": self.machine,
            "python": self.python, "counted_in": self.way, "against": BARE_ROW.name,
            "figures": {
                name: {"ratio": round(found.ratio, 3), "each": round(found.each, 2)}
                for name, found in self.figures.items()
            },
        })

    @classmethod
    def of_json(cls, line: str) -> "RunLine":
        """Return the run of a line."""
        found: dict[str, Any] = json.loads(line)
        return cls(
            found["date"], found["commit"], found["machine"], found["python"], found["counted_in"],
            {name: Measurement(each["each"], each["ratio"])
             for name, each in found["figures"].items()},
        )


def this_run(way: Way, figures: Iterable[tuple[str, Measurement]]) -> RunLine:
    """Return the run that has just ended, of what is checked out here, on this machine."""
    return RunLine(
        datetime.now(UTC).isoformat(timespec="seconds"), _commit(), machine(),
        platform.python_version(), way, dict(figures),
    )


def machine() -> str:
    """Return the kind of processor, and how many of them there are."""
    try:
        known = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        known = ""
    name = re.search(r"model name\s*:\s*(.*)", known)
    called = name[1].strip() if name else platform.processor() or "unknown processor"
    return f"{platform.system()} {platform.machine()}, {called}"


def _commit() -> str:
    """Return the commit that is checked out, with a + where files were changed since."""
    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=ACCEPTED.parent, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    changed = "+" if git("status", "--porcelain", "--untracked-files=no") else ""
    return (git("rev-parse", "--short", "HEAD") or "unknown") + changed


def accepted_runs(path: Path = ACCEPTED) -> list[RunLine]:
    """Return the runs that were accepted, the last one last."""
    if not path.exists():
        return []
    return [RunLine.of_json(line) for line in path.read_text(encoding="utf-8").splitlines()]


def accept(run: RunLine, path: Path = ACCEPTED) -> None:
    """Append a run to those that were accepted."""
    with path.open("a", encoding="utf-8") as lines:
        lines.write(run.as_json() + "\n")
