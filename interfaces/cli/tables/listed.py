"""Lists as people see them at a terminal: one row a line, what it adds up to, how to go on."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stocktrail.interfaces.cli.screen import Report, Screen, Show
from stocktrail.interfaces.cli.tables.more import say_how_to_go_on
from stocktrail.interfaces.cli.wording import count_of


def list_table(what: tuple[str, str], columns: Mapping[str, str]) -> Show:
    """Return what shows a list: what a row is, one and many, and the headings of its columns.

    Headings are marked as :meth:`Screen.table` says. Where other columns were chosen, those are
    shown, under their names.
    """
    one, many = what

    def show(screen: Screen, report: Report) -> None:
        rows = report["rows"]
        if not rows:
            screen.say(f"No {one} is found.")
            return
        first = next(iter(rows))
        names = list(columns) if columns.keys() <= first.keys() else list(first)
        screen.table(
            [columns.get(name, name.replace("_", " ")) for name in names],
            _lines(report, names),
        )
        found = count_of(len(rows), report["total"], one, many)
        screen.say("", f"{found}{_of_which(report)}.")
        say_how_to_go_on(screen, report)

    return show


def _lines(report: Report, names: Sequence[str]) -> Iterator[list[Any]]:
    """Yield the rows, and what columns add up to where any is shown."""
    for row in report["rows"]:
        yield [row[name] for name in names]
    totals = report["totals"]
    if any(name in totals for name in names):
        yield [totals.get(names[0], "all"), *(totals.get(name) for name in names[1:])]


def _of_which(report: Report) -> str:
    counted = [
        f"{number:,} {name.replace('_', ' ')}" for name, number in report["facets"].items()
        if number
    ]
    return f": {', '.join(counted)}" if counted else ""
