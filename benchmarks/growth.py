"""What everything costs in a shop of a year, and how that grows with its log.

Run with ``python -m benchmarks.growth [--events N ...] [--only PART ...] [--keep FOLDER]``. At
each size a :mod:`benchmarks.busy_shop` is submitted to a SQLite ledger; then every question, page,
kind of command and operation is measured in it by processor time, and by memory where a process of
its own does it. The last column is the cost at the largest size as a multiple of that at the next
smaller one: at most 2 for what should not grow; what touches a whole log or every item grows with
them, and is marked so. What takes more than the :data:`MOST_MS` of its part is marked too. Then an
item for which ever more lines wait (:mod:`benchmarks.hot_item`). ``--keep`` makes ledgers once and
takes them again the next time. A million events take some 20 minutes in all.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import hot_item
from benchmarks.growth_of.command_kinds import GENERAL, measured_commands
from benchmarks.growth_of.costs import Cost
from benchmarks.growth_of.ledgers import GrownLedger, grown_ledger
from benchmarks.growth_of.operations import measured_operations
from benchmarks.growth_of.pages import measured_pages
from benchmarks.growth_of.programs import LISTED_WHOLE, measured_programs
from benchmarks.growth_of.questions import GROWS, measured_questions
from benchmarks.growth_of.subjects import Subjects, subjects_of
from stocktrail.ledger.store import open_ledger
from stocktrail.projections import ReadModels

EVENTS = (10_000, 100_000, 1_000_000)
MOST_GROWTH = 2.0
MOST_MS = {"questions": 300.0, "pages": 300.0, "programs": 1_000.0}
"""What anything of a part takes at most at a million events; a program, with its start."""

WORTH_A_WORD_MS = 5.0
"""What costs less than this at the largest size is not called grown: it drowns in noise."""

Measured = Iterator[tuple[str, Cost]]
Part = Callable[[GrownLedger, Subjects, Path], Measured]


def _questions(ledger: GrownLedger, subjects: Subjects, folder: Path) -> Measured:
    with open_ledger(ledger.url) as opened:
        yield from measured_questions(ReadModels(opened), subjects)


def _pages(ledger: GrownLedger, subjects: Subjects, folder: Path) -> Measured:
    yield from measured_pages(ledger, subjects)


def _programs(ledger: GrownLedger, subjects: Subjects, folder: Path) -> Measured:
    yield from measured_programs(ledger, subjects)


def _commands(ledger: GrownLedger, subjects: Subjects, folder: Path) -> Measured:
    copy = ledger.copy(folder)
    with open_ledger(copy.url) as opened:
        yield from measured_commands(opened, subjects)
    copy.path.unlink()


def _operations(ledger: GrownLedger, subjects: Subjects, folder: Path) -> Measured:
    if ledger.submitted is not None:
        yield "submit", ledger.submitted
    yield from measured_operations(ledger, folder)


PARTS: dict[str, Part] = {
    "questions": _questions, "pages": _pages, "programs": _programs, "commands": _commands,
    "operations": _operations,
}
"""What is measured, by the name that ``--only`` knows."""


def is_linear(part: str, name: str) -> bool:
    """Return whether something may grow with the log, or with the items that it is about."""
    return (
        part == "operations" or (part == "questions" and name.split()[0] in GROWS)
        or name.startswith(tuple(each for each, _ in GENERAL)) or name in LISTED_WHOLE
    )


ABOUT_OPEN_LINES = (
    "backorders", "overview", "flow", "promise", "explain-promise", "stock-chart",
    "GET /view/backorders", "GET /view/items/{hot}", "GET / ",
)
"""Questions and pages that look at every open line, now or at a moment, begin so."""


def judged(part: str, name: str, costs: Sequence[Cost], open_lines: float = 1.0) -> str:
    """Return the growth from the last size but one to the last, and what to think of it.

    ``open_lines`` is how many times as many lines are open at the last size: what is about them may
    grow as much.

    >>> judged("pages", "GET /healthz", [Cost(10), Cost(30)])
    '3.0 GROWS'
    >>> judged("questions", "overview", [Cost(10), Cost(30)], open_lines=4.0)
    '3.0 open lines'
    """
    last, before = costs[-1].milliseconds, costs[-2].milliseconds if len(costs) > 1 else 0.0
    if not before:
        return ""
    ratio = last / before
    if is_linear(part, name):
        return f"{ratio:.1f} linear"
    words = [f"{ratio:.1f}"]
    if ratio > MOST_GROWTH and last >= WORTH_A_WORD_MS:
        is_as_open = f"{name} ".startswith(ABOUT_OPEN_LINES) and ratio <= open_lines
        words.append("open lines" if is_as_open else "GROWS")
    if last > MOST_MS.get(part, last):
        words.append("SLOW")
    return " ".join(words)


def _growth_of(subjects: Sequence[Subjects]) -> float:
    """Return how many times as many lines are open at the last size as at the one before."""
    if len(subjects) < 2:
        return 1.0
    return float(subjects[-1]["open_lines"] / subjects[-2]["open_lines"])


def _cell(cost: Cost) -> str:
    memory = "" if cost.mebibytes is None else f" {cost.mebibytes:.0f}M"
    return f"{cost.milliseconds:,.1f}{memory}"


def _print_table(
    part: str, sizes: Sequence[int], rows: dict[str, list[Cost]], open_lines: float
) -> None:
    heads = "".join(f"{size:>18,}" for size in sizes)
    print(f"{part + ', ms of processor':76}{heads}  growth")
    for name, costs in rows.items():
        cells = "".join(f"{_cell(cost):>18}" for cost in costs)
        print(f"{name:76}{cells}  {judged(part, name, costs, open_lines)}")
    print(flush=True)


def main(arguments: Sequence[str] = ()) -> None:
    """Measure, and print a table for each part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=EVENTS)
    parser.add_argument("--only", choices=[*PARTS], nargs="+", default=[*PARTS])
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args(list(arguments))
    sizes = sorted(asked.events)
    with TemporaryDirectory() as scratch, nullcontext(asked.keep or Path(scratch)) as folder:
        folder.mkdir(parents=True, exist_ok=True)
        ledgers = [grown_ledger(folder, size) for size in sizes]
        found: dict[int, Subjects] = {}
        for ledger in ledgers:
            with open_ledger(ledger.url) as opened:
                found[ledger.events] = subjects_of(opened)
            lines = found[ledger.events]["open_lines"]
            print(f"{ledger.events:,} events, {lines:,} open lines.", file=sys.stderr, flush=True)
        for part in asked.only:
            rows: dict[str, list[Cost]] = {}
            for ledger in ledgers:
                for name, cost in PARTS[part](ledger, found[ledger.events], Path(scratch)):
                    rows.setdefault(name, []).append(cost)
            _print_table(part, sizes, rows, _growth_of([found[size] for size in sizes]))
    if asked.only == [*PARTS]:
        hot_item.main()


if __name__ == "__main__":
    main(sys.argv[1:])
