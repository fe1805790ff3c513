"""Units: the rows of a script that are recorded together or not at all.

Consecutive rows with the same ``group`` are one unit, every other row is one by itself, and in an
atomic run all rows are one.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from stocktrail.commands.scripts.reading import Row

Mode = Literal["continue", "stop", "atomic"]

MAX_GROUP = 10_000
"""Rows that a group, or an atomic run, may hold."""

Errors = tuple[dict[str, str], ...]


class Group(NamedTuple):
    """Rows that are recorded together or not at all.

    A group that is too large comes out in pieces, so that a script of any length runs in bounded
    memory: ``too_large`` is the row that was one too many, in the piece that ends with it and in
    those after it.
    """

    rows: Sequence[Row]
    too_large: Row | None = None

    def bad_rows(self) -> dict[int, Errors]:
        """Return the rows that can never be right, by their place in the unit."""
        bad = {at: row.errors for at, row in enumerate(self.rows) if row.command is None}
        if self.too_large is not None and self.rows[-1] is self.too_large:
            bad[len(self.rows) - 1] = ({
                "pointer": "/group", "code": "group_too_large",
                "message": f"A group, or an atomic run, holds at most {MAX_GROUP:,} rows.",
            },)
        return bad

    def failed_line(self) -> int | None:
        """Return the line because of which nothing of the unit can be recorded, if there is one."""
        if self.too_large is not None:
            return self.too_large.line
        for row in self.rows:
            if row.command is None:
                return row.line
        return None


def units_of(rows: Iterable[Sequence[Row]], mode: Mode) -> Iterator[list[Group]]:
    """Gather rows into units, and units into lists that are recorded in one commit.

    A group stays open until a row of another comes, or the end. A line that cannot be read right
    after a row of a group is taken for one of it: its last line may have been cut off.
    """
    first: Row | None = None
    group: list[Row] = []
    too_large: Row | None = None
    for chunk in rows:
        units: list[Group] = []
        for row in chunk:
            if first is None or not _belongs(row, first, mode):
                if group:
                    units.append(Group(group, too_large))
                    group = []
                too_large = None
                first = row if mode == "atomic" or row.group is not None else None
            if first is None:
                units.append(Group([row]))
                continue
            group.append(row)
            if len(group) > MAX_GROUP and too_large is None:
                too_large = row
                units.append(Group(group, too_large))
                group = []
        if too_large is not None and group:
            units.append(Group(group, too_large))
            group = []
        if units:
            yield units
    if group:
        yield [Group(group)]


def _belongs(row: Row, first: Row, mode: Mode) -> bool:
    return mode == "atomic" or row.torn or (row.group is not None and row.group == first.group)
