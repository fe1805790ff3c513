"""What is done with a whole ledger: these grow with the log, and their cost is stated an event."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.growth_of.costs import Cost, cost_of_program
from benchmarks.growth_of.ledgers import GrownLedger


def measured_operations(ledger: GrownLedger, folder: Path) -> Iterator[tuple[str, Cost]]:
    """Measure what reads or writes all of a copy of a ledger, each in a process of its own."""
    copy = ledger.copy(folder)
    exported, other = folder / "exported.jsonl", folder / "imported.db"
    for path in (exported, other):
        path.unlink(missing_ok=True)
    at = ["--database", copy.url]
    yield "verify", cost_of_program(["verify", *at])
    yield "rebuild", cost_of_program(["rebuild", *at])
    yield "export", cost_of_program(["export", str(exported), *at])
    yield "import", cost_of_program(["import", str(exported), "--database", f"sqlite:///{other}"])
    exported.unlink()
    other.unlink()
    copy.path.unlink()
