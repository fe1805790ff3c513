"""The screen: sentences, headings and tables for people, on stdout.

The library that draws is imported at the first output, so that JSON and errors do not wait for it.
"""

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from stocktrail.interfaces.cli.narrow_rows import folded_row
from stocktrail.interfaces.cli.table_layout import Cell, Part, TableLayout
from stocktrail.interfaces.cli.wording import plain, written

if TYPE_CHECKING:
    from rich.console import Console

Report = Mapping[str, Any]
"""The answer of a question, as its table shows it."""

MEASURED_ROWS = 1000
"""How many rows of a table are held to find how wide its columns are."""

_PLAIN_WIDTH = 120


class Screen:
    """The output for people, with colours or without."""

    def __init__(self, *, color: bool = True) -> None:
        self._color = color

    @cached_property
    def _console(self) -> "Console":
        from rich.console import Console

        return Console(
            file=sys.stdout, highlight=False, markup=False, emoji=False,
            no_color=None if self._color else True,
            width=None if self._has_width else _PLAIN_WIDTH,
        )

    @property
    def _has_width(self) -> bool:
        """Whether it is known how wide the screen is: it is none that a file or a program reads."""
        return sys.stdout.isatty() or bool(os.environ.get("COLUMNS"))

    def say(self, *sentences: str) -> None:
        """Write sentences, each on a line of its own."""
        for sentence in sentences:
            self._console.print(plain(sentence))

    def heading(self, text: str) -> None:
        """Write a heading after an empty line."""
        from rich.text import Text

        self._console.print()
        self._console.print(Text(plain(text), style="bold"))

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Draw a table row by row, and fold what is too wide for the screen.

        ``#`` before a heading marks a column of numbers, ``~`` one of prose, which is folded first.
        Negative numbers are red. The widths are those of the first rows, so that of a long table
        the first row is seen before the last one is read. Where they do not fit on the screen even
        so, each row is a sentence.
        """
        following = ([Cell(written(value), _is_negative(value)) for value in row] for row in rows)
        first = list(islice(following, MEASURED_ROWS))
        layout = TableLayout(columns, first, self._console)
        if self._has_width and layout.is_too_wide:
            for row in chain(first, following):
                for line in folded_row(layout.names, [cell.text for cell in row], self._console):
                    self._console.file.write(f"{line}\n")
            return
        for parts in layout.head():
            self._line(parts, heading=True)
        self._line([(layout.rule(), False)])
        for row in chain(first, following):
            for parts in layout.lines(row):
                self._line(parts)

    def _line(self, parts: Sequence[Part], *, heading: bool = False) -> None:
        """Write a line of a table; where nothing is styled, the library is left out.

        It takes 0.15 ms a line of processor (2026-11-30).
        """
        if self._console.color_system is None:
            self._console.file.write("".join(text for text, _ in parts) + "\n")
            return
        from rich.text import Text

        line = Text(style="bold" if heading else "")
        for text, is_negative in parts:
            line.append(text, "red" if is_negative else None)
        self._console.print(line, soft_wrap=True)

    def commands(self, listed: Sequence[tuple[str, str]]) -> None:
        """List commands to type with what they show; long commands are not wrapped."""
        for command, what in listed:
            self._console.print(f"  {plain(command)}", soft_wrap=True, style="cyan")
            self._console.print(f"      {plain(what)}", soft_wrap=True)


Show = Callable[[Screen, Report], None]
"""Shows an answer to people."""


def _is_negative(value: Any) -> bool:
    return isinstance(value, (int, float)) and value < 0
