"""The table of ``docs/reliability.md``, which the soak itself writes."""

from collections.abc import Iterable
from pathlib import Path

from tests.reliability.progress import SoakState, TrialProgress, replace_file
from tests.reliability.trial import ReliabilityTrial

BEGIN, END = "<!-- written by make soak -->", "<!-- end of what make soak writes -->"
SHOWN = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def write_table(page: Path, trials: Iterable[ReliabilityTrial], state: SoakState) -> None:
    """Put the table of what was done between its two markers."""
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    replace_file(page, f"{before}{BEGIN}\n{table_of(trials, state)}{END}{after}")


def table_of(trials: Iterable[ReliabilityTrial], state: SoakState) -> str:
    """Return the table: a row a trial, and beneath it the machines on which it ran."""
    rows = [
        "| | Fault or load | Done | Violations | From | To | Commit |",
        "|---|---|---|---|---|---|---|",
    ]
    machines: set[str] = set()
    seconds = 0.0
    for trial in trials:
        all_progress = [(name, state.of(trial, name)) for name in trial.databases]
        machines |= {each.machine for _, each in all_progress if each.machine}
        seconds += sum(each.seconds for _, each in all_progress)
        done = "; ".join(
            (f"{SHOWN[name]} " if len(all_progress) > 1 else "")
            + f"{each.done:,} of {trial.to_reach:,}"
            for name, each in all_progress
        )
        begun = [each for _, each in all_progress if each.first_date]
        rows.append("| " + " | ".join([
            trial.number, trial.title, f"{done} {trial.unit}", _violations(all_progress),
            min((each.first_date[:10] for each in begun), default=""),
            max((each.last_date[:10] for each in begun), default=""),
            max(begun, key=lambda each: each.last_date).commit if begun else "",
        ]) + " |")
    ran = f"{seconds / 3600:.1f} hours of rounds"
    where = f", on {' and on '.join(sorted(machines))}" if machines else ""
    return "\n".join(rows) + f"\n\nSo far {ran}{where}.\n"


def _violations(all_progress: Iterable[tuple[str, TrialProgress]]) -> str:
    found = [each for _, progress in all_progress for each in progress.violations]
    mended = sum(each.holds_at is not None for each in found)
    return f"{len(found)}, {mended} of them mended" if mended else str(len(found))
