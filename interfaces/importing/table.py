"""Tables: the rows of a file, whatever it is written in, numbered as a spreadsheet numbers them."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from stocktrail.interfaces.importing.bad_file import BadFile
from stocktrail.interfaces.importing.cells import Cell

MOST_BYTES = 64 * 1024 * 1024
"""The largest file that is read."""

MOST_ROWS = 200_000
"""The most rows that are read of a file."""

MOST_COLUMNS = 2_000
"""The most cells that a row may have."""


class TableRow(NamedTuple):
    """A row of a table; ``number`` is its place in a spreadsheet, whose first row is 1.

    ``error`` says why the row could not be read, if it could not.
    """

    number: int
    cells: tuple[Cell, ...] = ()
    error: str | None = None

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in it, and nothing is wrong with it."""
        return self.error is None and not any(
            cell.strip() if isinstance(cell, str) else True for cell in self.cells
        )


class ImportedTable:
    """The rows of a file, read from its first to its last as often as they are asked for.

    ``told`` says what was found out about it. ``delimiter`` is ``None`` for a workbook;
    ``is_whole`` says that the last row has an end, so that it was not cut off.
    """

    def __init__(
        self, name: str, told: str, read: Callable[[], Iterator[TableRow]],
        delimiter: str | None = None, *, is_whole: bool = True, keeps_rows: bool = False,
    ) -> None:
        self.name = name
        self.told = told
        self.delimiter = delimiter
        self.is_whole = is_whole
        self._read = read
        self._keeps_rows = keeps_rows
        self._kept: list[TableRow] | None = None

    def rows(self) -> Iterator[TableRow]:
        """Return the rows that are not blank; refuses too many of them, and too wide ones.

        A table that takes long to read ``keeps_rows`` for the next time.
        """
        if not self._keeps_rows:
            return self._checked_rows()
        if self._kept is None:
            self._kept = list(self._checked_rows())
        return iter(self._kept)

    def _checked_rows(self) -> Iterator[TableRow]:
        found = 0
        for row in self._read():
            if row.is_blank:
                continue
            found += 1
            if found > MOST_ROWS:
                raise BadFile(
                    "too_many_rows",
                    f"{self.name} has more than {MOST_ROWS:,} rows. Split it, and import the parts "
                    "one after the other.",
                )
            if len(row.cells) > MOST_COLUMNS:
                raise BadFile(
                    "too_many_columns",
                    f"Row {row.number:,} of {self.name} has {len(row.cells):,} cells; at most "
                    f"{MOST_COLUMNS:,} are read.",
                )
            yield row
